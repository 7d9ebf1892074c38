"""Which pipeline reads needs best? Four, on the same French messages and the same held-out ones, in one run.

    .venv/bin/python -m passerelle.conversation.training_data --into var/bot/data
    .venv/bin/python -m passerelle.conversation.training_data --evaluation var/bot/unseen.jsonl
    bot/.venv/bin/python tests/bench/pipelines.py [--only NAME ...] [--share 1.0]

Each runs in a process of its own in the bot's environment: what it costs in memory and seconds is its own. Prints a
table in Markdown, kept in docs/decisions/007. Gates nothing. Stock DIET takes half an hour on two cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).parents[2]
BOT = PROJECT / "bot"
DATA = PROJECT / "var" / "bot" / "data"
UNSEEN = PROJECT / "var" / "bot" / "unseen.jsonl"
LANGUAGE = "fr"

#: What `rasa init` writes in config.yml (3.6.21), uncommented.
STOCK = """
recipe: default.v1
language: fr
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: 100
    constrain_similarities: true
  - name: EntitySynonymMapper
  - name: ResponseSelector
    epochs: 100
    constrain_similarities: true
  - name: FallbackClassifier
    threshold: 0.3
    ambiguity_threshold: 0.1
policies:
  - name: RulePolicy
"""
LOGISTIC = """
recipe: default.v1
language: fr
pipeline:
  - name: WhitespaceTokenizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: LogisticRegressionClassifier
    max_iter: 100
policies:
  - name: RulePolicy
"""

Messages = list[tuple[str, frozenset[str]]]
Reads = Callable[[str], frozenset[str]]


def training_messages(share: float) -> Messages:
    """The French messages whose needs somebody noted."""
    lines = (json.loads(line) for line in (DATA / "messages.jsonl").open(encoding="utf-8"))
    told = [
        (line["text"], frozenset(line["needs"]))
        for line in lines
        if line["language"] == LANGUAGE and line["intent"] == "tell_situation" and line["needs"] is not None
    ]
    random.Random(1).shuffle(told)
    return told[: round(len(told) * share)]


def held_out() -> Messages:
    """The French messages nobody learned from."""
    lines = (json.loads(line) for line in UNSEEN.open(encoding="utf-8"))
    return [
        (line["text"], frozenset(line["needs"]))
        for line in lines
        if line["language"] == LANGUAGE and line["needs"] is not None
    ]


def with_rasa(config: str) -> Callable[[Messages, Path], Callable[[], Reads]]:
    """A Rasa pipeline has one label a message: several needs make one label of their own, joined by a plus."""

    def train(messages: Messages, folder: Path) -> Callable[[], Reads]:
        import yaml

        by_label: dict[str, list[str]] = {}
        for text, needs in messages:
            by_label.setdefault("+".join(sorted(needs)) or "none", []).append(text)
        # Rasa wants two messages of a label.
        kept = {label: texts for label, texts in by_label.items() if len(texts) > 1}
        blocks = [
            {"intent": label, "examples": "".join(f"- {text}\n" for text in texts)} for label, texts in kept.items()
        ]
        (folder / "nlu.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}), encoding="utf-8")
        (folder / "domain.yml").write_text(yaml.safe_dump({"version": "3.1", "intents": list(kept)}), encoding="utf-8")
        (folder / "config.yml").write_text(config, encoding="utf-8")
        from rasa.model_training import train_nlu

        archive = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder), fixed_model_name="model")

        def load() -> Reads:
            from rasa.core.agent import load_agent

            agent = asyncio.run(load_agent(model_path=archive))

            def read(text: str) -> frozenset[str]:
                label = asyncio.run(agent.parse_message(text))["intent"]["name"]
                return frozenset() if label in ("none", "nlu_fallback", None) else frozenset(label.split("+"))

            return read

        return load

    return train


def with_spacy(messages: Messages, folder: Path) -> Callable[[], Reads]:
    """spaCy's own multi-label classifier over words and pairs of words, as its quick start gives it."""
    import spacy
    from spacy.training import Example
    from spacy.util import compounding, minibatch

    nlp = spacy.blank("fr")
    textcat = nlp.add_pipe("textcat_multilabel")
    labels = sorted({need for _, needs in messages for need in needs})
    for label in labels:
        textcat.add_label(label)
    examples = [
        Example.from_dict(nlp.make_doc(text), {"cats": {label: float(label in needs) for label in labels}})
        for text, needs in messages
    ]
    nlp.initialize(lambda: examples[:200])
    chance = random.Random(1)
    for _ in range(12):
        chance.shuffle(examples)
        for batch in minibatch(examples, compounding(4.0, 64.0, 1.01)):
            nlp.update(batch)
    nlp.to_disk(folder / "spacy")

    def load() -> Reads:
        loaded = spacy.load(folder / "spacy")
        return lambda text: frozenset(label for label, score in loaded(text).cats.items() if score >= 0.5)

    return load


def with_ours(messages: Messages, folder: Path) -> Callable[[], Reads]:
    """The network of bot/components, taught these messages only."""
    sys.path.insert(0, str(BOT))
    from components.reading_model import ReadingModel
    from components.topics import Topics
    from components.training_messages import TELLS, Example

    topics = Topics(json.loads((DATA / "topics.json").read_text(encoding="utf-8")))
    examples = [Example(text, LANGUAGE, TELLS, tuple(sorted(needs)), None) for text, needs in messages]
    ReadingModel.train(examples, topics, seed=20).save(folder)

    def load() -> Reads:
        model = ReadingModel.load(folder)
        return lambda text: frozenset(need.thematique for need in model.read(text).needs)

    return load


PIPELINES: dict[str, Callable[[Messages, Path], Callable[[], Reads]]] = {
    "ours: one small network": with_ours,
    "Rasa LogisticRegressionClassifier": with_rasa(LOGISTIC),
    "spaCy textcat_multilabel": with_spacy,
    "stock Rasa (`rasa init`, DIET)": with_rasa(STOCK),
}


def run(name: str, share: float) -> str:
    """Train, load and read with one pipeline; one row of the table."""
    messages, unseen = training_messages(share), held_out()
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        load = PIPELINES[name](messages, Path(folder))
        trained = time.monotonic() - started
        started = time.monotonic()
        read = load()
        read("bonjour")
        loaded = time.monotonic() - started
        started = time.monotonic()
        found = [read(text) for text, _ in unseen]
        each = (time.monotonic() - started) / len(unseen)
    both = sum(len(needs & said) for (_, needs), said in zip(unseen, found, strict=True))
    told, said = sum(len(needs) for _, needs in unseen), sum(map(len, found))
    none = [said for (_, needs), said in zip(unseen, found, strict=True) if not needs]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"| {name} | {2 * both / (told + said):.3f} | {both / max(said, 1):.3f} | {both / told:.3f} | "
        f"{sum(map(bool, none)) / len(none):.3f} | {trained:.0f} s | {loaded:.1f} s | {1000 * each:.1f} ms | "
        f"{memory:.0f} MB |"
    )


def main() -> int:
    """Run each pipeline in a process of its own and print the table."""
    parser = argparse.ArgumentParser(description="Compare pipelines on the same messages.")
    parser.add_argument("--one", choices=PIPELINES, help="run this one here")
    parser.add_argument("--only", nargs="*", choices=PIPELINES, default=list(PIPELINES))
    parser.add_argument("--share", type=float, default=1.0, help="the share of the training messages to learn from")
    options = parser.parse_args()
    if options.one:
        print(run(options.one, options.share), flush=True)
        return 0
    print(f"{round(len(training_messages(options.share)))} messages learned, {len(held_out())} held out.\n")
    print("| pipeline | needs F1 | precision | recall | needs on none | training | start | a message | memory |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    for name in options.only:
        command = [sys.executable, __file__, "--one", name, "--share", str(options.share)]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        print(next(line for line in output.splitlines() if line.startswith("| ")), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
