"""Taking stock: each evaluation is kept with its date, may be begun again, and shows what changed since the last."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from babel.dates import format_date

from passerelle.conversation.talk import Talk
from passerelle.dossier.records import begin_evaluation, evaluation_before, read_sources, record_evaluation
from passerelle.foundation.clock import PARIS
from passerelle.screening.comparison import direction
from passerelle.screening.rules import Decision
from passerelle.screening.situation import Situation, read_situation
from passerelle.screening.strengths import strengths_of

#: Needs that count: those with which help is wanted, now or later.
WANTED = frozenset({"yes", "later"})

#: Strengths named in a summary: more would cost an SMS and say less.
_MOST_STRENGTHS = 2


def begin_again(talk: Talk) -> bool:
    """Begin a new evaluation, the last one kept for comparison. Returns False when nothing was graded yet."""
    if not begin_evaluation(talk.session, talk.row.id):
        return False
    talk.row.questions_asked = talk.row.misunderstood = 0
    talk.refresh()
    talk.say("again.begin")
    return True


def keep_evaluation(talk: Talk) -> None:
    """Keep the evaluation as it stands, each time it is graded."""
    situation = read_situation(talk.dossier.told, talk.house.questionnaire)
    decision = talk.house.ruleset.decide(situation)
    needs = [need.thematique for need in situation.needs]
    content = graded(situation, decision, needs) | {
        "strengths": [strength.id for strength in strengths_of(talk.dossier.told.answers)],
        "said_by": said_by(talk, needs),
    }
    record_evaluation(talk.session, talk.row.id, content, talk.at)


def graded(situation: Situation, decision: Decision, sent: list[str]) -> dict[str, Any]:
    """Needs, level, rules and facts, in codes: what a graphique is drawn from."""
    return {
        "needs": [
            [need.thematique, need.weight, need.wanted, need.days_left]
            for need in situation.needs
            if need.thematique in sent
        ],
        "level": decision.level,
        "rules": list(decision.fired),
        "sentence": decision.sentence_key,
        "ruleset": decision.ruleset,
        "sha256": decision.sha256,
        "facts": decision.facts.as_json(),
    }


def said_by(talk: Talk, needs: list[str]) -> dict[str, list[str]]:
    """Who told of each need: the person, a relative who writes for them, or a partner who observed it."""
    answers, told = read_sources(talk.session, talk.row.id)
    writer = "relative" if _a_relative_writes(talk) else "self"
    sources: dict[str, set[str]] = {need: set() for need in needs}
    for key, source in answers.items():
        question = talk.house.questionnaire.questions.get(key)
        code = talk.dossier.told.answers.get(key, "")
        if question and question.primary in sources and question.weight(code) > 0:
            sources[question.primary].add(source)
    for thematique, source in told.items():
        if thematique in sources:
            sources[thematique].add(source)
    return {need: sorted(writer if who == "self" else who for who in found) for need, found in sources.items()}


def strengths_in_words(talk: Talk, language: str) -> str:
    """What goes well and who helps, for the summary."""
    # Help already there (T3) has a line of its own.
    told = [strength for strength in strengths_of(talk.dossier.told.answers) if strength.question != "T3"]
    told = told[:_MOST_STRENGTHS]
    return ", ".join(talk.house.texts.say(f"strength.{strength.id}", language=language) for strength in told)


def before(talk: Talk) -> dict[str, Any] | None:
    """The evaluation before this one, its wanted needs only."""
    last = evaluation_before(talk.session, talk.row.id)
    if last is None:
        return None
    return last | {"needs": [need for need in last["needs"] if need[2] in WANTED]}


def change_in_words(talk: Talk, language: str) -> str:
    """What changed since the last evaluation, domain by domain; empty when this one is the first."""
    last = before(talk)
    if last is None:
        return ""
    now = read_situation(talk.dossier.told, talk.house.questionnaire)
    then = _weights(talk, ((need[0], need[1]) for need in last["needs"]))
    weights = _weights(talk, ((need.thematique, need.weight) for need in now.needs if need.wanted in WANTED))
    say = talk.house.texts.say
    changed = [
        f"{say(f'domain.{domain}', language=language)} {say(f'comparison.{way}', language=language)}"
        for domain in sorted({*then, *weights})
        if (way := direction(then.get(domain, 0), weights.get(domain, 0))) != "same"
    ]
    date = format_date(datetime.fromisoformat(last["at"]).astimezone(PARIS), format="d MMMM", locale=language)
    return say(
        "summary.since",
        language=language,
        date=date,
        changes=", ".join(changed) or say("comparison.same", language=language),
    )


def _weights(talk: Talk, needs: Iterable[tuple[str, int]]) -> dict[str, int]:
    weights: dict[str, int] = {}
    for thematique, weight in needs:
        domain = talk.house.questionnaire.thematique(thematique).domain
        if domain:
            weights[domain] = max(weight, weights.get(domain, 0))
    return weights


def _a_relative_writes(talk: Talk) -> bool:
    told = talk.dossier.told
    return told.answers.get("P3") == "relative" or "for_other" in told.signals
