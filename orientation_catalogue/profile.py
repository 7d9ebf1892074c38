"""What matching may know of a person: few facts, each of them optional but the needs."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

from data_inclusion.schema import v1

from orientation_catalogue.errors import BadProfile
from orientation_catalogue.hours import PARIS

#: A partner is beside the person; a professional asks without her, and may ask for what only professionals may.
Role = Literal["resident", "partner", "professional"]
ROLES: tuple[Role, ...] = get_args(Role)
LEVELS = frozenset({"U", "C", "N0", "N1", "N2", "N3", "N4"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """The person, as far as told. What is absent is unknown, never "no"."""

    #: INSEE code.
    commune: str | None
    #: Thematiques, the most pressing first.
    needs: tuple[str, ...]
    #: Those of them with a near deadline.
    urgent: frozenset[str] = frozenset()
    #: The person said that they have no address for letters.
    no_address: bool = False
    #: Publics the person is known to belong to.
    publics: frozenset[str] = frozenset()
    age: int | None = None
    level: str | None = None
    language: str = "fr"
    #: The moment of the question, timezone-aware.
    at: datetime.datetime
    role: Role = "resident"

    @classmethod
    def of(cls, value: Any, *, now: datetime.datetime) -> Self:
        """Read the JSON of the `orient` command; raise BadProfile at the first bad field."""
        if not isinstance(value, Mapping):
            raise BadProfile(field="(all)", value=value, problem="not an object")
        unknown = sorted(set(value) - _FIELDS)
        if unknown:
            raise BadProfile(field=unknown[0], value=value[unknown[0]], problem="unknown field")
        return cls(
            commune=_commune(value.get("commune")),
            needs=_needs(value.get("needs")),
            urgent=frozenset(_needs(value.get("urgent") or [], field="urgent")),
            no_address=_boolean("no_address", value.get("no_address")),
            publics=frozenset(_listed("publics", value.get("publics") or (), v1.Public)),
            age=_age(value.get("age")),
            level=_one_of("level", value.get("level"), LEVELS),
            language=str(value.get("language") or "fr"),
            at=_moment(value.get("at"), now),
            role=_role(value.get("role")),
        )

    def as_json(self) -> dict[str, Any]:
        """The profile as plain values, that `of` reads back."""
        return {
            "commune": self.commune,
            "needs": list(self.needs),
            "urgent": sorted(self.urgent),
            "no_address": self.no_address,
            "publics": sorted(self.publics),
            "age": self.age,
            "level": self.level,
            "language": self.language,
            "at": self.at.isoformat(),
            "role": self.role,
        }


_FIELDS = {"commune", "needs", "urgent", "no_address", "publics", "age", "level", "language", "at", "role"}


def _commune(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str) and len(value) == 5:
        return value
    raise BadProfile(field="commune", value=value, problem="not an INSEE code of five characters")


def _needs(value: Any, *, field: str = "needs") -> tuple[str, ...]:
    """Thematiques in the order given, without repetition; a category stands for its leaves."""
    if not isinstance(value, list):
        raise BadProfile(field=field, value=value, problem="not a list")
    leaves = [leaf for need in value for leaf in _leaves(need, field)]
    return tuple(dict.fromkeys(leaves))


def _boolean(field: str, value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    raise BadProfile(field=field, value=value, problem="not true or false")


def _leaves(need: Any, field: str) -> list[str]:
    known = sorted(thematique.value for thematique in v1.Thematique)
    leaves = [leaf for leaf in known if leaf == need or leaf.partition("--")[0] == need]
    if not leaves:
        raise BadProfile(field=field, value=need, problem="not a thematique of data·inclusion v1")
    return leaves


def _listed(field: str, values: Any, allowed: Any) -> list[str]:
    if isinstance(values, str):
        raise BadProfile(field=field, value=values, problem="not a list")
    known = {item.value for item in allowed}
    for value in values:
        if value not in known:
            raise BadProfile(field=field, value=value, problem="not a value of data·inclusion v1")
    return list(values)


def _age(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 120:
        raise BadProfile(field="age", value=value, problem="not a whole number of years from 0 to 120")
    return value


def _one_of(field: str, value: Any, allowed: frozenset[str] | set[str]) -> str | None:
    if value is None:
        return None
    if isinstance(value, str) and value in allowed:
        return value
    raise BadProfile(field=field, value=value, problem=f"not one of {', '.join(sorted(allowed))}")


def _role(value: Any) -> Role:
    given = _one_of("role", value, frozenset(ROLES))
    return next((role for role in ROLES if role == given), "resident")


def _moment(value: Any, now: datetime.datetime) -> datetime.datetime:
    if value is None:
        return now
    try:
        moment = datetime.datetime.fromisoformat(str(value))
    except ValueError as error:
        raise BadProfile(field="at", value=value, problem="not an ISO 8601 date and time") from error
    # A clock time without a zone was written by somebody in France.
    return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)
