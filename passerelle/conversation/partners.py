"""The frontline partner who fills in with a person, or reports what they saw: a role and an organisation, no name."""

from dataclasses import dataclass
from typing import Literal, get_args

#: The kinds of partners; their names are `observe.role.<role>`.
PartnerRole = Literal["pharmacy", "post", "caretaker", "police", "town_hall", "hospital", "association", "other"]
ROLES: tuple[PartnerRole, ...] = get_args(PartnerRole)

#: An organisation's name is cut here.
LONGEST_ORGANISATION = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Partner:
    """All that is kept about a partner."""

    role: str
    organisation: str

    @property
    def is_known(self) -> bool:
        """Whether both are said."""
        return self.role in ROLES and bool(self.organisation)
