"""Which needs a message tells of: a spaCy multi-label text classifier over words and groups of letters.

People write by SMS: "jpeu plu payé mon loyé" shares few words but many groups of letters with "je ne peux plus payer
mon loyer". So the tokenizer hands spaCy words, pairs of words and groups of letters, all as tokens of one `Doc`.

Only the tokens of the training messages exist for the model. An unknown one is dropped before spaCy sees it: spaCy
keeps every string it meets for ever, which would keep the words of people in memory.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import spacy
from spacy.attrs import ORTH
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example as SpacyExample
from spacy.util import fix_random_seed, minibatch, registry
from spacy.vocab import Vocab
from scipy.special import expit
from thinc.api import SGD, Model, SparseLinear_v2, chain, set_dropout_rate

#: A token seen in fewer training messages than this says nothing about other messages.
SEEN_AT_LEAST = 2

#: Sizes of the groups of letters, the space around a word included.
LETTERS = (3, 4, 5)

#: Share of the training messages kept aside to choose the threshold.
HELD_OUT = 0.15

BATCH = 32
LEARN_RATE = 2.0
#: Share of the tokens of a message hidden at each step, so that no single word decides.
DROPOUT = 0.3

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


def tokens_of(text: str) -> Iterator[str]:
    """Yield the words, the pairs of neighbouring words, and the groups of letters of a normalised text."""
    words = _WORD.findall(text)
    yield from words
    yield from (f"{first} {second}" for first, second in zip(words, words[1:], strict=False))
    for word in words:
        padded = f" {word} "
        for size in LETTERS:
            yield from (f"#{padded[start : start + size]}" for start in range(len(padded) - size + 1))


class KnownTokens:
    """A spaCy tokenizer that only makes tokens seen in training."""

    def __init__(self, vocab: Vocab, known: Iterable[str] = ()) -> None:
        self.vocab = vocab
        self.known = frozenset(known)

    def __call__(self, text: str) -> Doc:
        return Doc(self.vocab, words=[token for token in tokens_of(text) if token in self.known])

    def to_bytes(self, **kwargs: Any) -> bytes:
        """Return the known tokens, for spaCy to save."""
        return json.dumps(sorted(self.known), ensure_ascii=False).encode()

    def from_bytes(self, data: bytes, **kwargs: Any) -> KnownTokens:
        """Take back saved tokens."""
        self.known = frozenset(json.loads(data))
        return self

    def to_disk(self, path: Path, **kwargs: Any) -> None:
        """Save the known tokens."""
        Path(path).write_bytes(self.to_bytes())

    def from_disk(self, path: Path, **kwargs: Any) -> KnownTokens:
        """Read saved tokens."""
        return self.from_bytes(Path(path).read_bytes())


@registry.tokenizers("passerelle.KnownTokens.v1")
def make_known_tokens() -> Callable[[Language], KnownTokens]:
    """Let a spaCy configuration name the tokenizer."""
    return lambda nlp: KnownTokens(nlp.vocab)


@registry.architectures("passerelle.WeighedTokens.v1")
def build_weighed_tokens(length: int, nO: int | None = None) -> Model:  # noqa: N803 (spaCy's name)
    """Build a linear layer over the tokens of a message: rare tokens weigh more, long messages do not."""
    weigh = _weigh_tokens()
    linear = SparseLinear_v2(nO=nO, length=length)
    model = chain(weigh, linear, _probabilities())
    model.set_ref("weigh", weigh)
    model.set_ref("output_layer", linear)
    model.attrs["multi_label"] = True
    if nO is not None:
        model.set_dim("nO", nO)
    return model


def _weigh_tokens() -> Model:
    attributes = {"dropout_rate": 0.0, "keys": numpy.zeros(0, dtype="uint64"), "rarity": numpy.zeros(0, dtype="f")}
    return Model("weigh_tokens", _weigh, attrs=attributes)


def _weigh(model: Model, docs: Sequence[Doc], is_train: bool) -> tuple[Any, Callable[[Any], list]]:
    """Return the tokens of each message with their tf-idf weights, as the sparse layer reads them."""
    known, rarity = model.attrs["keys"], model.attrs["rarity"]
    hidden = model.attrs["dropout_rate"] if is_train else 0.0
    keys, values = [], []
    for doc in docs:
        found, counts = numpy.unique(doc.to_array([ORTH]).reshape(-1), return_counts=True)
        if hidden:
            kept = numpy.random.random(found.shape[0]) >= hidden
            found, counts = found[kept], counts[kept]
        weights = (1.0 + numpy.log(counts)) * rarity[numpy.searchsorted(known, found)]
        keys.append(found)
        values.append(weights / (math.sqrt(float(weights @ weights)) or 1.0))
    lengths = numpy.asarray([found.shape[0] for found in keys], dtype="i")
    sparse = (numpy.concatenate(keys).astype("uint64"), numpy.concatenate(values).astype("f"), lengths)
    return sparse, lambda _: []


def _probabilities() -> Model:
    # The plain gradient of the cross-entropy: spaCy's own Logistic layer multiplies it by p(1 - p), which
    # nearly stops the learning of rare thematiques.
    return Model("probabilities", lambda model, scores, is_train: (expit(scores), lambda gradient: gradient))


class NeedsModel:
    """A trained classifier and the threshold above which a need counts."""

    def __init__(self, nlp: Language, threshold: float) -> None:
        self._nlp = nlp
        self.threshold = threshold

    @classmethod
    def train(cls, examples: Sequence[Example], *, seed: int, epochs: int) -> NeedsModel:
        """Choose the threshold on messages held out, then learn from all of them. The same seed, the same model."""
        shuffled = sorted(examples, key=lambda example: (example.text, example.needs))
        random.Random(seed).shuffle(shuffled)  # noqa: S311 (reproducible, not secret)
        held_out = round(len(shuffled) * HELD_OUT)
        rehearsal = _fit(shuffled[held_out:], seed, epochs)
        threshold = best_threshold(_scores(rehearsal, shuffled[:held_out]))
        return cls(_fit(shuffled, seed, epochs), threshold)

    def predict(self, text: str) -> list[Need]:
        """Return the needs told, best first."""
        scores = self.scores(text)
        kept = [Need(name, score) for name, score in scores.items() if score >= self.threshold]
        return sorted(kept, key=lambda need: (-need.score, need.thematique))

    def scores(self, text: str) -> dict[str, float]:
        """Return the score of every thematique known; nothing for a text without a known token."""
        doc = self._nlp(text)
        return dict(doc.cats) if len(doc) else {}

    def save(self, folder: Path) -> None:
        """Write the model into a folder."""
        self._nlp.to_disk(folder / "spacy")
        (folder / "needs.json").write_text(json.dumps({"threshold": self.threshold}), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> NeedsModel:
        """Read a saved model."""
        settings = json.loads((folder / "needs.json").read_text(encoding="utf-8"))
        return cls(spacy.load(folder / "spacy"), settings["threshold"])


def best_threshold(scored: Sequence[tuple[dict[str, float], frozenset[str]]]) -> float:
    """Return the threshold with the best micro-F1 on messages whose needs are known; 0.5 when none tells it."""
    candidates = [number / 100 for number in range(15, 75)]
    best = max(candidates, key=lambda threshold: (round(micro_f1(scored, threshold), 3), -abs(threshold - 0.5)))
    return best if micro_f1(scored, best) > 0 else 0.5


def micro_f1(scored: Iterable[tuple[dict[str, float], frozenset[str]]], threshold: float) -> float:
    """Return the F1 over all pairs (message, thematique) together."""
    right = said = told = 0
    for scores, needs in scored:
        found = {name for name, score in scores.items() if score >= threshold}
        right += len(found & needs)
        said += len(found)
        told += len(needs)
    return 2 * right / (said + told) if right else 0.0


def _fit(examples: Sequence[Example], seed: int, epochs: int) -> Language:
    fix_random_seed(seed)
    seen = Counter(token for example in examples for token in set(tokens_of(example.text)))
    known = {token: count for token, count in seen.items() if count >= SEEN_AT_LEAST}
    nlp = spacy.blank("xx", config={"nlp": {"tokenizer": {"@tokenizers": "passerelle.KnownTokens.v1"}}})
    nlp.tokenizer.known = frozenset(known)
    labels = sorted({need for example in examples for need in example.needs})
    model = _add_classifier(nlp, labels, known, len(examples))
    docs = [nlp.make_doc(example.text) for example in examples]
    truths = numpy.asarray([[need in example.needs for need in labels] for example in examples], dtype="f")
    _descend(model, docs, truths, random.Random(seed), epochs)  # noqa: S311 (reproducible, not secret)
    return nlp


def _add_classifier(nlp: Language, labels: Sequence[str], known: dict[str, int], messages: int) -> Model:
    # Twice as many cells as tokens keeps most tokens apart in the hashed layer.
    length = 2 ** max(12, math.ceil(math.log2(2 * len(known) + 1)))
    architecture = {"@architectures": "passerelle.WeighedTokens.v1", "length": length}
    textcat = nlp.add_pipe("textcat_multilabel", config={"threshold": 0.5, "model": architecture})
    for label in labels:
        textcat.add_label(label)
    sample = [SpacyExample.from_dict(nlp.make_doc(""), {"cats": dict.fromkeys(labels, 0.0)})]
    nlp.initialize(lambda: sample)
    keys = {nlp.vocab.strings.add(token): 1.0 + math.log((1 + messages) / (1 + count)) for token, count in known.items()}
    weigh = textcat.model.get_ref("weigh")
    weigh.attrs["keys"] = numpy.asarray(sorted(keys), dtype="uint64")
    weigh.attrs["rarity"] = numpy.asarray([keys[key] for key in sorted(keys)], dtype="f")
    return textcat.model


def _descend(model: Model, docs: Sequence[Doc], truths: Any, order: random.Random, epochs: int) -> None:
    """Plain gradient steps. Adam learns a rare token as strongly as a frequent one, which was measured far worse."""
    optimizer = SGD(LEARN_RATE, L2=0.0, grad_clip=0.0)
    set_dropout_rate(model, DROPOUT)
    numbers = list(range(len(docs)))
    for _ in range(epochs):
        order.shuffle(numbers)
        for batch in minibatch(numbers, size=BATCH):
            scores, backprop = model.begin_update([docs[number] for number in batch])
            backprop(scores - truths[batch])
            model.finish_update(optimizer)
    set_dropout_rate(model, 0.0)


def _scores(nlp: Language, examples: Sequence[Example]) -> list[tuple[dict[str, float], frozenset[str]]]:
    docs = nlp.pipe(example.text for example in examples)
    return [(dict(doc.cats), frozenset(example.needs)) for doc, example in zip(docs, examples, strict=True)]
