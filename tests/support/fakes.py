"""Stand-ins for the clock, the bot and the providers: what the composition root takes in place of the real ones."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from passerelle.conversation.understanding import BotDown, ScoredNeed, Understanding
from passerelle.notices.notice import Notice
from passerelle.safety.check import Kind

#: A Monday morning at ten in Paris: desks are open, SMS may leave.
MONDAY_MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class FixedClock:
    """Shows one moment until a test moves it."""

    moment: datetime = MONDAY_MORNING

    def now(self) -> datetime:
        """The moment chosen."""
        return self.moment

    def advance(self, **span: float) -> None:
        """Move on: `advance(minutes=5)`."""
        self.moment += timedelta(**span)


NOT_UNDERSTOOD = Understanding(
    intent="out_of_scope", confidence=0.2, entities=(), needs=(), action="action_not_understood"
)


@dataclass
class FakeBot:
    """Understands the texts it was told, and no other."""

    down: bool = False
    asked: list[str] = field(default_factory=list)
    _known: dict[str, Understanding] = field(default_factory=dict)

    def tell(
        self,
        text: str,
        *,
        needs: Sequence[str] = (),
        entities: Sequence[str] = (),
        intent: str = "tell_situation",
        action: str = "action_add_needs",
        danger: Kind = "none",
        medical: bool = False,
    ) -> None:
        """Teach it one message."""
        self._known[text] = Understanding(
            intent=intent,
            confidence=0.9,
            entities=tuple({"entity": name, "value": "", "start": 0, "end": 1} for name in entities),
            needs=tuple(ScoredNeed(thematique=need, score=0.9) for need in needs),
            action=action,
            danger=danger,
            medical=medical,
        )

    def understand(self, text: str, language: str, slots: dict[str, str | None]) -> Understanding:
        """What was taught, else nothing; BotDown while it is down."""
        self.asked.append(text)
        if self.down:
            raise BotDown(what="made to be")
        return self._known.get(text, NOT_UNDERSTOOD)


@dataclass
class FakeSender:
    """A provider that remembers what it took, and fails in the order it was asked to."""

    taken: list[Notice] = field(default_factory=list)
    _failures: deque[Exception | None] = field(default_factory=deque)

    def fail_next(self, *failures: Exception | None) -> None:
        """The next attempts fail so; None lets one through."""
        self._failures.extend(failures)

    def send(self, notice: Notice) -> tuple[str, int]:
        """Take the notice, or raise the failure that was ordered."""
        failure = self._failures.popleft() if self._failures else None
        if failure is not None:
            raise failure
        self.taken.append(notice)
        return f"SM{len(self.taken):032d}", 1

    @property
    def texts(self) -> list[str]:
        """The words it took, in order."""
        return [notice.text for notice in self.taken]
