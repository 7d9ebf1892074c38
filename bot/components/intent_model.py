"""Which intent a message has, in two steps: is it about the conversation itself, and if so, what does it ask or say?

Most messages tell a situation, in a thousand ways; those about the conversation ("c'est payant ?") are few, short and
alike. One step for all took every unknown sentence for a situation. The second step never sees situations.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy
from scipy.sparse import csr_matrix
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from components.topics import Topics

#: The intent of a person who tells their situation.
TELLS = "tell_situation"

#: Sizes of the groups of letters, the space around a word included.
LETTERS = (2, 3, 4, 5)

#: Upper bounds of the lengths that are told apart, in words.
LENGTHS = (1, 2, 3, 5, 8, 13)

#: More ideas than this in a message say no more.
MOST_IDEAS = 4

#: How closely the weights may follow the messages (scikit-learn's C), in each step.
CLOSENESS_OF_SIDE = 10.0
CLOSENESS_OF_KIND = 30.0

#: In the first step a message about the conversation counts as several situations, which are five times as many, and
#: a situation that tells no need counts little: "vous fermez a quelle heure" may be either.
SIDE_COUNTS = 4.0
NEEDLESS_COUNTS = 0.3

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@dataclass(frozen=True)
class Said:
    """A training message, normalised, with its intent, and whether it tells of a need."""

    text: str
    intent: str
    has_need: bool


def marks_of(text: str, topics: Topics) -> list[str]:
    """Return what the intent may be told by: words, pairs, letters, first and last words, length, question mark, and
    how many ideas of topics.yml and concepts.yml the text holds.
    """
    words = _WORD.findall(text)
    marks = words + [f"{first} {second}" for first, second in pairwise(words)]
    for word in words:
        padded = f" {word} "
        for size in LETTERS:
            marks += [f"#{padded[start : start + size]}" for start in range(len(padded) - size + 1)]
    marks += [f"^{' '.join(words[:count])}" for count in (1, 2, 3) if len(words) >= count]
    marks += [f"${' '.join(words[-count:])}" for count in (1, 2) if len(words) >= count]
    marks.append(f"~words {next((bound for bound in LENGTHS if len(words) <= bound), 'many')}")
    if "?" in text:
        marks.append("~?")
    return marks + _idea_marks(set(topics.found_in(text)))


def _idea_marks(found: Iterable[str]) -> list[str]:
    # A thematique is written family--leaf; the other lists are ideas.
    kinds = Counter("thematiques" if "--" in name else "ideas" for name in found)
    return [f"~{kind} {min(kinds[kind], MOST_IDEAS)}" for kind in ("thematiques", "ideas")]


class IntentModel:
    """A trained classifier of intents."""

    def __init__(
        self,
        places: Mapping[str, int],
        rarity: Any,
        side: tuple[Any, float],
        kinds: tuple[list[str], Any, Any],
        topics: Topics,
    ) -> None:
        self._places = places
        self._rarity = rarity
        self._side = side
        self._kinds = kinds
        self._topics = topics

    @classmethod
    def train(cls, messages: Sequence[Said], topics: Topics) -> IntentModel:
        """Learn both steps; the order of the messages changes nothing."""
        ordered = sorted(messages, key=lambda said: (said.text, said.intent))
        marks = [marks_of(said.text, topics) for said in ordered]
        seen = Counter(mark for of_one in marks for mark in set(of_one))
        places = {mark: place for place, mark in enumerate(sorted(seen))}
        rarity = numpy.asarray(
            [1.0 + math.log((1 + len(ordered)) / (1 + seen[mark])) for mark in sorted(seen)], dtype="f"
        )
        rows = _rows(marks, places, rarity)
        is_side = numpy.asarray([said.intent != TELLS for said in ordered])
        model = cls(places, rarity, _learn_side(rows, is_side, ordered), ([], None, None), topics)
        about = [said.intent for said in ordered if said.intent != TELLS]
        model._kinds = _learn_kinds(rows[is_side], about)
        return model

    def predict(self, text: str) -> list[tuple[str, float]]:
        """Return every intent with its probability, the most likely first."""
        row = _rows([marks_of(text, self._topics)], self._places, self._rarity)
        weights, bias = self._side
        side = float(expit((row @ weights)[0] + bias))
        names, of_kind, biases = self._kinds
        raw = expit((row @ of_kind)[0] + biases)
        kinds = [(name, side * float(share)) for name, share in zip(names, raw / raw.sum(), strict=True)]
        return sorted([(TELLS, 1.0 - side), *kinds], key=lambda scored: (-scored[1], scored[0]))

    def save(self, folder: Path) -> None:
        """Write the model into a folder."""
        names, of_kind, biases = self._kinds
        weights, bias = self._side
        numpy.savez(
            folder / "weights.npz", rarity=self._rarity, side=weights, bias=bias, of_kind=of_kind, biases=biases
        )
        written = {"marks": list(self._places), "intents": names, "topics": self._topics.words}
        (folder / "marks.json").write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """Read a saved model."""
        written = json.loads((folder / "marks.json").read_text(encoding="utf-8"))
        places = {mark: place for place, mark in enumerate(written["marks"])}
        with numpy.load(folder / "weights.npz", allow_pickle=False) as saved:
            kinds = (written["intents"], saved["of_kind"], saved["biases"])
            side = (saved["side"], float(saved["bias"]))
            return cls(places, saved["rarity"], side, kinds, Topics(written["topics"]))


def _rows(marks: Iterable[Sequence[str]], places: Mapping[str, int], rarity: Any) -> csr_matrix:
    """Return one row per message: its known marks, the rare ones heavier, brought to length one."""
    columns: list[int] = []
    values: list[float] = []
    starts = [0]
    for of_one in marks:
        counts = Counter(places[mark] for mark in of_one if mark in places)
        row = [(1.0 + math.log(count)) * float(rarity[place]) for place, count in counts.items()]
        length = math.sqrt(sum(value * value for value in row)) or 1.0
        columns += counts
        values += [value / length for value in row]
        starts.append(len(columns))
    return csr_matrix((values, columns, starts), shape=(len(starts) - 1, len(places)), dtype="f")


def _learn_side(rows: csr_matrix, is_side: Any, messages: Sequence[Said]) -> tuple[Any, float]:
    counts = [SIDE_COUNTS if said.intent != TELLS else 1.0 if said.has_need else NEEDLESS_COUNTS for said in messages]
    solver = LogisticRegression(C=CLOSENESS_OF_SIDE, solver="liblinear", tol=1e-2, random_state=0)
    solver.fit(rows, is_side, sample_weight=counts)
    return solver.coef_[0].astype("f"), float(solver.intercept_[0])


def _learn_kinds(rows: csr_matrix, intents: Sequence[str]) -> tuple[list[str], Any, Any]:
    solver = LogisticRegression(
        C=CLOSENESS_OF_KIND, class_weight="balanced", solver="liblinear", tol=1e-2, random_state=0
    )
    solver.fit(rows, intents)
    # One row per mark, as a message is multiplied by it.
    weights = numpy.ascontiguousarray(solver.coef_.T, dtype="f")
    return [str(name) for name in solver.classes_], weights, solver.intercept_.astype("f")
