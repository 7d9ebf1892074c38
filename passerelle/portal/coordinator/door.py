"""The coordinators' door: one code per person, kept in the configuration, whose name signs every change."""

from passerelle.portal.forms import Form
from passerelle.portal.team import TeamDoor, TeamSession, TeamSessionOver


class CoordinatorSessionOver(TeamSessionOver):
    """The coordinator's session is over."""


class CoordinatorDoor(TeamDoor):
    """Opens the register to who has a coordinator's code; a team's code opens nothing here."""

    def session_of(self, cookie: str | None) -> TeamSession:
        """The session of a cookie. Raises CoordinatorSessionOver."""
        try:
            return super().session_of(cookie)
        except TeamSessionOver:
            raise CoordinatorSessionOver from None

    def posted(self, cookie: str | None, form: Form) -> TeamSession:
        """The session of a form of ours. Raises CoordinatorSessionOver."""
        try:
            return super().posted(cookie, form)
        except TeamSessionOver:
            raise CoordinatorSessionOver from None
