"""What the coordinator of a territory says over the sources: corrections, closures, additions, withdrawals.

A supplement is compiled into the next catalogue; the sources' own files are never written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from orientation_catalogue.model import Complement, complement_json

Row = dict[str, Any]

#: The `source` of what a coordinator adds: no import writes it.
LOCAL_SOURCE = "passerelle-local"

#: Fields that a correction may not touch: they say which row it is.
FIXED_FIELDS = frozenset({"source", "id", "structure_id"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Supplement:
    """The coordinator's word, by service id; nothing said means nothing changed."""

    #: Whole rows of local services and of their structures, in the data·inclusion v1 shape.
    services: tuple[Row, ...] = ()
    structures: tuple[Row, ...] = ()
    #: Fields of a service row in the place of the source's; None empties the field.
    corrections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: Fields of a complement over the source's; None empties the field, texts by language are merged.
    complements: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: Closures (`{from, to, reason}`) besides those the source announced.
    closures: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    #: Services left out of the catalogue.
    withdrawn: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse what would make one row pass for another."""
        for service, values in self.corrections.items():
            fixed = sorted(FIXED_FIELDS & set(values))
            if fixed:
                raise ValueError(f"{service}: {fixed[0]} cannot be corrected")

    def apply(self, rows: Iterator[Row]) -> Iterator[Row]:
        """A source's services with the coordinator's word, the withdrawn ones left out."""
        return (self.corrected(row) for row in rows if not self.withdraws(row))

    def withdraws(self, service: Row) -> bool:
        """Whether this service is left out."""
        return service.get("id") in self.withdrawn

    def corrected(self, service: Row) -> Row:
        """The service row with its corrections; the same row when there is none."""
        values = self.corrections.get(str(service.get("id")))
        return {**service, **values} if values else service

    def source_values(self, service: Row) -> Row:
        """What the source says in the fields that are corrected: kept beside the row, to show where a value is from."""
        values = self.corrections.get(str(service.get("id"))) or {}
        return {name: service.get(name) for name, value in values.items() if service.get(name) != value}

    def complemented(self, service_id: str, source: Complement) -> Complement:
        """The source's complement with the coordinator's over it. Raises ValueError("field: problem")."""
        said, closures = self.complements.get(service_id, {}), self.closures.get(service_id, ())
        if not said and not closures:
            return source
        merged = complement_json(source)
        for name, value in said.items():
            merged[name] = _over(merged.get(name), value)
        if closures:
            merged["closures"] = [*(merged.get("closures") or ()), *closures]
        return Complement.of(merged)

    def as_json(self) -> dict[str, Any]:
        """Plain values, in a stable order."""
        return {
            "services": list(self.services),
            "structures": list(self.structures),
            "corrections": {key: dict(value) for key, value in sorted(self.corrections.items())},
            "complements": {key: dict(value) for key, value in sorted(self.complements.items())},
            "closures": {key: [dict(one) for one in value] for key, value in sorted(self.closures.items())},
            "withdrawn": sorted(self.withdrawn),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read back what `as_json` wrote."""
        return cls(
            services=tuple(value["services"]),
            structures=tuple(value["structures"]),
            corrections=value["corrections"],
            complements=value["complements"],
            closures={key: tuple(given) for key, given in value["closures"].items()},
            withdrawn=frozenset(value["withdrawn"]),
        )


def _over(source: Any, said: Any) -> Any:
    """A field said over the source's: texts by language one by one, anything else whole."""
    if isinstance(source, Mapping) and isinstance(said, Mapping):
        return {key: value for key, value in {**source, **said}.items() if value is not None}
    return said
