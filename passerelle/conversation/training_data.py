"""Compiles `nlu_data/` into what the bot trains on, with the same normalisation as each request (DESIGN §2).

The bot runs in another environment and only ever sees normalised text, so this runs here, in the app's environment:
`.venv/bin/python -m passerelle.conversation.training_data`.
"""

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import yaml
from data_inclusion.schema.v1 import Thematique

from passerelle.foundation.errors import BadInput
from passerelle.foundation.text import Normaliser, clean, fold
from passerelle.safety.check import KINDS

PROJECT = Path(__file__).parents[2]

#: The intent of a person who tells their situation; the only one whose examples carry needs.
TELL_SITUATION = "tell_situation"

#: The messages that tell a situation; each way of speaking may have its own file.
NEEDS_FILES = "needs*.yml"
INTENTS_FILES = "intents*.yml"

#: How many messages of an intent Rasa's own training data holds, in each language.
SHOWN_TO_RASA = 5

#: Messages of people in danger, and the ordinary ones that look like them.
DANGER_FILES = "danger*.yml"
NO_DANGER = "none"

#: Questions of health, which are refused, and the ordinary messages that look like them.
MEDICAL_FILE = "medical.yml"

THEMATIQUES = frozenset(thematique.value for thematique in Thematique)

#: What a model is made from besides the messages: a change of any of them asks for a new training.
BOT_INPUTS = (
    "config.yml",
    "domain/**/*.yml",
    "rules/**/*.yml",
    "components/**/*.py",
    "train.py",
    "requirements.lock",
)

#: A repeat without end inside another one, or after two others, can take seconds on a hostile text (A18).
MAX_ENDLESS_REPEATS = 2

_CONCEPT = re.compile(r"[a-z]+(?:_[a-z]+)*")
_ENDLESS = re.compile(r"(?<!\\)(?:[*+]|\{\d*,\})")
_ESCAPED_OR_CLASS = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]")
_NESTED = re.compile(r"\([^()]*[*+][^()]*\)(?:[*+]|\{\d*,)")


class SpellsOut(Protocol):
    """What the compilation needs of a `Normaliser`."""

    def normalise(self, text: str, language: str) -> str: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One message as the bot reads it."""

    text: str
    intent: str
    #: Thematiques told by the message, in alphabetical order; None when nobody said.
    needs: tuple[str, ...] | None
    language: str
    #: The kind of danger it tells of, "none", or None when nobody said.
    danger: str | None = None
    #: Whether it asks for advice on health; None when nobody said.
    medical: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Vocabulary:
    """The names that the bot's domain knows."""

    intents: frozenset[str]
    entities: frozenset[str]

    @classmethod
    def load(cls, domain: Path) -> "Vocabulary":
        """Read the names from the folder of the bot's domain."""
        intents: set[str] = set()
        entities: set[str] = set()
        for path in sorted(domain.glob("*.yml")):
            content = _read(path) or {}
            intents |= {_name(item) for item in content.get("intents", [])}
            entities |= {_name(item) for item in content.get("entities", [])}
        return cls(intents=frozenset(intents), entities=frozenset(entities))


def compile_training_data(nlu_data: Path, into: Path, normaliser: SpellsOut, *, bot: Path = PROJECT / "bot") -> str:
    """Write the training data of every language into `into`; return the digest of all that a training reads.

    The digest covers the compiled messages, and the bot's configuration, domain, rules, components and lock.
    Nothing is written when an input is bad.
    """
    vocabulary = Vocabulary.load(bot / "domain")
    compiled = {}
    messages: list[Example] = []
    topics: dict[str, set[str]] = {}
    for folder in _language_folders(nlu_data):
        examples = read_examples(folder, normaliser, vocabulary)
        signals = read_signals(folder / "signals.yml", vocabulary)
        words = read_topics(folder / "topics.yml", normaliser) | read_concepts(folder / "concepts.yml", normaliser)
        for name, listed in words.items():
            topics.setdefault(name, set()).update(listed)
        messages += examples
        compiled[f"nlu/{folder.name}.yml"] = _as_rasa_yaml(examples, _with_language(signals, folder.name))
    if not compiled:
        raise BadInput(place=str(nlu_data), reason="no language folder with needs*.yml or intents.yml.")
    compiled["messages.jsonl"] = "".join(f"{_as_json(example)}\n" for example in messages)
    compiled["topics.json"] = json.dumps(
        {name: sorted(listed) for name, listed in sorted(topics.items())}, ensure_ascii=False
    )
    digest = _digest(compiled, bot)
    _write(compiled, digest, into)
    return digest


def read_examples(folder: Path, normaliser: SpellsOut, vocabulary: Vocabulary) -> list[Example]:
    """Read every needs*.yml, and intents.yml, of one language; the same message twice counts once.

    A message told in a needs file without a need gives way to the intent that intents.yml gives it. A message of
    danger.yml that a needs file holds too keeps its needs.
    """
    found: dict[str, Example] = {}
    told = [message for path in sorted(folder.glob(NEEDS_FILES)) for message in _needs_of(path)]
    written = [*told, *_intents_of(folder / "intents.yml", vocabulary)]
    for place, text, intent, needs in written:
        example = Example(
            text=_without_markup(normaliser.normalise(clean(text), folder.name)),
            intent=intent,
            needs=tuple(sorted(set(needs))),
            language=folder.name,
        )
        if not example.text:
            raise BadInput(place=place, reason="a message is empty.")
        other = found.get(example.text)
        if other is None or (other.intent == TELL_SITUATION and not other.needs and not example.needs):
            found[example.text] = example
        elif other != example:
            raise BadInput(place=place, reason=_disagreement(other, example))
    for path in sorted(folder.glob(DANGER_FILES)):
        for place, text, kind in _marked(path, "kind", frozenset({NO_DANGER, *KINDS})):
            _mark(found, place, replace(_told(text, folder.name, normaliser), danger=str(kind)))
    for place, text, medical in _marked(folder / MEDICAL_FILE, "medical", frozenset({True, False})):
        # A question of health tells no need; what an ordinary message tells, nobody said here.
        asked = _told(text, folder.name, normaliser)
        _mark(found, place, replace(asked, medical=bool(medical), needs=() if medical else None))
    return list(found.values())


def _told(text: str, language: str, normaliser: SpellsOut) -> Example:
    read = _without_markup(normaliser.normalise(clean(text), language))
    return Example(text=read, intent=TELL_SITUATION, needs=None, language=language)


def _mark(found: dict[str, Example], place: str, marked: Example) -> None:
    """Note a danger or a question of health on the message known, or add the message."""
    if not marked.text:
        raise BadInput(place=place, reason="a message is empty.")
    known = found.get(marked.text)
    if known is None:
        found[marked.text] = marked
        return
    if marked.danger is not None and known.danger not in (None, marked.danger):
        reason = f"the message {marked.text!r} is written under {known.danger} and {marked.danger}."
        raise BadInput(place=place, reason=reason)
    if known.intent == TELL_SITUATION:
        found[marked.text] = replace(
            known,
            danger=marked.danger if known.danger is None else known.danger,
            medical=marked.medical if known.medical is None else known.medical,
        )


def _disagreement(one: Example, other: Example) -> str:
    if one.intent == other.intent:
        return f"the message {one.text!r} is written twice, with different needs."
    return f"the message {one.text!r} is written under {one.intent} and {other.intent}."


def read_signals(path: Path, vocabulary: Vocabulary) -> dict[str, list[str]]:
    """Read the patterns of signals.yml, each checked to compile, to name a known entity and to end quickly."""
    if not path.exists():
        return {}
    content = _read(path)
    if not isinstance(content, dict):
        raise BadInput(place=str(path), reason="expected a mapping of entity names to lists of patterns.")
    for entity, patterns in content.items():
        place = f"{path}, {entity}"
        if entity not in vocabulary.entities:
            raise BadInput(place=place, reason="the bot's domain has no such entity.")
        for pattern in _texts(patterns, place):
            reason = weakness_of(pattern)
            if reason:
                raise BadInput(place=place, reason=f"the pattern {pattern!r} {reason}.")
    return content


def write_evaluation(nlu_data: Path, into: Path, normaliser: SpellsOut, *, bot: Path = PROJECT / "bot") -> int:
    """Write the messages of `evaluation/` as the bot reads them, one JSON object a line; return how many."""
    vocabulary = Vocabulary.load(bot / "domain")
    lines = []
    for folder in sorted(nlu_data.glob("*/evaluation/")):
        language = folder.parent.name
        with_needs = [
            (text, None, list(needs))
            for path in sorted(folder.glob(NEEDS_FILES))
            for _, text, _, needs in _needs_of(path)
        ]
        with_intent = [
            (text, intent, None)
            for path in sorted(folder.glob(INTENTS_FILES))
            for _, text, intent, _ in _intents_of(path, vocabulary)
        ]
        for text, intent, needs in (*with_needs, *with_intent):
            read = normaliser.normalise(clean(text), language)
            lines.append(json.dumps({"text": read, "language": language, "intent": intent, "needs": needs}))
    into.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(lines)


def read_topics(path: Path, normaliser: SpellsOut) -> dict[str, list[str]]:
    """Read topics.yml: the words that speak of a thematique, `frigo*` for every word that begins with "frigo"."""
    topics = _words_of(path, normaliser)
    for thematique in topics.keys() - THEMATIQUES:
        raise BadInput(place=f"{path}, {thematique}", reason="this is not a thematique of data·inclusion.")
    return topics


def read_concepts(path: Path, normaliser: SpellsOut) -> dict[str, list[str]]:
    """Read concepts.yml: the words of an idea ("landlord"), whatever the need; the same names in all languages."""
    concepts = _words_of(path, normaliser)
    for name in concepts:
        if not _CONCEPT.fullmatch(name):
            raise BadInput(place=f"{path}, {name}", reason="the name of an idea is small letters and underscores.")
    return concepts


def _words_of(path: Path, normaliser: SpellsOut) -> dict[str, list[str]]:
    content = _read(path) if path.exists() else {}
    if not isinstance(content, dict):
        raise BadInput(place=str(path), reason="expected a mapping of names to lists of words.")
    language = path.parent.name
    # The beginning of a word is no word: the spelling table must not spell it out.
    return {
        str(name): [
            fold(word) if word.endswith("*") else normaliser.normalise(word, language)
            for word in _texts(words, f"{path}, {name}")
        ]
        for name, words in content.items()
    }


def weakness_of(pattern: str) -> str | None:
    """Say why a pattern may not be given to the bot, or None when it may."""
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        return f"is not a regular expression: {error}"
    if "\n" in pattern or pattern != pattern.strip():
        return "has a line break or a space at its ends"
    if compiled.search("") is not None:
        return "matches an empty text"
    bare = _ESCAPED_OR_CLASS.sub("x", pattern)
    if _NESTED.search(bare):
        return "repeats without end inside a repeat without end"
    if len(_ENDLESS.findall(bare)) > MAX_ENDLESS_REPEATS:
        return f"has more than {MAX_ENDLESS_REPEATS} repeats without end; bound them, as in {{0,30}}"
    return None


def _needs_of(path: Path) -> Iterable[tuple[str, str, str, Sequence[str]]]:
    content = _read(path) if path.exists() else []
    if not isinstance(content, list):
        raise BadInput(place=str(path), reason="expected a list of {text, needs}.")
    for number, item in enumerate(content, start=1):
        place = f"{path}, message {number}"
        if not isinstance(item, dict) or set(item) != {"text", "needs"} or not isinstance(item["text"], str):
            raise BadInput(place=place, reason="expected {text, needs}.")
        needs = _texts(item["needs"], place)
        unknown = sorted(set(needs) - THEMATIQUES)
        if unknown:
            raise BadInput(place=place, reason=f"{unknown[0]!r} is not a thematique of data·inclusion.")
        yield place, item["text"], TELL_SITUATION, needs


def _intents_of(path: Path, vocabulary: Vocabulary) -> Iterable[tuple[str, str, str, Sequence[str]]]:
    content = _read(path) if path.exists() else {}
    if not isinstance(content, dict):
        raise BadInput(place=str(path), reason="expected a mapping of intents to lists of messages.")
    for intent, texts in content.items():
        place = f"{path}, {intent}"
        if intent not in vocabulary.intents:
            raise BadInput(place=place, reason="the bot's domain has no such intent.")
        for text in _texts(texts, place):
            yield place, text, intent, ()


def _marked(path: Path, mark: str, known: frozenset[object]) -> Iterable[tuple[str, str, object]]:
    content = _read(path) if path.exists() else []
    if not isinstance(content, list):
        raise BadInput(place=str(path), reason=f"expected a list of {{text, {mark}}}.")
    for number, item in enumerate(content, start=1):
        place = f"{path}, message {number}"
        if not isinstance(item, dict) or set(item) != {"text", mark} or not isinstance(item["text"], str):
            raise BadInput(place=place, reason=f"expected {{text, {mark}}}.")
        if item[mark] not in known:
            raise BadInput(place=place, reason=f"{item[mark]!r} is not a value of {mark}.")
        yield place, item["text"], item[mark]


def _texts(value: object, place: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadInput(place=place, reason="expected a list of texts (quote yes, no, on, off and numbers).")
    return value


def _language_folders(nlu_data: Path) -> list[Path]:
    return sorted(
        folder for folder in nlu_data.glob("*/") if any(folder.glob(NEEDS_FILES)) or (folder / "intents.yml").exists()
    )


def _name(item: object) -> str:
    return str(next(iter(item))) if isinstance(item, dict) else str(item)


def _without_markup(text: str) -> str:
    # Rasa reads "[word](entity)" in an example as an annotation; people's brackets mean nothing to the bot.
    return text.replace("[", "(").replace("]", ")")


def _read(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadInput(place=f"{path}, line {line}", reason=f"not YAML: {error.problem}.") from error


def _with_language(signals: Mapping[str, Sequence[str]], language: str) -> dict[str, Sequence[str]]:
    """Name the language after each signal: the bot looks for the patterns of the person's language only."""
    return {f"{name}@{language}": patterns for name, patterns in signals.items()}


def _as_json(example: Example) -> str:
    return json.dumps(asdict(example), ensure_ascii=False)


def _as_rasa_yaml(examples: Iterable[Example], signals: Mapping[str, Sequence[str]]) -> str:
    """Show Rasa every intent by a few messages, and all the patterns.

    Rasa copies and fingerprints each message some forty times: the other twenty thousand go to our component by
    messages.jsonl, which took 60 s off a training of 160 s.
    """
    by_intent: dict[str, list[str]] = {}
    for example in examples:
        by_intent.setdefault(example.intent, []).append(example.text)
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in sorted(by_intent.items()):
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts[:SHOWN_TO_RASA])]
    for name, patterns in sorted(signals.items()):
        lines += [f"- regex: {name}", "  examples: |", *(f"    - {pattern}" for pattern in patterns)]
    return "\n".join(lines) + "\n"


def _digest(compiled: Mapping[str, str], bot: Path) -> str:
    digest = hashlib.sha256()
    parts = [(name, text.encode()) for name, text in sorted(compiled.items())]
    for pattern in BOT_INPUTS:
        parts += [(str(path.relative_to(bot)), path.read_bytes()) for path in sorted(bot.glob(pattern))]
    for name, content in parts:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _write(compiled: Mapping[str, str], digest: str, into: Path) -> None:
    """Replace the compiled files; the digest comes last, so that a half-written folder has none."""
    (into / "nlu").mkdir(parents=True, exist_ok=True)
    (into / "digest").unlink(missing_ok=True)
    for stale in (into / "nlu").glob("*.yml"):
        if f"nlu/{stale.name}" not in compiled:
            stale.unlink()
    for name, text in compiled.items():
        (into / name).write_text(text, encoding="utf-8")
    (into / "digest").write_text(digest + "\n", encoding="ascii")


def main(arguments: Sequence[str] | None = None) -> int:
    """Compile from the command line; 0 when done, 2 when an input is bad."""
    parser = argparse.ArgumentParser(description="Compile nlu_data into the training data of the bot.")
    parser.add_argument("--nlu-data", type=Path, default=PROJECT / "nlu_data")
    parser.add_argument("--evaluation", type=Path, help="write the unseen messages here, for the bench of pipelines")
    parser.add_argument("--into", type=Path, default=PROJECT / "var" / "bot" / "data")
    options = parser.parse_args(arguments)
    normaliser = Normaliser.load(options.nlu_data)
    try:
        if options.evaluation:
            count = write_evaluation(options.nlu_data, options.evaluation, normaliser)
            print(f"{count} unseen messages written to {options.evaluation}.")
            return 0
        digest = compile_training_data(options.nlu_data, options.into, normaliser)
    except BadInput as error:
        print(error, file=sys.stderr)
        return error.exit_code
    messages = (options.into / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    for language, count in sorted(Counter(json.loads(message)["language"] for message in messages).items()):
        print(f"{language}: {count} messages")
    print(f"Training data {digest[:12]} written to {options.into}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
