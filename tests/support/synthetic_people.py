"""People made up to try the questions on: each has an answer to everything, and opens with a few words of their own.

Same seed, same people. One to three domains of life weigh on each; there the answers are those of somebody in
trouble, elsewhere mostly those of somebody who is fine. Help is wanted mostly where it weighs (a need is not a wish:
reference/screening.md §1.2). The shares are this project's own guess, written here to be read and changed.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from types import MappingProxyType

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.territory.places import Places
from passerelle.dossier.dossier import Dossier
from passerelle.foundation.texts import Texts
from passerelle.orientation.orient import Oriented, orient, shortlister
from passerelle.screening.next_question import Profile, Shortlist, next_question
from passerelle.screening.questions import Question, Questionnaire
from passerelle.screening.rules import RuleSet
from passerelle.screening.situation import Situation, read_situation
from passerelle.screening.told import Told, ToldNeed, deadline_key, wish_key

#: The moment everybody writes: a Monday morning.
AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

#: Questions of reference/screening.md §6.4: Q01 to Q37, T1, T2, T3.
ALL = 40

#: How often each domain weighs, of a hundred people.
_DOMAINS = {
    "D01": 35, "D02": 40, "D03": 15, "D04": 30, "D05": 12, "D06": 15, "D07": 20, "D08": 12, "D09": 20,
    "D10": 12, "D11": 10, "D12": 20, "D13": 20, "D14": 2, "D15": 8, "D16": 15, "D17": 25,
}  # fmt: skip

#: Chances of each answer, in the order of the options: when all is well, and when its domain weighs.
_ANSWERS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "Q01": ((12, 88), (75, 25)),
    "Q02": ((15, 85), (60, 40)),
    "Q03": ((98, 2), (90, 10)),
    "Q04": ((3, 97), (40, 60)),
    "Q05": ((70, 25, 5), (10, 40, 50)),
    "Q06": ((4, 96), (55, 45)),
    "Q07": ((97, 2, 1), (25, 35, 40)),
    "Q08": ((5, 95), (50, 50)),
    "Q09": ((97, 2, 1, 0), (72, 18, 8, 2)),
    "Q10": ((98, 1, 1, 0), (55, 20, 15, 10)),
    "Q11": ((95, 4, 1), (40, 30, 30)),
    "Q12": ((94, 6), (50, 50)),
    "Q13": ((98, 2, 0), (20, 60, 20)),
    "Q14": ((85, 12, 3), (30, 45, 25)),
    "Q15": ((10, 90), (60, 40)),
    "Q16": ((92, 8), (60, 40)),
    "Q17": ((72, 20, 8), (15, 45, 40)),
    "Q19": ((8, 92), (75, 25)),
    "Q20": ((10, 90), (70, 30)),
    "Q21": ((5, 95), (35, 65)),
    "Q22": ((90, 10, 0), (50, 50, 0)),
    "Q23": ((8, 92, 0), (60, 40, 0)),
    "Q24": ((12, 88), (85, 15)),
    "Q25": ((25, 75), (70, 30)),
    "Q26": ((88, 12), (40, 60)),
    "Q27": ((85, 15), (40, 60)),
    "Q28": ((88, 9, 3), (20, 45, 35)),
    "Q29": ((100, 0), (40, 60)),
    "Q30": ((0, 100), (40, 60)),
    "Q31": ((92, 6, 2), (30, 45, 25)),
    "Q32": ((3, 97), (30, 70)),
    "Q33": ((90, 10), (50, 50)),
    "Q34": ((8, 92), (60, 40)),
    "Q35": ((4, 96), (40, 60)),
    "Q36": ((3, 97), (35, 65)),
    "Q37": ((85, 4, 3, 3, 2, 3), (10, 22, 18, 22, 14, 14)),
    "T3": ((20, 80), (20, 80)),
    "P2": ((0, 2, 13, 55, 30), (0, 2, 13, 55, 30)),
    "P3": ((100, 0, 0), (100, 0, 0)),
    "P4": ((35, 20, 35, 10), (35, 20, 35, 10)),
    "P7": ((4, 96), (4, 96)),
    "P8": ((90, 10), (90, 10)),
}

#: Wanted now, later, not at all; then the deadlines: this week, this month, none.
_WISHES = {True: (80, 12, 8), False: (6, 6, 88)}
_DEADLINES = (10, 20, 70)

#: Half of what an answer says of somebody's circumstances is said at once, with the first words.
_SAID_AT_ONCE = {
    ("Q27", "no"): "isolated",
    ("Q17", "no"): "cannot_online",
    ("Q19", "yes"): "cannot_read",
    ("Q04", "yes"): "rupture_rights_lost",
    ("Q36", "yes"): "rupture_discharge",
    ("Q37", "separation"): "rupture_separation",
    ("Q37", "death"): "rupture_death",
    ("Q37", "job"): "rupture_job_lost",
    ("Q37", "home"): "rupture_home_lost",
    ("P4", "children"): "lives_with_children",
    ("P4", "alone"): "lives_alone",
    ("T3", "yes"): "has_referent",
}

#: Where people live: a town of the demonstration territory each.
_COMMUNES = ("35238", "35288", "35360", "35115", "35051", "35236", "35093", "35047")


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody, all they could answer, and what they say first."""

    number: int
    answers: Mapping[str, str]
    wishes: Mapping[str, str]
    deadlines: Mapping[str, str]
    #: What the first message tells.
    opening: Told

    def reply(self, key: str) -> str:
        """Their answer to a question, whatever it is."""
        question_id, _, thematique = key.partition(":")
        if question_id == "T1":
            return self.wishes[thematique]
        return self.deadlines[thematique] if question_id == "T2" else self.answers[question_id]

    def wants(self, thematique: str) -> bool:
        """Whether they want help with it, now or later."""
        return self.wishes[thematique] != "no"


@dataclass(frozen=True, kw_only=True, slots=True)
class Interview:
    """What was asked, and what it led to."""

    told: Told
    asked: tuple[str, ...]
    level: str
    #: Ids of the dispositifs proposed, the best first.
    shortlist: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One person asked both ways."""

    person: Person
    #: Until a first useful answer.
    first: Interview
    #: After the person went on: with what they had not said at first, or because questions were left.
    whole: Interview
    everything: Interview
    #: Whether they wanted help with more than they first said, and than the first questions found.
    held_back: bool


def people(questionnaire: Questionnaire, *, count: int, seed: int = 4) -> Iterator[Person]:
    """That many people who want help with something, none of them in danger."""
    dice = random.Random(seed)
    number = 0
    while number < count:
        person = _person(questionnaire, number, dice)
        if person is not None:
            number += 1
            yield person


def _person(questionnaire: Questionnaire, number: int, dice: random.Random) -> Person | None:
    weighing = _some(dice, _DOMAINS, dice.choices((1, 2, 3), weights=(45, 35, 20))[0])
    answers = {"P1": dice.choice(_COMMUNES), "P5": "words", "P6": "words", "Q18": "words"}
    for key, chances in _ANSWERS.items():
        question = questionnaire.question(key)
        codes = [option.code for option in question.options]
        answers[key] = dice.choices(codes, weights=chances[question.domain in weighing])[0]
    if answers["Q24"] == "no":
        answers["Q25"] = "no"
    if answers["P4"] != "children":
        answers |= {"Q22": "no_children", "Q23": "no_children"}
    values = sorted(questionnaire.thematiques)
    wishes = {
        value: _of(dice, ("yes", "later", "no"), _WISHES[questionnaire.thematique(value).domain in weighing])
        for value in values
    }
    deadlines = {value: _of(dice, ("week", "month", "no"), _DEADLINES) for value in values}
    lived = read_situation(Told(answers=MappingProxyType(answers)), questionnaire)
    wanted = [need.thematique for need in sorted(lived.needs, key=lambda need: -need.weight)]
    wanted = [value for value in wanted if wishes[value] != "no"]
    if not wanted or lived.danger:
        # At a danger the questions stop, whatever is left to ask.
        return None
    said = wanted[: dice.choices((1, 2, len(wanted)), weights=(50, 30, 20))[0]]
    signals = [signal for (key, code), signal in _SAID_AT_ONCE.items() if answers[key] == code and dice.random() < 0.5]
    opening = Told(
        needs=tuple(
            ToldNeed(thematique=value, wanted=wishes[value] == "yes" and dice.random() < 0.5) for value in said
        ),
        signals=frozenset(signals),
    )
    return Person(number=number, answers=answers, wishes=wishes, deadlines=deadlines, opening=opening)


def _some(dice: random.Random, weights: Mapping[str, int], number: int) -> set[str]:
    found: set[str] = set()
    while len(found) < number:
        found.update(dice.choices(list(weights), weights=list(weights.values())))
    return found


def _of(dice: random.Random, codes: tuple[str, ...], weights: tuple[int, ...]) -> str:
    return dice.choices(codes, weights=weights)[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What people are asked with."""

    questionnaire: Questionnaire
    ruleset: RuleSet
    catalogue: Catalogue
    places: Places
    texts: Texts
    profile: Profile = "sans-sante"
    private_channel: bool = False

    def try_on(self, person: Person) -> Trial:
        """Ask as Passerelle asks, then ask everything."""
        told, asked = self._ask(person, person.opening)
        first = self._interview(told, asked)
        whole, held_back, more = first, False, asked
        while (untold := self._not_said_yet(person, told)) or len(more) == self.questionnaire.max_before_first_answer:
            held_back = held_back or bool(untold)
            told, more = self._ask(person, replace(told, needs=(*told.needs, *untold)))
            whole = self._interview(told, (*whole.asked, *more))
        return Trial(
            person=person,
            first=first,
            whole=whole,
            everything=self._everything(person, replace(person.opening, needs=told.needs)),
            held_back=held_back,
        )

    def level_after_a_slip(self, person: Person, key: str, code: str) -> str:
        """The level of somebody who answered one question wrongly, corrected it once all was asked, and went on."""
        slipped = replace(person, answers={**person.answers, key: code})
        told, _ = self._ask(slipped, person.opening, for_level=True)
        told = self._without_what_hung_on(told.with_answer(key, person.reply(key)))
        for _ in range(3):
            told = replace(told, needs=(*told.needs, *self._not_said_yet(person, told)))
            told, _ = self._ask(person, told, for_level=True)
        return self.ruleset.decide(self._situation(told)).level

    def _without_what_hung_on(self, told: Told) -> Told:
        """As the conversation corrects: void answers are taken back, so are wishes and dates of needs that are gone."""
        needs = {need.thematique for need in self._situation(told).needs}
        parents = {question.id: question.depends_on for question in self.questionnaire.questions.values()}

        def stands(key: str) -> bool:
            kind, _, thematique = key.partition(":")
            if kind in ("T1", "T2"):
                return thematique in needs
            parent = parents.get(key)
            return parent is None or told.answers.get(parent.question, "") in parent.codes

        return replace(told, answers={key: code for key, code in told.answers.items() if stands(key)})

    def _ask(self, person: Person, told: Told, *, for_level: bool = False) -> tuple[Told, tuple[str, ...]]:
        asked: list[str] = []
        shortlist = None if for_level else self._shortlister()
        for number in count():
            ask = next_question(
                told,
                questionnaire=self.questionnaire,
                ruleset=self.ruleset,
                profile=self.profile,
                private_channel=self.private_channel,
                asked=number,
                shortlist=shortlist,
            )
            if ask is None:
                return told, tuple(asked)
            asked.append(ask.key)
            told = told.with_answer(ask.key, person.reply(ask.key))
        raise AssertionError

    def _not_said_yet(self, person: Person, told: Told) -> list[ToldNeed]:
        """The needs they want help with and did not come to: they say them once they have seen a first answer."""
        lived = self._situation(self._all_answers(person, told))
        if self._situation(told).danger:
            return []
        known = {need.thematique for need in self._situation(told).needs}
        values = [need.thematique for need in lived.needs if need.thematique not in known]
        return [ToldNeed(thematique=v, wanted=person.wishes[v] == "yes") for v in values if person.wants(v)]

    def _everything(self, person: Person, told: Told) -> Interview:
        """Every question this channel and profile allow, but those the first words answered."""
        told = self._all_answers(person, told)
        for need in self._situation(told).needs:
            if need.wanted is None:
                told = told.with_answer(wish_key(need.thematique), person.reply(wish_key(need.thematique)))
        for need in self._situation(told).needs:
            if need.wanted == "yes" and need.weight >= 2:
                told = told.with_answer(deadline_key(need.thematique), person.reply(deadline_key(need.thematique)))
        return self._interview(told, tuple(told.answers))

    def _all_answers(self, person: Person, told: Told) -> Told:
        for question in self.questionnaire.questions.values():
            if question.id not in ("T1", "T2") and self._may_ask(question, person, told):
                told = told.with_answer(question.id, person.reply(question.id))
        return told

    def _may_ask(self, question: Question, person: Person, told: Told) -> bool:
        signals = (self.questionnaire.signals[name] for name in told.signals)
        parent = question.depends_on
        return not (
            question.id in told.answers
            or (question.sensitive and self.profile == "sans-sante")
            or (question.private_only and not self.private_channel)
            or any(question.id in signal.answers for signal in signals)
            or (question.when_told == "known" and any(n.thematique in question.thematiques for n in told.needs))
            or (parent and person.reply(parent.question) not in parent.codes)
        )

    def _situation(self, told: Told) -> Situation:
        return read_situation(told, self.questionnaire)

    def _interview(self, told: Told, asked: tuple[str, ...]) -> Interview:
        oriented = self._orient(told)
        return Interview(
            told=told,
            asked=asked,
            level=oriented.decision.level,
            shortlist=tuple(proposed.service_id for proposed in oriented.proposals),
        )

    def _shortlister(self) -> Shortlist:
        return shortlister(
            Dossier(conversation="", told=Told(), words={}, asked=()),
            questionnaire=self.questionnaire,
            ruleset=self.ruleset,
            catalogue=lambda: self.catalogue,
            places=self.places,
            language="fr",
            at=AT,
            role="resident",
        )

    def _orient(self, told: Told) -> Oriented:
        return orient(
            Dossier(conversation="", told=told, words={}, asked=()),
            questionnaire=self.questionnaire,
            ruleset=self.ruleset,
            catalogue=self.catalogue,
            places=self.places,
            texts=self.texts,
            language="fr",
            at=AT,
            role="resident",
        )
