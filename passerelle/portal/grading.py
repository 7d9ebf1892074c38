"""The graphique de gradation of a request, drawn again from the grading kept with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passerelle.foundation.texts import Texts
from passerelle.portal.web_pages import LANGUAGE
from passerelle.screening.comparison import ComparisonTable, compare, comparison_table, draw_comparison
from passerelle.screening.facts import Facts
from passerelle.screening.graphique import GraphiqueTable, draw_graphique, graphique_table
from passerelle.screening.parcours import place
from passerelle.screening.questions import Questionnaire
from passerelle.screening.rules import SCORED_LEVELS, Decision, RuleSet
from passerelle.screening.situation import Need, Situation


@dataclass(frozen=True, kw_only=True, slots=True)
class Gradation:
    """What the request page shows of the grading."""

    #: SVG written by our own code, every word in it escaped there.
    drawing: str
    table: GraphiqueTable
    #: What is there, and what it may lead to if nothing is done.
    to_prevent: tuple[tuple[str, str], ...]
    #: The parcours, each with the needs that place the situation there.
    parcours: tuple[tuple[str, str], ...]
    #: Where the answer is organised; empty when it was not kept with the request.
    echelon: str
    level: str
    #: Known dispositifs that were not proposed, and why.
    set_aside: tuple[tuple[str, str], ...]
    change: "Change | None"
    #: Who told of the needs, each with the needs told.
    said_by: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What changed since the evaluation before."""

    since: datetime
    drawing: str
    table: ComparisonTable


class Gradations:
    """Reads gradings back with the questionnaire and the rules in force."""

    def __init__(self, *, questionnaire: Questionnaire, ruleset: RuleSet, texts: Texts) -> None:
        self._questionnaire = questionnaire
        self._ruleset = ruleset
        self._texts = texts

    def show(self, grading: Mapping[str, Any]) -> Gradation:
        """The drawing, the table that says the same, and what must be prevented."""
        situation, decision = self._situation(grading), self._decision(grading)
        echelon = grading.get("echelon", "")
        return Gradation(
            drawing=draw_graphique(situation, decision, self._texts, LANGUAGE),
            table=graphique_table(situation, decision, self._texts, LANGUAGE),
            to_prevent=tuple(self._to_prevent(situation)),
            parcours=tuple(self._parcours(grading, situation)),
            echelon=self._texts.say(f"portal.echelon.{echelon}", language=LANGUAGE) if echelon else "",
            level=decision.level,
            set_aside=tuple(self._set_aside(grading)),
            change=self._change(grading, situation, decision),
            said_by=tuple(self._said_by(grading, situation)),
        )

    def _said_by(self, grading: Mapping[str, Any], situation: Situation) -> Iterator[tuple[str, str]]:
        told = grading.get("said_by", {})
        for who in ("self", "relative", "observed"):
            needs = [need.thematique for need in situation.needs if who in told.get(need.thematique, ())]
            if needs:
                yield self._texts.say(f"portal.said_by.{who}", language=LANGUAGE), ", ".join(map(self._name, needs))

    def _parcours(self, grading: Mapping[str, Any], situation: Situation) -> Iterator[tuple[str, str]]:
        placed = place(
            (need.thematique for need in situation.needs if need.wanted in ("yes", "later")),
            discharge="sante" in grading.get("parcours", ()),
        )
        for parcours, needs in placed.items():
            yield (
                self._texts.say(f"portal.parcours.{parcours}", language=LANGUAGE),
                ", ".join(map(self._name, needs)) or self._texts.say("portal.parcours.change", language=LANGUAGE),
            )

    def _set_aside(self, grading: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for name, *codes in grading.get("set_aside", ()):
            # A reason withdrawn since then has no sentence any more.
            keys = [f"aside.{code}" for code in codes if self._texts.has(f"aside.{code}", LANGUAGE)]
            yield name, " ".join(self._texts.say(key, language=LANGUAGE) for key in keys)

    def _change(self, grading: Mapping[str, Any], situation: Situation, decision: Decision) -> Change | None:
        before = grading.get("before")
        if not before:
            return None
        comparison = compare(
            (self._situation(before), self._decision(before)), (situation, decision), questionnaire=self._questionnaire
        )
        return Change(
            since=datetime.fromisoformat(before["at"]),
            drawing=draw_comparison(comparison, self._texts, LANGUAGE),
            table=comparison_table(comparison, self._texts, LANGUAGE),
        )

    def _situation(self, grading: Mapping[str, Any]) -> Situation:
        needs = tuple(self._needs(grading["needs"]))
        facts = _facts(grading)
        return Situation(
            needs=needs,
            autonomy=facts.a,
            rupture=facts.r,
            isolated=facts.iso,
            professionals=facts.pros,
            has_referent=facts.ref,
            failed=facts.fail,
            domains=frozenset(need.domain for need in needs),
            signals=frozenset(),
            danger=None,
        )

    def _needs(self, kept: list[list[Any]]) -> Iterator[Need]:
        for value, weight, wanted, days_left in kept:
            if self._texts.has(f"need.{value}", LANGUAGE):
                thematique = self._questionnaire.thematique(value)
                yield Need(
                    thematique=value,
                    domain=thematique.domain,
                    weight=weight,
                    wanted=wanted,
                    days_left=days_left,
                    told_by="question",
                    means=thematique.means,
                )

    def _decision(self, grading: Mapping[str, Any]) -> Decision:
        return Decision(
            level=grading["level"],
            # A rule withdrawn since then has no sentence any more.
            fired=tuple(rule for rule in grading["rules"] if self._texts.has(f"rule.{rule}", LANGUAGE)),
            sentence_key=grading.get("sentence") or self._sentence(grading),
            ruleset=grading.get("ruleset", self._ruleset.version),
            sha256=grading.get("sha256", self._ruleset.sha256),
            facts=_facts(grading),
        )

    def _sentence(self, grading: Mapping[str, Any]) -> str:
        level = grading["level"]
        if level in SCORED_LEVELS:
            again = self._ruleset.grade(_facts(grading))
            if again.level == level:
                return again.sentence_key
        return f"level.{level}"

    def _to_prevent(self, situation: Situation) -> Iterator[tuple[str, str]]:
        there = {need.thematique for need in situation.needs if need.wanted != "no"}
        for cause, consequence in self._ruleset.may_lead_to:
            if cause in there and consequence not in there:
                yield self._name(cause), self._name(consequence)

    def _name(self, thematique: str) -> str:
        return self._texts.say(f"need.{thematique}", language=LANGUAGE)


def _facts(grading: Mapping[str, Any]) -> Facts:
    return Facts.from_json(grading["facts"])
