"""Which needs a message tells of: a spaCy multi-label text classifier over words, groups of letters and topics.

People write by SMS: "jpeu plu payé mon loyé" shares few words but many groups of letters with "je ne peux plus payer
mon loyer". And people use words that no training message holds: the lists of topics.yml and concepts.yml say that an
oven belongs with a fridge, in every language. So the tokenizer hands spaCy words, pairs of words, groups of letters
and topics, all as tokens of one `Doc`.

One more label says whether the message tells of a need at all; the score of a need is multiplied by it, because
"mon loyer est paye" speaks of rent and tells no need.

Only the tokens of the training messages exist for the model. An unknown one is dropped before spaCy sees it: spaCy
keeps every string it meets for ever, which would keep the words of people in memory.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy
import spacy
from scipy.sparse import csr_matrix
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from spacy.attrs import ORTH
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example as SpacyExample
from spacy.util import registry
from spacy.vocab import Vocab
from thinc.api import Model, chain

from components.topics import Topics

#: A token seen in fewer training messages than this says little about other messages.
SEEN_AT_LEAST = 2

#: Sizes of the groups of letters, the space around a word included.
LETTERS = (3, 4, 5)

#: How much more a topic weighs than a word: somebody chose its words, a word of a message came by chance.
TOPIC_WEIGHT = 4.0

#: Share of the training messages kept aside to choose the threshold.
HELD_OUT = 0.15

#: The label of a message that tells of any need.
ANY = "any"

#: What a need seen where there is none costs, beside the micro-F1, when the thresholds are chosen.
FALSE_COST = 0.15

#: How closely the weights may follow the training messages (scikit-learn's C).
CLOSENESS = 10.0

#: A message that tells of a need counts as several that do not, which are thirty times as many: without it the
#: scores of rare thematiques stay near zero.
TELLING_COUNTS = 4.0

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@dataclass(frozen=True)
class Example:
    """A training message, normalised, and the thematiques it tells of."""

    text: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Need:
    """A thematique told by a message, and how sure the model is, from 0 to 1."""

    thematique: str
    score: float

    def as_dict(self) -> dict[str, Any]:
        """Return the form of the wire."""
        return {"thematique": self.thematique, "score": round(self.score, 4)}


def tokens_of(text: str, topics: Topics) -> list[str]:
    """Return the words, the pairs of neighbouring words, the groups of letters and the topics of a text."""
    words = _WORD.findall(text)
    tokens = words + [f"{first} {second}" for first, second in pairwise(words)]
    for word in words:
        padded = f" {word} "
        for size in LETTERS:
            tokens += [f"#{padded[start : start + size]}" for start in range(len(padded) - size + 1)]
    return tokens + [f"@{topic}" for topic in topics.found_in(text)]


class KnownTokens:
    """A spaCy tokenizer that only makes tokens seen in training."""

    def __init__(self, vocab: Vocab, known: Iterable[str] = (), topics: Topics | None = None) -> None:
        self.vocab = vocab
        self.known = frozenset(known)
        self.topics = topics or Topics({})

    def __call__(self, text: str) -> Doc:
        return Doc(self.vocab, words=[token for token in tokens_of(text, self.topics) if token in self.known])

    def to_bytes(self, **kwargs: Any) -> bytes:
        """Return the known tokens and the topics, for spaCy to save."""
        return json.dumps({"known": sorted(self.known), "topics": self.topics.words}, ensure_ascii=False).encode()

    def from_bytes(self, data: bytes, **kwargs: Any) -> KnownTokens:
        """Take back saved tokens and topics."""
        saved = json.loads(data)
        self.known, self.topics = frozenset(saved["known"]), Topics(saved["topics"])
        return self

    def to_disk(self, path: Path, **kwargs: Any) -> None:
        """Save the known tokens and the topics."""
        Path(path).write_bytes(self.to_bytes())

    def from_disk(self, path: Path, **kwargs: Any) -> KnownTokens:
        """Read saved tokens and topics."""
        return self.from_bytes(Path(path).read_bytes())


@registry.tokenizers("passerelle.KnownTokens.v1")
def make_known_tokens() -> Callable[[Language], KnownTokens]:
    """Let a spaCy configuration name the tokenizer."""
    return lambda nlp: KnownTokens(nlp.vocab)


@registry.architectures("passerelle.WeighedTokens.v1")
def build_weighed_tokens(nO: int | None = None) -> Model:  # noqa: N803 (spaCy's name)
    """Build a linear layer over the tokens of a message: rare tokens weigh more, long messages do not."""
    weigh = Model("weigh_tokens", _weigh, attrs={"keys": numpy.zeros(0, dtype="uint64"), "weights": numpy.zeros(0)})
    linear = Model("linear", _apply, init=_begin, params={"W": None, "b": None}, dims={"nO": nO})
    model = chain(weigh, linear)
    model.set_ref("weigh", weigh)
    model.set_ref("output_layer", linear)
    model.attrs["multi_label"] = True
    return model


def _weigh(model: Model, docs: Sequence[Doc], is_train: bool) -> tuple[csr_matrix, Callable[[Any], list]]:
    """Return one row per message: its tokens' counts on a log scale, by their weights, brought to length one."""
    keys, weights = model.attrs["keys"], model.attrs["weights"]
    columns, values, starts = [], [], [0]
    for doc in docs:
        found, counts = numpy.unique(doc.to_array([ORTH]).reshape(-1), return_counts=True)
        places = numpy.searchsorted(keys, found)
        row = (1.0 + numpy.log(counts)) * weights[places]
        columns.append(places)
        values.append(row / (math.sqrt(float(row @ row)) or 1.0))
        starts.append(starts[-1] + len(places))
    data = (numpy.concatenate(values), numpy.concatenate(columns), numpy.asarray(starts))
    return csr_matrix(data, shape=(len(docs), len(keys)), dtype="f"), lambda _: []


def _begin(model: Model, X: Any = None, Y: Any = None) -> None:  # noqa: N803 (thinc's names)
    """Start from weights of zero; `_solve` finds the real ones."""
    outputs, inputs = (Y.shape[1] if Y is not None else 1), (X.shape[1] if X is not None else 0)
    _set_solution(model, numpy.zeros((inputs, outputs)), numpy.zeros(outputs))


def _set_solution(linear: Model, weights: Any, biases: Any) -> None:
    if not linear.has_dim("nO"):
        linear.set_dim("nO", weights.shape[1])
    # One row per token: scipy would copy the other way round at each message.
    linear.set_param("W", numpy.ascontiguousarray(weights, dtype="f"))
    linear.set_param("b", biases.astype("f"))


def _apply(model: Model, rows: csr_matrix, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
    """Return the probability of each label, each on its own."""
    scores = rows @ model.get_param("W") + model.get_param("b")
    return expit(scores).astype("f"), lambda gradient: gradient


@dataclass(frozen=True)
class Thresholds:
    """Above what a need counts."""

    #: The lowest score of a need.
    need: float
    #: The lowest probability that the message tells of a need at all.
    any: float

    def kept(self, scores: Mapping[str, float]) -> dict[str, float]:
        """Return the needs that count, out of the scores of all labels."""
        told = scores.get(ANY, 0.0)
        if told < self.any:
            return {}
        needs = {name: score * told for name, score in scores.items() if name != ANY}
        return {name: score for name, score in needs.items() if score >= self.need}


class NeedsModel:
    """A trained classifier and the thresholds above which a need counts."""

    def __init__(self, nlp: Language, thresholds: Thresholds) -> None:
        self._nlp = nlp
        self.thresholds = thresholds

    @classmethod
    def train(cls, examples: Sequence[Example], topics: Topics, *, seed: int) -> NeedsModel:
        """Choose the thresholds on messages held out, then learn from all of them. The same seed, the same model."""
        shuffled = sorted(examples, key=lambda example: (example.text, example.needs))
        random.Random(seed).shuffle(shuffled)  # noqa: S311 (reproducible, not secret)
        held_out = round(len(shuffled) * HELD_OUT)
        rehearsal = _fit(shuffled[held_out:], topics)
        thresholds = best_thresholds(_scores(rehearsal, shuffled[:held_out]))
        return cls(_fit(shuffled, topics), thresholds)

    def predict(self, text: str) -> list[Need]:
        """Return the needs told, best first."""
        kept = [Need(name, score) for name, score in self.thresholds.kept(self.scores(text)).items()]
        return sorted(kept, key=lambda need: (-need.score, need.thematique))

    def scores(self, text: str) -> dict[str, float]:
        """Return the probability of every label, `any` among them; nothing for a text without a known token."""
        doc = self._nlp(text)
        return dict(doc.cats) if len(doc) else {}

    def save(self, folder: Path) -> None:
        """Write the model into a folder."""
        self._nlp.to_disk(folder / "spacy")
        (folder / "needs.json").write_text(json.dumps(asdict(self.thresholds)), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> NeedsModel:
        """Read a saved model."""
        settings = json.loads((folder / "needs.json").read_text(encoding="utf-8"))
        return cls(spacy.load(folder / "spacy"), Thresholds(**settings))


Scored = Sequence[tuple[Mapping[str, float], frozenset[str]]]


def best_thresholds(scored: Scored) -> Thresholds:
    """Return the thresholds with the best micro-F1, false needs counted against it; 0.5 when no message tells it."""
    candidates = [Thresholds(need / 100, any / 10) for need in range(10, 61, 3) for any in range(0, 8)]
    worths = {thresholds: _worth(scored, thresholds) for thresholds in candidates}
    best = max(candidates, key=lambda thresholds: (worths[thresholds], thresholds.need))
    return best if micro_f1(scored, best) > 0 else Thresholds(0.5, 0.5)


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


def _fit(examples: Sequence[Example], topics: Topics) -> Language:
    nlp = spacy.blank("xx", config={"nlp": {"tokenizer": {"@tokenizers": "passerelle.KnownTokens.v1"}}})
    seen = Counter(token for example in examples for token in set(tokens_of(example.text, topics)))
    known = {token: count for token, count in seen.items() if count >= SEEN_AT_LEAST}
    nlp.tokenizer.known, nlp.tokenizer.topics = frozenset(known), topics
    labels = sorted({need for example in examples for need in example.needs})
    model = _add_classifier(nlp, [*labels, ANY])
    _set_weights(model.get_ref("weigh"), nlp.vocab, known, len(examples))
    rows = model.get_ref("weigh").predict([nlp.make_doc(example.text) for example in examples])
    truths = [[need in example.needs for example in examples] for need in labels]
    truths.append([bool(example.needs) for example in examples])
    _solve(model.get_ref("output_layer"), rows, truths)
    return nlp


def _add_classifier(nlp: Language, labels: Sequence[str]) -> Model:
    architecture = {"@architectures": "passerelle.WeighedTokens.v1"}
    textcat = nlp.add_pipe("textcat_multilabel", config={"model": architecture})
    for label in labels:
        textcat.add_label(label)
    sample = [SpacyExample.from_dict(nlp.make_doc(""), {"cats": dict.fromkeys(labels, 0.0)})]
    nlp.initialize(lambda: sample)
    return textcat.model


def _set_weights(weigh: Model, vocab: Vocab, known: Mapping[str, int], messages: int) -> None:
    rarity = {
        vocab.strings.add(token): (1.0 + math.log((1 + messages) / (1 + count)))
        * (TOPIC_WEIGHT if token.startswith("@") else 1.0)
        for token, count in known.items()
    }
    weigh.attrs["keys"] = numpy.asarray(sorted(rarity), dtype="uint64")
    weigh.attrs["weights"] = numpy.asarray([rarity[key] for key in sorted(rarity)])


def _solve(linear: Model, rows: csr_matrix, truths: Sequence[Sequence[bool]]) -> None:
    """Find the weights of each label, which is a convex problem: exact in seconds, where gradient steps of spaCy took
    forty times longer and Adam, which learns a rare token as strongly as a frequent one, was far worse.
    """
    solved = [_separate(rows, truth) for truth in truths]
    weights = numpy.asarray([weights for weights, _ in solved]).reshape(len(truths), -1).T
    _set_solution(linear, weights, numpy.asarray([bias for _, bias in solved]))


def _separate(rows: csr_matrix, truth: Sequence[bool]) -> tuple[Any, float]:
    is_rare = sum(truth) * 2 < len(truth)
    solver = LogisticRegression(
        C=CLOSENESS,
        class_weight={True: TELLING_COUNTS if is_rare else 1.0, False: 1.0},
        solver="liblinear",
        tol=1e-2,
        random_state=0,
    )
    solver.fit(rows, truth)
    return solver.coef_[0], float(solver.intercept_[0])


def _scores(nlp: Language, examples: Sequence[Example]) -> list[tuple[dict[str, float], frozenset[str]]]:
    docs = nlp.pipe(example.text for example in examples)
    return [(dict(doc.cats), frozenset(example.needs)) for doc, example in zip(docs, examples, strict=True)]
