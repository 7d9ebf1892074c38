"""Answering question by question, whatever the order they come in."""

from collections.abc import Callable, Mapping

from houses import drain
from sqlalchemy import select

from passerelle.app.compose import Parts
from passerelle.conversation.pending import Pending
from passerelle.conversation.tables import ConversationRow
from passerelle.foundation.database import table_of

_conversations = table_of(ConversationRow)

#: More questions than this in a row: an answer is missing, or the walk turns in circles.
_MOST = 25

#: Answers that lead an ordinary person to the preview.
ORDINARY = {
    "P1": "Vitré",
    "P2": "4",
    "P3": "1",
    "P4": "1",
    "P5": "Josiane",
    "P6": "le matin",
    "P7": "2",
    "T1": "1",
    "T2": "1",
    "T3": "non",
    "Q10": "non",
    "Q14": "1",
    "Q27": "2",
    "Q37": "1",
    "PHONE": "06 39 98 00 77",
    "offer": "oui",
    "check_back": "non",
}


def waiting(parts: Parts, conversation: str | None = None) -> Pending | None:
    """The question that waits, in that conversation or in the newest one."""
    chosen = select(_conversations).order_by(_conversations.c.opened_at.desc())
    if conversation is not None:
        chosen = select(_conversations).where(_conversations.c.id == conversation)
    with parts.database.read() as session:
        row = session.execute(chosen.limit(1)).first()
    return None if row is None else Pending.unsealed(parts.keys, row.id, row.pending)


def walk(
    parts: Parts,
    say: Callable[[str], object],
    *,
    until: str,
    answers: Mapping[str, str] = ORDINARY,
    conversation: str | None = None,
) -> Pending:
    """Answer the questions until one of that key waits; a question that has no answer of ours is refused."""
    asked: list[str] = []
    while (pending := waiting(parts, conversation)) is not None and pending.key.split(":")[0] != until:
        asked.append(pending.key)
        if len(asked) > _MOST:
            break
        say(answers.get(pending.key) or answers.get(pending.question_id) or "0")
        drain(parts)
    if pending is None or pending.key.split(":")[0] != until:
        raise AssertionError(f"expected {until}; asked {asked}; waiting: {pending and pending.key}")
    return pending
