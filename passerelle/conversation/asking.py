"""Putting a question of the questionnaire, and keeping its answer."""

from collections.abc import Sequence

from passerelle.conversation.pending import Choice, Pending, PendingKind
from passerelle.conversation.talk import House, Talk
from passerelle.dossier.records import IN_OWN_WORDS, Source, record_answer
from passerelle.screening.ages import age_group
from passerelle.screening.next_question import FOR_ANOTHER, Ask
from passerelle.screening.told import OTHER_AGE

#: More communes than this are not listed: the name is asked instead.
MOST_COMMUNES_LISTED = 6

#: Words of the person kept for the summary are cut here: a first name, a moment of the day.
LONGEST_WORDS = 80


def put(talk: Talk, ask: Ask) -> None:
    """Put one question of the questionnaire."""
    question = talk.house.questionnaire.question(ask.question_id)
    talk.ask(
        Pending(
            key=ask.key,
            kind=_READ_AS[question.kind],
            text=wording(talk, ask),
            choices=tuple(
                Choice(
                    typed=str(option.number),
                    code=option.code,
                    label=talk.words(f"question.{question.id}.option.{option.code}"),
                )
                for option in question.options
            ),
        )
    )


def put_by_id(talk: Talk, key: str) -> None:
    """Put the question of that key again, after RETOUR."""
    put(talk, ask_of(key))


def ask_of(key: str) -> Ask:
    """The question of a key: `P1`, `T1:<thematique>`, or the age of somebody else."""
    question_id, _, about = key.partition(":")
    return Ask(key=key, question_id=question_id, thematique=about if key != OTHER_AGE and about else None)


def wording(talk: Talk, ask: Ask) -> str:
    """How a question reads: about the need it names, or about the one for whom somebody else writes."""
    key = f"question.{ask.question_id}"
    if ask.thematique:
        return talk.words(key, need=talk.words(f"need.{ask.thematique}"))
    for_another = talk.dossier.told.answers.get("P3") in FOR_ANOTHER
    if for_another and talk.house.texts.has(f"{key}.other", talk.language):
        return talk.words(f"{key}.other")
    return talk.words(key)


def keep_answer(talk: Talk, key: str, code: str, *, source: Source = "self") -> None:
    """Record one answer given by its code."""
    version = talk.house.questionnaire.version
    talk.dossier = record_answer(
        talk.session, talk.dossier, key=key, code=code, version=version, at=talk.at, source=source
    )


def keep_words(
    talk: Talk, key: str, words: str, *, longest: int = LONGEST_WORDS, masked: bool = True, source: Source = "self"
) -> None:
    """Record an answer in the person's own words, sealed, health words masked."""
    kept = (talk.house.mask(words, talk.language) if masked else words)[:longest]
    talk.dossier = record_answer(
        talk.session,
        talk.dossier,
        key=key,
        code=IN_OWN_WORDS,
        version=talk.house.questionnaire.version,
        at=talk.at,
        source=source,
        words=kept,
        sealed_words=talk.seal(kept),
    )


def keep_ages(talk: Talk, *, own: int | None, other: int | None) -> None:
    """Record the ages told without being asked; what a question was answered with stands."""
    for key, age in (("P2", own), (OTHER_AGE, other)):
        if age is not None and key not in talk.dossier.told.answers:
            keep_answer(talk, key, age_group(age))


def communes_named(house: House, text: str, *, answering: bool = False) -> tuple[str, ...]:
    """Codes of the communes a text names, best first; also one that is alone between two commas."""
    found = house.places.find(text, answering=answering)
    if not found and "," in text:
        found = tuple(match for part in text.split(",") for match in house.places.find(part))
    return tuple(match.code for match in found)


def settle_commune(talk: Talk, found: Sequence[str]) -> bool:
    """Keep the commune, or ask which of those found it is. Returns whether a question was asked."""
    codes = list(dict.fromkeys(found))
    if not codes:
        return False
    if len(codes) == 1:
        keep_answer(talk, "P1", codes[0])
        return False
    if len(codes) > MOST_COMMUNES_LISTED:
        talk.ask(Pending(key="P1", kind="commune", text=talk.words("commune.too_many")))
        return True
    talk.ask(
        Pending(
            key="P1",
            kind="choice",
            text=talk.words("commune.which"),
            choices=tuple(
                Choice(typed=str(number), code=code, label=_commune_label(talk, code))
                for number, code in enumerate(codes, start=1)
            ),
        )
    )
    return True


#: How the answer to each kind of question is read.
_READ_AS: dict[str, PendingKind] = {
    "yes_no": "yes_no",
    "choice": "choice",
    "number": "number",
    "commune": "commune",
    "date_limit": "choice",
    "text": "words",
    "words": "words",
}


def _commune_label(talk: Talk, code: str) -> str:
    commune = talk.house.places.commune(code)
    return f"{commune.name} ({commune.departement})"
