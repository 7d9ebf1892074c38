"""Changing an earlier answer: said back, what hung on it taken back, and the conversation goes on from there."""

from datetime import datetime

from passerelle.conversation.alert import danger_told, raise_new_alert
from passerelle.conversation.asking import ask_of, keep_answer, put_by_id, settle_commune, wording
from passerelle.conversation.talk import Talk
from passerelle.conversation.walk import go_on, go_on_after
from passerelle.dossier.records import forget_answer, forget_signals
from passerelle.screening.answers import AnswerKind, parse_answer
from passerelle.screening.corrections import Correction
from passerelle.screening.situation import read_situation
from passerelle.screening.told import deadline_key, wish_key
from passerelle.screening.wording import option_labels


def correction_in(talk: Talk, text: str, at: datetime) -> Correction | None:
    """The correction a message makes to an earlier answer, or None."""

    def read(key: str, words: str) -> str | None:
        question = talk.house.questionnaire.question(key)
        labels = option_labels(question, talk.house.texts, talk.language, talk.form)
        kind: AnswerKind = "yes_no" if question.kind == "yes_no" else "choice"
        answer = parse_answer(
            words, kind=kind, options=labels, language=talk.language, words=talk.house.answer_words, at=at
        )
        if answer is None or not answer.isdecimal():
            return answer if question.option(answer or "") else None
        option = question.numbered(int(answer))
        return option.code if option else None

    return talk.house.corrections.find(
        text,
        talk.language,
        told=talk.dossier.told,
        asked=[key for key in talk.dossier.asked if _is_closed(talk, key)],
        pending=talk.pending.key if talk.pending else None,
        read=read,
    )


def correct(talk: Talk, correction: Correction, text: str) -> None:
    """Change the answer, take back what depended on it, say the change, and go on."""
    forget_signals(talk.session, talk.row.id, correction.untold)
    pending, talk.pending = talk.pending, None
    talk.row.misunderstood = 0
    if correction.key == "P1" and not correction.last and _settles_place(talk, text):
        return
    if correction.key and correction.code is None:
        forget_answer(talk.session, talk.row.id, correction.key)
        _forget_what_hung_on_it(talk, correction.key)
        if correction.last:
            talk.say("corrected.back")
        put_by_id(talk, correction.key)
        return
    if correction.code is not None:
        before = danger_told(talk)
        keep_answer(talk, correction.key, correction.code)
        _forget_what_hung_on_it(talk, correction.key)
        if raise_new_alert(talk, before):
            return
        talk.say("corrected.answer", item=_shown(talk, correction.key, correction.code))
    else:
        talk.refresh()
        talk.say("understood.changed")
    go_on_after(talk, pending)


def _settles_place(talk: Talk, text: str) -> bool:
    """The right place was said with the mistake: it is kept, or asked for among those of that name."""
    named = [match.code for match in talk.house.places.find(text)]
    if not named:
        return False
    if not settle_commune(talk, named):
        talk.say("corrected.commune", commune=talk.commune.name if talk.commune else "")
        go_on(talk)
    return True


def _forget_what_hung_on_it(talk: Talk, key: str) -> None:
    """Answers that the change makes void: they are asked again if they come to matter again."""
    talk.refresh()
    answers = talk.dossier.told.answers
    void = [
        question.id
        for question in talk.house.questionnaire.questions.values()
        if question.depends_on is not None
        and question.depends_on.question == key
        and question.id in answers
        and answers.get(key) not in question.depends_on.codes
    ]
    needs = {need.thematique: need for need in read_situation(talk.dossier.told, talk.house.questionnaire).needs}
    for asked in answers:
        kind, _, thematique = asked.partition(":")
        if kind not in {"T1", "T2"} or not thematique:
            continue
        need = needs.get(thematique)
        if need is None or (asked == deadline_key(thematique) and key == wish_key(thematique) and need.wanted == "no"):
            void.append(asked)
    for asked in void:
        forget_answer(talk.session, talk.row.id, asked)
    if void:
        talk.refresh()


def _shown(talk: Talk, key: str, code: str) -> str:
    ask = ask_of(key)
    return f"{wording(talk, ask)} {talk.words(f'question.{ask.question_id}.option.{code}')}"


def _is_closed(talk: Talk, key: str) -> bool:
    question = talk.house.questionnaire.questions.get(key.partition(":")[0])
    return question is not None and bool(question.options)
