"""Reading a dossier, and the only place that writes one. Every function works in the caller's transaction."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlmodel import Session

from passerelle.dossier.dossier import Dossier
from passerelle.dossier.tables import AgreementRow, AnswerRow, EvaluationRow, SignalRow, ToldNeedRow
from passerelle.foundation.crypto import KeyStore, digest
from passerelle.foundation.database import table_of
from passerelle.foundation.ids import new_id
from passerelle.screening.told import Told, ToldNeed

Source = Literal["self", "relative", "observed"]

_answers = table_of(AnswerRow)
_needs = table_of(ToldNeedRow)
_signals = table_of(SignalRow)
_agreements = table_of(AgreementRow)
_evaluations = table_of(EvaluationRow)

# Statements made once: making one costs more than running it. They go past the unit of work, which holds no row of
# these tables.
_ANSWERS = (
    select(_answers.c.key, _answers.c.code, _answers.c.words)
    .where(_answers.c.conversation == bindparam("of"))
    .order_by(_answers.c.place)
)
_NEEDS = (
    select(_needs.c.thematique, _needs.c.wanted)
    .where(_needs.c.conversation == bindparam("of"))
    .order_by(_needs.c.at, _needs.c.thematique)
)
_SIGNALS = select(_signals.c.signal).where(_signals.c.conversation == bindparam("of"))
_ANSWER, _NEED, _SIGNAL = insert(_answers), insert(_needs), insert(_signals)
_ANSWER_AGAIN = update(_answers).where(_answers.c.conversation == bindparam("of"), _answers.c.key == bindparam("about"))
_WANT = (
    update(_needs)
    .where(_needs.c.conversation == bindparam("of"), _needs.c.thematique == bindparam("about"))
    .values(wanted=True)
)

#: How long an agreement holds; the person may end it sooner with one word. One said aloud beside a partner is a
#: weak proof: it holds a month (reference/handoff.md §4.3).
AGREEMENT_LASTS = {"forte": timedelta(days=92), "faible": timedelta(days=31)}

Proof = Literal["forte", "faible"]

#: Questions answered in the person's own words: the code only says that they were answered.
IN_OWN_WORDS = "words"


def read_dossier(session: Session, keys: KeyStore, conversation: str) -> Dossier:
    """Return the dossier as it stands in this transaction."""
    connection, whose = session.connection(), {"of": conversation}
    rows = connection.execute(_ANSWERS, whose).all()
    needs = connection.execute(_NEEDS, whose).all()
    signals = connection.execute(_SIGNALS, whose).scalars()
    return Dossier(
        conversation=conversation,
        told=Told(
            answers={key: code for key, code, _ in rows},
            needs=tuple(ToldNeed(thematique=thematique, wanted=wanted) for thematique, wanted in needs),
            signals=frozenset(signals),
        ),
        words={key: keys.open(conversation, words) for key, _, words in rows if words is not None},
        asked=tuple(key for key, _, _ in rows),
    )


def record_answer(
    session: Session,
    dossier: Dossier,
    *,
    key: str,
    code: str,
    version: str,
    at: datetime,
    source: Source = "self",
    words: str | None = None,
    sealed_words: bytes | None = None,
) -> Dossier:
    """Keep one answer and return the dossier with it; answering again corrects the answer and keeps its place."""
    answer = {"code": code, "words": sealed_words, "version": version, "source": source, "at": at}
    if key in dossier.asked:
        session.connection().execute(_ANSWER_AGAIN, answer | {"of": dossier.conversation, "about": key})
    else:
        place = {"conversation": dossier.conversation, "key": key, "place": len(dossier.asked) + 1}
        session.connection().execute(_ANSWER, answer | place)
    return dossier.with_answer(key, code, words)


def forget_answer(session: Session, conversation: str, key: str) -> None:
    """Take one answer back, with RETOUR or because an answer it depended on changed."""
    session.execute(delete(_answers).where(_answers.c.conversation == conversation, _answers.c.key == key))


def record_needs(
    session: Session, dossier: Dossier, needs: Iterable[ToldNeed], at: datetime, *, source: Source = "self"
) -> Dossier:
    """Keep the needs told in free text; a need said to be wanted once stays wanted. Returns the dossier with them."""
    connection, whose = session.connection(), {"conversation": dossier.conversation}
    # Needs told together are read back by name.
    for need in sorted(needs, key=lambda need: need.thematique):
        known = dossier.need(need.thematique)
        if known is None:
            told = {"thematique": need.thematique, "wanted": need.wanted, "source": source, "at": at}
            connection.execute(_NEED, whose | told)
        elif need.wanted and not known.wanted:
            connection.execute(_WANT, {"of": dossier.conversation, "about": need.thematique})
        dossier = dossier.with_need(need)
    return dossier


def record_signals(
    session: Session, dossier: Dossier, signals: Iterable[str], at: datetime, *, source: Source = "self"
) -> Dossier:
    """Keep the circumstances told in free text. Returns the dossier with them."""
    new = sorted(set(signals) - dossier.told.signals)
    for signal in new:
        told = {"conversation": dossier.conversation, "signal": signal, "source": source, "at": at}
        session.connection().execute(_SIGNAL, told)
    return dossier.with_signals(new)


def forget_signals(session: Session, conversation: str, signals: Iterable[str]) -> None:
    """Take back circumstances that the person says are not true."""
    for signal in signals:
        session.execute(delete(_signals).where(_signals.c.conversation == conversation, _signals.c.signal == signal))


def record_agreement(
    session: Session,
    *,
    keys: KeyStore,
    conversation: str,
    recipient: str,
    items: Iterable[str],
    removed: Iterable[str],
    notice_version: str,
    language: str,
    shown: str,
    channel: str,
    method: str,
    at: datetime,
    proof: Proof = "forte",
    withdrawal_code: str = "",
) -> AgreementRow:
    """Keep the person's agreement with the exact text shown and its hash (reference/handoff.md §4.7)."""
    agreement = AgreementRow(
        id=new_id(),
        conversation=conversation,
        purpose="transmettre_demande",
        legal_basis="6-1-e",
        recipient=recipient,
        items=json.dumps(list(items)),
        removed=json.dumps(list(removed)),
        notice_version=notice_version,
        language=language,
        words=keys.seal(conversation, shown),
        sha256=digest(shown),
        channel=channel,
        method=method,
        proof=proof,
        withdrawal_code=withdrawal_code,
        given_at=at,
        expires_at=at + AGREEMENT_LASTS[proof],
    )
    session.add(agreement)
    return agreement


def withdraw_agreements(session: Session, conversation: str, at: datetime) -> list[str]:
    """End every agreement in force; returns their ids. The hashes stay as proof, the words do not."""
    in_force = list(
        session.execute(
            select(_agreements.c.id).where(
                _agreements.c.conversation == conversation, _agreements.c.withdrawn_at.is_(None)
            )
        ).scalars()
    )
    session.execute(update(_agreements).where(_agreements.c.id.in_(in_force)).values(withdrawn_at=at, words=None))
    return in_force


def erase_dossier(session: Session, conversation: str, at: datetime) -> None:
    """Erase what the person told; agreements stay as proof, without their words."""
    withdraw_agreements(session, conversation, at)
    forget_everything_told(session, conversation)


def forget_everything_told(session: Session, conversation: str) -> None:
    """Start again from nothing: answers, needs, signals and former evaluations go."""
    for table in (_answers, _needs, _signals, _evaluations):
        session.execute(delete(table).where(table.c.conversation == conversation))


def record_evaluation(session: Session, conversation: str, content: Mapping[str, Any], at: datetime) -> None:
    """Keep the evaluation under way as it was just graded; those that ended stay as they were."""
    kept = {"at": at, "content": json.dumps(content, ensure_ascii=False)}
    last = _last_evaluation(session, conversation)
    if last is not None and not last.ended:
        session.execute(
            update(_evaluations)
            .where(_evaluations.c.conversation == conversation, _evaluations.c.number == last.number)
            .values(kept)
        )
        return
    number = last.number + 1 if last else 1
    whose = {"conversation": conversation, "number": number, "ended": False}
    session.execute(insert(_evaluations).values(whose | kept))


def begin_evaluation(session: Session, conversation: str) -> bool:
    """End the evaluation under way and forget its answers; who the person is and where they live stays known.

    Returns False, and forgets nothing, when nothing was graded yet.
    """
    last = _last_evaluation(session, conversation)
    if last is None or last.ended:
        return False
    session.execute(
        update(_evaluations)
        .where(_evaluations.c.conversation == conversation, _evaluations.c.number == last.number)
        .values(ended=True)
    )
    told_of_needs = _answers.c.conversation == conversation, _answers.c.key.not_like("P%")
    session.execute(delete(_answers).where(*told_of_needs))
    for table in (_needs, _signals):
        session.execute(delete(table).where(table.c.conversation == conversation))
    return True


def evaluation_before(session: Session, conversation: str) -> dict[str, Any] | None:
    """The last evaluation that ended, with its date; None when this one is the first."""
    found = (
        select(_evaluations.c.at, _evaluations.c.content)
        .where(_evaluations.c.conversation == conversation, _evaluations.c.ended.is_(True))
        .order_by(_evaluations.c.number.desc())
        .limit(1)
    )
    row = session.execute(found).first()
    return None if row is None else {**json.loads(row.content), "at": row.at.isoformat()}


def read_sources(session: Session, conversation: str) -> tuple[Mapping[str, Source], Mapping[str, Source]]:
    """Who said each answer, by key, and each need told in free text, by thematique."""
    answers = select(_answers.c.key, _answers.c.source).where(_answers.c.conversation == conversation)
    needs = select(_needs.c.thematique, _needs.c.source).where(_needs.c.conversation == conversation)
    return (
        {row.key: row.source for row in session.execute(answers)},
        {row.thematique: row.source for row in session.execute(needs)},
    )


def _last_evaluation(session: Session, conversation: str) -> Row[tuple[int, bool]] | None:
    return session.execute(
        select(_evaluations.c.number, _evaluations.c.ended)
        .where(_evaluations.c.conversation == conversation)
        .order_by(_evaluations.c.number.desc())
        .limit(1)
    ).first()
