"""The question waiting for an answer. Each outgoing question carries its identity, so an old answer is recognised."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal, Self

from passerelle.foundation.crypto import KeyStore

PendingKind = Literal["yes_no", "choice", "number", "commune", "words", "preview"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One answer offered: what to type, what it means, how it reads."""

    typed: str
    code: str
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """What is being asked."""

    #: `Q11`, `T1:<thematique>`, `P1`, or a question of the conversation itself: `offer`, `preview`, `menu`…
    key: str
    kind: PendingKind
    #: The question as it was said, to say it again after a side question.
    text: str
    choices: tuple[Choice, ...] = ()
    #: What the question needs to remember until it is answered.
    notes: Mapping[str, str] = field(default_factory=dict)
    #: The turn it was first put in; put again as it is, it stays the same question.
    turn: int | None = None

    @property
    def identity(self) -> str:
        """What its buttons carry: the same key in another turn is another question."""
        return f"{self.key}@{self.turn}"

    @property
    def question_id(self) -> str:
        """The question of the questionnaire, without what it was asked about."""
        return self.key.split(":", 1)[0]

    def code_of(self, typed: str) -> str | None:
        """The meaning of what was typed, among the answers offered."""
        return next((choice.code for choice in self.choices if choice.typed == typed), None)

    def sealed(self, keys: KeyStore, conversation: str) -> bytes:
        """For the conversation's row."""
        return keys.seal(conversation, json.dumps(asdict(self), ensure_ascii=False))

    @classmethod
    def unsealed(cls, keys: KeyStore, conversation: str, sealed: bytes | None) -> Self | None:
        """The pending question of a row, or None."""
        if sealed is None:
            return None
        data = json.loads(keys.open(conversation, sealed))
        data["choices"] = tuple(Choice(**choice) for choice in data["choices"])
        return cls(**data)
