"""What a message says: its intent, the needs it tells of, and a danger or a medical question the rules may have missed.

The same networks answer all of it. One more answer says whether the message tells of a need at all; the score of a
need is multiplied by it, because "mon loyer est paye" speaks of rent and tells no need.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy

from components.marks import KnownMarks, marks_of
from components.network import Lessons, Network, Settings, taught
from components.topics import Topics
from components.training_messages import TELLS, Example

#: Share of the training messages kept aside to choose the thresholds, then learned from in a last round.
HELD_OUT = 0.06

#: A threshold is chosen on no fewer messages than this.
ENOUGH = 60

#: The answer "this message tells of some need".
ANY = "any"

#: What a need seen where there is none costs, beside the micro-F1, when the thresholds are chosen.
FALSE_COST = 0.3

#: What a need told counts against a need not told: each thematique is told by one message in forty.
NEED_COUNTS = 2.0
#: The same for what is said of the conversation itself; messages that tell no need may be either and count little.
INTENT_COUNTS = 12.0
NEEDLESS_COUNTS = 0.3
#: The same for dangers.
DANGER_COUNTS = 3.0
#: An ordinary message near a danger was not read by anyone for danger: it teaches, but little.
UNREAD_COUNTS = 0.25

#: The same for medical questions.
MEDICAL_COUNTS = 2.0

#: Share of the ordinary messages kept aside that may be taken for a danger, and of its look-alikes.
FALSE_ALARMS = 0.01
FALSE_ALARMS_ON_LOOK_ALIKES = 0.06
#: Share of the ordinary messages kept aside that may be refused as medical.
REFUSED = 0.004
#: Below this score no danger is raised, and nothing refused.
NEVER_BELOW = 0.3
#: The score asked when too few messages are kept aside to choose it on.
TOO_FEW_TO_TELL = 0.5

#: Needs told in words that also tell a danger.
NEAR_DANGER = frozenset(
    {
        "famille--surmonter-conflits-separation-violence",
        "famille--prise-en-charge-personne-dependante",
        "famille--soutien-a-la-parentalite-et-a-leducation",
        "logement-hebergement--rechercher-une-solution-dhebergement-temporaire",
        "logement-hebergement--se-maintenir-dans-le-logement",
        "sante--addictions",
        "sante--sante-mentale",
    }
)


@dataclass(frozen=True)
class Need:
    """A thematique told by a message, and how sure the model is, from 0 to 1."""

    thematique: str
    score: float


@dataclass(frozen=True)
class Thresholds:
    """Above what an answer counts."""

    #: The lowest score of a need.
    need: float
    #: The lowest probability that the message tells of a need at all.
    any: float
    #: The lowest score of a danger, and of a medical question.
    danger: float = 1.0
    medical: float = 1.0

    def kept(self, scores: Mapping[str, float]) -> dict[str, float]:
        """Return the needs that count, out of the scores of all thematiques and of `any`."""
        told = scores.get(ANY, 0.0)
        if told < self.any:
            return {}
        needs = {name: score * told for name, score in scores.items() if name != ANY}
        return {name: score for name, score in needs.items() if score >= self.need}


@dataclass(frozen=True)
class Reading:
    """What the model reads in one message."""

    #: Every intent with its probability, the most likely first.
    intents: tuple[tuple[str, float], ...] = ()
    #: The needs told, best first.
    needs: tuple[Need, ...] = ()
    #: The kind of danger, or "none", and its score.
    danger: str = "none"
    danger_score: float = 0.0
    #: Whether advice on a symptom, a drug, a dose or a result is asked.
    medical: bool = False


@dataclass(frozen=True)
class Answers:
    """The names of the answers of the network, in their order."""

    needs: tuple[str, ...]
    intents: tuple[str, ...]
    dangers: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.needs) + 1 + len(self.intents) + len(self.dangers) + 1

    @property
    def of_needs(self) -> slice:
        """The needs, `any` last."""
        return slice(0, len(self.needs) + 1)

    @property
    def of_intents(self) -> slice:
        """The intents."""
        return slice(len(self.needs) + 1, len(self.needs) + 1 + len(self.intents))

    @property
    def of_dangers(self) -> slice:
        """The kinds of danger."""
        return slice(len(self) - len(self.dangers) - 1, len(self) - 1)

    @classmethod
    def of(cls, examples: Sequence[Example]) -> Answers:
        """Name what the examples tell."""
        return cls(
            needs=tuple(sorted({need for example in examples for need in example.needs or ()})),
            intents=tuple(sorted({example.intent for example in examples})),
            dangers=tuple(sorted({example.danger for example in examples if example.danger} - {"none"})),
        )

    def truths(self, example: Example) -> list[float]:
        """Return the true answers of an example."""
        needs = example.needs or ()
        return [
            *(float(name in needs) for name in self.needs),
            float(bool(needs)),
            *(float(name == example.intent) for name in self.intents),
            *(float(name == example.danger) for name in self.dangers),
            float(example.medical or False),
        ]

    def counts(self, example: Example) -> list[float]:
        """Return how much each answer of an example counts; 0 where nobody said."""
        needs = example.needs or ()
        known = float(example.needs is not None)
        # Messages written for danger or health tell a situation, but are too many to weigh on the intents.
        side = 1.0 if example.intent != TELLS or needs else NEEDLESS_COUNTS * known
        return [
            *(known * (NEED_COUNTS if name in needs else 1.0) for name in self.needs),
            known * (NEED_COUNTS if needs else 1.0),
            *(side * (INTENT_COUNTS if name == example.intent != TELLS else 1.0) for name in self.intents),
            *(_danger_counts(example, name) for name in self.dangers),
            _medical_counts(example),
        ]

    def scores_of_needs(self, answers: Sequence[float]) -> dict[str, float]:
        """Name the scores of the needs and of `any`."""
        return dict(zip((*self.needs, ANY), (float(score) for score in answers[self.of_needs]), strict=True))


def _danger_counts(example: Example, name: str) -> float:
    if example.danger is None:
        if example.needs is None:
            return 0.0
        return UNREAD_COUNTS if NEAR_DANGER.intersection(example.needs or ()) else 1.0
    return DANGER_COUNTS if name == example.danger else 1.0


def _medical_counts(example: Example) -> float:
    if example.medical is None:
        # A told need asks for no advice on health; a message of danger may.
        return 0.0 if example.needs is None else UNREAD_COUNTS
    return MEDICAL_COUNTS if example.medical else 1.0


class ReadingModel:
    """Trained networks, and the thresholds above which their answers count."""

    def __init__(
        self,
        *,
        topics: Topics,
        marks: KnownMarks,
        network: Network,
        answers: Answers,
        thresholds: Thresholds,
    ) -> None:
        self._topics = topics
        self._marks = marks
        self._network = network
        self._answers = answers
        self.thresholds = thresholds

    @classmethod
    def train(
        cls, examples: Sequence[Example], topics: Topics, *, seed: int, settings: Settings | None = None
    ) -> ReadingModel:
        """Learn from most messages, choose the thresholds on the others, then learn from all once more.

        The order of the examples changes nothing: the same seed, the same model.
        """
        settings = settings or Settings()
        shuffled = sorted(examples, key=lambda example: (example.language, example.text, example.intent))
        random.Random(seed).shuffle(shuffled)  # noqa: S311 (reproducible, not secret)
        answers = Answers.of(shuffled)
        told = [marks_of(example.text, topics) for example in shuffled]
        marks = KnownMarks.of(told)
        lessons = Lessons(
            marks.rows(told),
            numpy.asarray([answers.truths(example) for example in shuffled], "f"),
            numpy.asarray([answers.counts(example) for example in shuffled], "f"),
        )
        aside = round(len(shuffled) * HELD_OUT)
        network, said = taught(lessons, aside, settings, seed=seed)
        return cls(
            topics=topics,
            marks=marks,
            network=network,
            answers=answers,
            thresholds=_thresholds(shuffled[:aside], said, answers),
        )

    def read(self, text: str) -> Reading:
        """Return what a normalised text says. A text without a word has an intent all the same, and nothing else."""
        marks = marks_of(text, self._topics)
        said = self._network.answers(self._marks.rows([marks]))[0]
        of_intents = said[self._answers.of_intents]
        intents = sorted(
            zip(self._answers.intents, (float(score) for score in of_intents / of_intents.sum()), strict=True),
            key=lambda scored: (-scored[1], scored[0]),
        )
        if not any(character.isalnum() for character in text):
            return Reading(intents=tuple(intents))
        needs = self.thresholds.kept(self._answers.scores_of_needs(said))
        danger, score = self._danger(said[self._answers.of_dangers])
        return Reading(
            intents=tuple(intents),
            needs=tuple(sorted((Need(*need) for need in needs.items()), key=lambda n: (-n.score, n.thematique))),
            danger=danger if score >= self.thresholds.danger else "none",
            danger_score=score,
            # Health words inside a told need are masked, not refused.
            medical=not needs and float(said[-1]) >= self.thresholds.medical,
        )

    def _danger(self, scores: Any) -> tuple[str, float]:
        if not len(scores):
            return "none", 0.0
        best = int(numpy.argmax(scores))
        return self._answers.dangers[best], float(scores[best])

    def save(self, folder: Path) -> None:
        """Write the model into a folder."""
        self._network.save(folder / "network.npz")
        written = {
            "marks": dict(zip(self._marks.names, map(float, self._marks.weights), strict=True)),
            "topics": self._topics.words,
            "answers": asdict(self._answers),
            "thresholds": asdict(self.thresholds),
        }
        (folder / "reading.json").write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> ReadingModel:
        """Read a saved model."""
        written = json.loads((folder / "reading.json").read_text(encoding="utf-8"))
        return cls(
            topics=Topics(written["topics"]),
            marks=KnownMarks(written["marks"]),
            network=Network.load(folder / "network.npz"),
            answers=Answers(**{name: tuple(listed) for name, listed in written["answers"].items()}),
            thresholds=Thresholds(**written["thresholds"]),
        )


Scored = Sequence[tuple[Mapping[str, float], frozenset[str]]]


def _thresholds(aside: Sequence[Example], said: Any, answers: Answers) -> Thresholds:
    """Choose the thresholds on all languages together: those chosen on one language's few messages did worse."""
    spoken = list(zip(aside, said, strict=True))
    scored = [
        (answers.scores_of_needs(line), frozenset(example.needs))
        for example, line in spoken
        if example.needs is not None and example.intent == TELLS
    ]
    return replace(
        best_thresholds(scored),
        danger=_sure_of_danger([(example, line[answers.of_dangers]) for example, line in spoken]),
        medical=_reached_by(REFUSED, [float(line[-1]) for e, line in spoken if not e.medical and e.needs is not None]),
    )


def _sure_of_danger(spoken: Sequence[tuple[Example, Any]]) -> float:
    ordinary = [
        float(max(line, default=0.0))
        for example, line in spoken
        if example.danger is None and example.needs is not None and not NEAR_DANGER.intersection(example.needs)
    ]
    look_alikes = [
        float(max(line, default=0.0))
        for example, line in spoken
        if example.danger == "none" and example.intent == TELLS
    ]
    return max(_reached_by(FALSE_ALARMS, ordinary), _reached_by(FALSE_ALARMS_ON_LOOK_ALIKES, look_alikes))


def _reached_by(share: float, scores: Sequence[float]) -> float:
    """Return the score that only this share of the messages goes beyond."""
    if len(scores) < ENOUGH:
        return TOO_FEW_TO_TELL
    ranked = sorted(scores, reverse=True)
    return max(NEVER_BELOW, ranked[int(len(ranked) * share)] + 0.01)


def best_thresholds(scored: Scored) -> Thresholds:
    """Return the thresholds with the best micro-F1, false needs counted against it; 0.5 when no message tells it."""
    candidates = [Thresholds(need / 100, any / 10) for need in range(14, 61, 2) for any in range(0, 8)]
    worths = {thresholds: _worth(scored, thresholds) for thresholds in candidates}
    best = max(candidates, key=lambda thresholds: (worths[thresholds], thresholds.need))
    return best if micro_f1(scored, best) > 0 else Thresholds(need=0.5, any=0.5)


def _worth(scored: Scored, thresholds: Thresholds) -> float:
    needless = [bool(thresholds.kept(scores)) for scores, needs in scored if not needs]
    false_share = sum(needless) / len(needless) if needless else 0.0
    return round(micro_f1(scored, thresholds) - FALSE_COST * false_share, 4)


def micro_f1(scored: Scored, thresholds: Thresholds) -> float:
    """Return the F1 over all pairs (message, thematique) together."""
    right = said = told = 0
    for scores, needs in scored:
        found = thresholds.kept(scores).keys()
        right += len(found & needs)
        said += len(found)
        told += len(needs)
    return 2 * right / (said + told) if right else 0.0
