"""Small networks: marks of a message in, one hidden layer, any number of yes-or-no answers out.

Written on numpy: the rows are nearly empty, so that a step touches a few thousand weights out of millions. Rasa's own
DIET took ten times longer for less (docs/decisions/007). One hidden layer for needs, intents and dangers together
does better than a linear model for each: what it learns of one serves the others. Several networks that learn apart
are wrong at different places: the mean of what they answer is right more often than either.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy
from scipy.sparse import csr_matrix
from scipy.special import expit


@dataclass(frozen=True)
class Settings:
    """How the network learns; measured in docs/decisions/007."""

    networks: int = 2
    hidden: int = 192
    rounds: int = 6
    #: A few messages are gone through more often, so that something is learned of them.
    least_steps: int = 600
    batch: int = 64
    step: float = 0.002
    #: Share of the marks, and of the hidden units, that a step leaves out: no message may lean on one word.
    marks_dropped: float = 0.2
    hidden_dropped: float = 0.3


@dataclass(frozen=True)
class Lessons:
    """What there is to learn: a row per message, its true answers, and how much each of them counts (0: unknown)."""

    rows: Any
    truths: Any
    counts: Any

    def __len__(self) -> int:
        return int(self.rows.shape[0])

    def only(self, chosen: Any) -> Lessons:
        """Return some of the messages."""
        return Lessons(self.rows[chosen], self.truths[chosen], self.counts[chosen])


class Network:
    """The weights, and what they answer.

    Networks that learned apart lie side by side: a message goes through all of them at once, and the answer is their
    mean.
    """

    def __init__(self, inner: Any, inner_bias: Any, outer: Any, outer_bias: Any) -> None:
        """Take the weights of n networks: marks x (n x hidden), n x hidden, n x hidden x answers, n x answers."""
        self._inner = inner
        self._inner_bias = inner_bias
        self._outer = outer
        self._outer_bias = outer_bias

    @classmethod
    def side_by_side(cls, networks: Sequence[Network]) -> Network:
        """Put together networks that learned apart."""
        return cls(
            numpy.hstack([network._inner for network in networks]),
            numpy.hstack([network._inner_bias for network in networks]),
            numpy.concatenate([network._outer for network in networks]),
            numpy.concatenate([network._outer_bias for network in networks]),
        )

    def answers(self, rows: Any) -> Any:
        """Return the probability of each answer, one line per row."""
        hidden = numpy.maximum(rows @ self._inner + self._inner_bias, 0.0)
        each = zip(numpy.hsplit(hidden, len(self._outer)), self._outer, self._outer_bias, strict=True)
        return sum(expit(seen @ outer + bias) for seen, outer, bias in each) / len(self._outer)

    def save(self, path: Path) -> None:
        """Write the weights; half precision is enough to read them back."""
        numpy.savez(
            path,
            inner=self._inner.astype("float16"),
            inner_bias=self._inner_bias,
            outer=self._outer,
            outer_bias=self._outer_bias,
        )

    @classmethod
    def load(cls, path: Path) -> Network:
        """Read saved weights."""
        with numpy.load(path, allow_pickle=False) as saved:
            return cls(saved["inner"].astype("f"), saved["inner_bias"], saved["outer"], saved["outer_bias"])


def taught(lessons: Lessons, aside: int, settings: Settings, *, seed: int) -> tuple[Network, Any]:
    """Teach networks; return them with what they answered to the first `aside` messages before they learned from them.

    Each learns in a process of its own, as many at once as there are processors. The same seed and lessons, the same
    networks, whatever their number.
    """
    seeds = range(seed, seed + settings.networks)
    with ProcessPoolExecutor(min(len(seeds), os.cpu_count() or 1), mp_context=get_context("spawn")) as processes:
        given = [processes.submit(_taught_alone, lessons, aside, settings, one) for one in seeds]
        learned = [one.result() for one in given]
    return Network.side_by_side([network for network, _ in learned]), sum(said for _, said in learned) / len(learned)


def _taught_alone(lessons: Lessons, aside: int, settings: Settings, seed: int) -> tuple[Network, Any]:
    training = Training(lessons.rows.shape[1], lessons.truths.shape[1], settings, seed=seed)
    training.learn(lessons.only(slice(aside, None)), settings.rounds - 1)
    said = training.network().answers(lessons.rows[:aside])
    training.learn(lessons, 1)
    return training.network(), said


class Training:
    """Learns from lessons, round after round. The same seed and lessons, the same weights."""

    def __init__(self, marks: int, answers: int, settings: Settings, *, seed: int) -> None:
        self._settings = settings
        self._chance = numpy.random.default_rng(seed)
        normal = self._chance.standard_normal
        self._inner = _Learned(normal((marks, settings.hidden), dtype="f") * numpy.float32(0.09))
        self._inner_bias = _Learned(numpy.zeros(settings.hidden, "f"))
        self._outer = _Learned(normal((settings.hidden, answers), dtype="f") * numpy.float32(0.1))
        # Most answers are no.
        self._outer_bias = _Learned(numpy.full(answers, -3.0, "f"))
        self._steps = 0

    def learn(self, lessons: Lessons, rounds: int) -> None:
        """Go through the lessons so many times; more often when they are few."""
        steps = math.ceil(len(lessons) / self._settings.batch)
        for _ in range(max(rounds, math.ceil(self._settings.least_steps * rounds / self._settings.rounds / steps))):
            for chosen in self._batches(len(lessons)):
                self._step(lessons.only(chosen))

    def network(self) -> Network:
        """Return what was learned so far."""
        return Network(self._inner.value, self._inner_bias.value, self._outer.value[None], self._outer_bias.value[None])

    def _batches(self, messages: int) -> Iterator[Any]:
        order = self._chance.permutation(messages)
        for start in range(0, messages, self._settings.batch):
            yield order[start : start + self._settings.batch]

    def _step(self, lessons: Lessons) -> None:
        rows = self._with_marks_left_out(lessons.rows)
        weighed = rows @ self._inner.value + self._inner_bias.value
        kept = self._kept(weighed.shape, self._settings.hidden_dropped)
        hidden = numpy.maximum(weighed, 0.0) * kept
        answers = expit(hidden @ self._outer.value + self._outer_bias.value)
        wrong = (answers - lessons.truths) * lessons.counts / len(lessons)
        wrong_inside = (wrong @ self._outer.value.T) * kept * (weighed > 0)
        self._steps += 1
        step = self._settings.step * math.sqrt(1 - _SLOW**self._steps) / (1 - _FAST**self._steps)
        self._outer.follow(hidden.T @ wrong, step)
        self._outer_bias.follow(wrong.sum(0), step)
        self._inner_bias.follow(wrong_inside.sum(0), step)
        said = numpy.unique(rows.indices)
        narrow = csr_matrix(
            (rows.data, numpy.searchsorted(said, rows.indices), rows.indptr), shape=(len(lessons), len(said))
        )
        self._inner.follow_at(said, numpy.asarray(narrow.T @ wrong_inside), step)

    def _with_marks_left_out(self, rows: Any) -> Any:
        kept = self._kept(rows.data.shape, self._settings.marks_dropped)
        return csr_matrix((rows.data * kept, rows.indices, rows.indptr), shape=rows.shape)

    def _kept(self, shape: tuple[int, ...], dropped: float) -> Any:
        return (self._chance.random(shape, dtype="f") >= dropped) / numpy.float32(1.0 - dropped)


#: How long the two memories of a weight last (Adam: Kingma and Ba, 2015).
_FAST, _SLOW = 0.9, 0.999


class _Learned:
    """A weight matrix with the memory of its gradients."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self._mean = numpy.zeros_like(value)
        self._square = numpy.zeros_like(value)

    def follow(self, gradient: Any, step: float) -> None:
        self.follow_at(slice(None), gradient, step)

    def follow_at(self, where: Any, gradient: Any, step: float) -> None:
        """Move only the named rows: the marks of a few messages, out of a hundred thousand."""
        mean = self._mean[where] * numpy.float32(_FAST) + gradient * numpy.float32(1 - _FAST)
        square = self._square[where] * numpy.float32(_SLOW) + gradient * gradient * numpy.float32(1 - _SLOW)
        self._mean[where] = mean
        self._square[where] = square
        self.value[where] -= numpy.float32(step) * mean / (numpy.sqrt(square) + numpy.float32(1e-7))
