"""How well Passerelle understands messages nobody taught it: `nlu_data/<language>/evaluation/`, read as the command
`passerelle understand` reads any message, counted with intervals, and written to docs/scores.md and docs/scores.json.

    PYTHONPATH=tests/support .venv/bin/python tests/support/scores.py     # or: make scores
"""

import json
import math
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from passerelle.app.understand import Understand

PROJECT = Path(__file__).parents[2]
NLU_DATA = PROJECT / "nlu_data"
SCORES_JSON = PROJECT / "docs" / "scores.json"
SCORES_PAGE = PROJECT / "docs" / "scores.md"

#: Two-sided 95 %.
Z = 1.96
#: Resamples of an F1, whose interval has no formula.
RESAMPLES = 300
#: So many misses of a set are quoted; the rest are counted.
QUOTED = 40

Message = Mapping[str, Any]
Reads = Callable[[dict[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured share: of how many, and between which bounds it lies nineteen times out of twenty."""

    value: float
    low: float
    high: float
    of: int
    #: Whether less is better.
    fault: bool = False

    def as_json(self) -> dict[str, Any]:
        """The form of docs/scores.json."""
        figures = {name: round(getattr(self, name), 4) for name in ("value", "low", "high")}
        return {**figures, "of": self.of, "fault": self.fault}

    def worse_than(self, published: Mapping[str, Any]) -> bool:
        """Whether this lies outside the published interval, on the bad side."""
        if self.fault:
            return self.value > published["high"]
        return self.value < published["low"]


@dataclass
class Report:
    """The figures of one language and set, and the messages that were missed."""

    figures: dict[str, Figure] = field(default_factory=dict)
    misses: list[str] = field(default_factory=list)


def share(right: int, of: int, *, fault: bool = False) -> Figure:
    """A share with Wilson's interval, which holds for few messages and for shares near 0 and 1."""
    if not of:
        return Figure(value=0.0, low=0.0, high=1.0, of=0, fault=fault)
    p, square = right / of, Z * Z
    middle = (p + square / (2 * of)) / (1 + square / of)
    half = Z * math.sqrt(p * (1 - p) / of + square / (4 * of * of)) / (1 + square / of)
    return Figure(value=p, low=max(0.0, middle - half), high=min(1.0, middle + half), of=of, fault=fault)


def micro_f1(pairs: Sequence[tuple[frozenset[str], frozenset[str]]]) -> Figure:
    """The F1 over all pairs (message, thematique), with the interval of resampled messages."""
    chance = random.Random(7)
    again = sorted(_f1(chance.choices(pairs, k=len(pairs))) for _ in range(RESAMPLES))
    low, high = again[round(0.025 * RESAMPLES)], again[round(0.975 * RESAMPLES) - 1]
    return Figure(value=_f1(pairs), low=low, high=high, of=len(pairs))


def _f1(pairs: Iterable[tuple[frozenset[str], frozenset[str]]]) -> float:
    both = told = found = 0
    for expected, said in pairs:
        both += len(expected & said)
        told += len(expected)
        found += len(said)
    return 2 * both / (told + found) if told + found else 1.0


# One function for each kind of set: messages in, figures and misses out.


def score_needs(messages: Sequence[Message], language: str, read: Reads) -> Report:
    """Needs: precision, recall, F1, recall of each thematique, needs seen where there are none."""
    report, pairs = Report(), []
    told, heard, said = Counter[str](), Counter[str](), Counter[str]()
    for message in messages:
        answer = read({"text": message["text"], "lang": language})
        expected = frozenset(message["needs"])
        found = frozenset(need["thematique"] for need in answer["needs"])
        pairs.append((expected, found))
        told.update(expected)
        heard.update(expected & found)
        said.update(found)
        if expected != found:
            report.misses.append(f"{_quoted(message)}: told {_short(expected)}, read {_short(found)}")
    none = [found for expected, found in pairs if not expected]
    report.figures = {
        "micro-F1": micro_f1(pairs),
        "precision": share(heard.total(), said.total()),
        "recall": share(heard.total(), told.total()),
        "needs read where there are none": share(sum(map(bool, none)), len(none), fault=True),
        **{f"recall of {name}": share(heard[name], told[name]) for name in sorted(told)},
    }
    return report


def score_intents(messages: Mapping[str, Sequence[str]], language: str, read: Reads) -> Report:
    """Intents: the share named rightly."""
    report = Report()
    pairs = [(text, intent) for intent, texts in messages.items() for text in texts]
    right = 0
    for text, intent in pairs:
        found = read({"text": text, "lang": language})["intent"]
        right += found == intent
        if found != intent:
            report.misses.append(f"« {text} »: {intent}, read {found}")
    report.figures = {"right": share(right, len(pairs))}
    return report


def score_danger(messages: Sequence[Message], language: str, read: Reads) -> Report:
    """Danger: recall by the way it is told and by kind, false alarms on look-alikes and on ordinary messages."""
    report = Report()
    alarms: dict[str, list[bool]] = defaultdict(list)
    kinds: dict[str, list[bool]] = defaultdict(list)
    sources, right_kind = Counter[str](), 0
    for message in messages:
        safety = read({"text": message["text"], "lang": language})["safety"]
        alarm = safety["kind"] != "none"
        alarms[message["said"]].append(alarm)
        if message["kind"] != "none":
            kinds[message["kind"]].append(alarm)
            sources[safety["source"]] += 1
            right_kind += safety["kind"] == message["kind"]
        if alarm != (message["kind"] != "none"):
            report.misses.append(f"{_quoted(message)}: {message['kind']} ({message['said']}), read {safety['kind']}")
    dangers = sum(map(len, kinds.values()))
    report.figures = {
        f"recall, {way}": share(sum(alarms[way]), len(alarms[way])) for way in ("explicit", "indirect", "third_person")
    }
    report.figures |= {f"recall of {kind}": share(sum(seen), len(seen)) for kind, seen in sorted(kinds.items())}
    report.figures |= {
        "right kind": share(right_kind, dangers),
        "found by the rules alone": share(sources["rules"], dangers),
        "false alarms, look-alikes": share(sum(alarms["look_alike"]), len(alarms["look_alike"]), fault=True),
        "false alarms, ordinary": share(sum(alarms["ordinary"]), len(alarms["ordinary"]), fault=True),
    }
    return report


def score_medical(messages: Sequence[Message], language: str, read: Reads) -> Report:
    """Medical boundary: questions of health recognised, ordinary messages refused by mistake."""
    report, seen = Report(), defaultdict[bool, list[bool]](list)
    for message in messages:
        medical = read({"text": message["text"], "lang": language})["medical"]
        seen[message["medical"]].append(medical)
        if medical != message["medical"]:
            report.misses.append(f"{_quoted(message)}: {'medical' if message['medical'] else 'not medical'}")
    report.figures = {
        "recall": share(sum(seen[True]), len(seen[True])),
        "ordinary refused": share(sum(seen[False]), len(seen[False]), fault=True),
    }
    return report


def score_commands(messages: Sequence[Message], language: str, read: Reads) -> Report:
    """Commands: whole messages recognised, and ordinary ones left alone."""
    return _score_equal(
        messages, read, lambda m: {"text": m["text"], "lang": language}, lambda a: a["command"], lambda m: m["command"]
    )


def score_answers(messages: Sequence[Message], language: str, read: Reads) -> Report:
    """Closed answers: the value read, or none."""

    def asked(message: Message) -> dict[str, Any]:
        expects = {"kind": message["kind"], "options": message.get("options", [])}
        at = {"at": str(message["at"])} if message.get("at") else {}
        return {"text": message["text"], "lang": language, "expects": expects, **at}

    def answered(answer: Mapping[str, Any]) -> str | None:
        return answer["answer"]["value"] if answer["answer"] else None

    return _score_equal(messages, read, asked, answered, lambda message: message["value"])


def score_places(messages: Sequence[Message], language: str, read: Reads) -> Report:
    """Communes: exactly the ones named, in any order."""
    return _score_equal(
        messages,
        read,
        lambda message: {"text": message["text"], "lang": language},
        lambda answer: sorted(answer["communes"]),
        lambda message: sorted(message["communes"]),
    )


def score_languages(messages: Sequence[Message], language: str, read: Reads) -> Report:
    """Languages: told from the words alone."""
    return _score_equal(
        messages, read, lambda message: {"text": message["text"]}, lambda answer: answer["lang"], lambda m: m["lang"]
    )


def _score_equal(
    messages: Sequence[Message],
    read: Reads,
    asked: Callable[[Message], dict[str, Any]],
    found: Callable[[Mapping[str, Any]], object],
    expected: Callable[[Message], object],
) -> Report:
    report, right = Report(), 0
    for message in messages:
        answer = found(read(asked(message)))
        right += answer == expected(message)
        if answer != expected(message):
            report.misses.append(f"{_quoted(message)}: {expected(message)}, read {answer}")
    report.figures = {"right": share(right, len(messages))}
    return report


#: The sets, in the order of the page; whether the bot is asked.
SETS: dict[str, tuple[Callable[..., Report], bool]] = {
    "needs": (score_needs, True),
    "intents": (score_intents, True),
    "danger": (score_danger, True),
    "medical": (score_medical, True),
    "commands": (score_commands, False),
    "answers": (score_answers, False),
    "places": (score_places, False),
    "languages": (score_languages, False),
}


def measure(with_bot: Understand, rules: Understand, nlu_data: Path = NLU_DATA) -> dict[str, dict[str, Report]]:
    """Read every evaluation set: by language, then by set."""
    reports: dict[str, dict[str, Report]] = {}
    for folder in sorted(nlu_data.glob("*/evaluation/")):
        language = folder.parent.name
        for name, (score, asks_bot) in SETS.items():
            messages = _messages(folder, name)
            if messages:
                reports.setdefault(language, {})[name] = score(messages, language, with_bot if asks_bot else rules)
    return reports


def _messages(folder: Path, name: str) -> Any:
    parts = [yaml.safe_load(path.read_text(encoding="utf-8")) or [] for path in sorted(folder.glob(f"{name}*.yml"))]
    if name != "intents":
        return [message for part in parts for message in part]
    together: dict[str, list[str]] = defaultdict(list)
    for part in parts:
        for intent, texts in part.items():
            together[intent] += texts
    return together


def _quoted(message: Message) -> str:
    return f"« {message['text']} »"


def _short(needs: frozenset[str]) -> str:
    return ", ".join(sorted(need.split("--")[1] for need in needs)) or "none"


# The page


def as_json(reports: Mapping[str, Mapping[str, Report]]) -> dict[str, Any]:
    """The figures alone, for the test that no later change makes them worse."""
    return {
        language: {
            name: {figure: measured.as_json() for figure, measured in report.figures.items()}
            for name, report in sets.items()
        }
        for language, sets in reports.items()
    }


def as_page(reports: Mapping[str, Mapping[str, Report]], seconds: float) -> str:
    """docs/scores.md."""
    lines = [
        "# What Passerelle understands, as measured",
        "",
        "Written by `make scores`; do not edit. Every message below is held out: nothing was trained on it, and a test",
        "refuses near-duplicates of the training messages. In brackets: the interval that holds nineteen times out of",
        "twenty (Wilson; for F1, resampled messages). The sets were written by hand for this project, each by another",
        "hand than the training messages of its language; real conversations will differ. Read by",
        f"`passerelle understand` with the bot, {seconds:.0f} s in all.",
        "",
        "How clean they are: half of the French and English sets of commands, answers, places and medical questions",
        "was read to mend the rules. The totals of the other languages' sets were looked at while rules were widened,",
        "and the writers of es, ro and tr saw a few of their held-out sentences by accident (none was taught). These",
        "figures are a little optimistic for it; so are those of commands and questions of health in ar, en, es, pt,",
        "ro, tr and uk, whose misses were read before the lists were widened. The places of ar and uk were written by",
        "the hand that wrote their rules.",
        "",
        *_summary(reports),
    ]
    for language, sets in reports.items():
        for name, report in sets.items():
            lines += ["", f"## {language}: {name}", "", "| figure | measured | of |", "|---|---|---|"]
            lines += [
                f"| {figure} | {_written(measured)} | {measured.of} |" for figure, measured in report.figures.items()
            ]
            if report.misses:
                quoted = report.misses[:QUOTED]
                lines += ["", f"<details><summary>{len(report.misses)} misses, {len(quoted)} quoted</summary>", ""]
                lines += [f"- {miss}" for miss in quoted]
                lines += ["", "</details>"]
    return "\n".join(lines) + "\n"


#: The columns of the first table: a heading, the set and the figure.
COLUMNS = (
    ("needs F1", "needs", "micro-F1"),
    ("needs on none", "needs", "needs read where there are none"),
    ("intents", "intents", "right"),
    ("danger explicit", "danger", "recall, explicit"),
    ("indirect", "danger", "recall, indirect"),
    ("third person", "danger", "recall, third_person"),
    ("look-alikes", "danger", "false alarms, look-alikes"),
    ("ordinary", "danger", "false alarms, ordinary"),
    ("medical", "medical", "recall"),
    ("refused", "medical", "ordinary refused"),
    ("commands", "commands", "right"),
    ("answers", "answers", "right"),
)


def _summary(reports: Mapping[str, Mapping[str, Report]]) -> list[str]:
    heading = "| language | " + " | ".join(name for name, _, _ in COLUMNS) + " |"
    lines = [heading, "|---" * (len(COLUMNS) + 1) + "|"]
    for language, sets in reports.items():
        cells = [sets[name].figures.get(figure) if name in sets else None for _, name, figure in COLUMNS]
        lines.append(f"| {language} | " + " | ".join(f"{cell.value:.3f}" if cell else "–" for cell in cells) + " |")
    return lines


def _written(figure: Figure) -> str:
    return f"{figure.value:.3f} ({figure.low:.3f}–{figure.high:.3f})"


def main() -> int:
    """Measure, and write the page and the figures."""
    from passerelle.app.running_bot import parts_with_bot
    from passerelle.foundation.config import Settings

    started = time.monotonic()
    with parts_with_bot(Settings()) as parts:
        reports = measure(Understand(parts, with_model=True), Understand(parts, with_model=False))
    SCORES_PAGE.write_text(as_page(reports, time.monotonic() - started), encoding="utf-8")
    SCORES_JSON.write_text(json.dumps(as_json(reports), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print("\n".join(_summary(reports)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
