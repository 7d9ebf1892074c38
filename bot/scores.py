"""Scores the bot on messages it never learned from: `python bot/scores.py --model PATH --messages FILE [--json FILE]`.

FILE holds normalised messages, one JSON object a line, {"text", "language", "needs", "intent"}, as written by
`.venv/bin/python -m passerelle.conversation.training_data --evaluation FILE`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from quiet import keep_quiet


def main() -> int:
    """Print a table and, when asked, write the same as JSON."""
    parser = argparse.ArgumentParser(description="Score the bot on unseen messages.")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--messages", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    messages = [json.loads(line) for line in options.messages.read_text(encoding="utf-8").splitlines()]
    said = asyncio.run(understood(options.model, [message["text"] for message in messages]))
    scores = {
        language: scores_of(
            [(told, bot) for told, bot in zip(messages, said, strict=True) if told["language"] == language]
        )
        for language in sorted({message["language"] for message in messages})
    }
    print_table(scores)
    if options.json:
        options.json.write_text(json.dumps(scores, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


async def understood(model: Path, texts: Iterable[str]) -> list[dict[str, Any]]:
    """Return what the model understands of each text."""
    keep_quiet()
    from channel import Question, understand
    from rasa.core.agent import load_agent
    from run import model_in_force

    agent = await load_agent(model_path=str(model_in_force(model)))
    if agent.processor is None:
        raise SystemExit(f"The model {model} could not be loaded.")
    slots = {"stage": "telling", "language": "fr"}
    return [await understand(agent.processor, Question(text=text, slots=slots)) for text in texts]


def scores_of(pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
    """Return micro-F1 and recall by thematique for the messages with needs noted, and accuracy of the intents."""
    right: Counter[str] = Counter()
    said: Counter[str] = Counter()
    told: Counter[str] = Counter()
    with_needs = [(message, answer) for message, answer in pairs if message["needs"] is not None]
    for message, answer in with_needs:
        expected, found = set(message["needs"]), {need["thematique"] for need in answer["needs"]}
        right.update(expected & found)
        said.update(found)
        told.update(expected)
    intents = [message["intent"] == answer["intent"] for message, answer in pairs if message["intent"]]
    return {
        "messages": len(with_needs),
        "micro_f1": _ratio(2 * right.total(), said.total() + told.total()),
        "precision": _ratio(right.total(), said.total()),
        "recall": _ratio(right.total(), told.total()),
        "false_alarms": _ratio(
            sum(bool(answer["needs"]) for message, answer in with_needs if not message["needs"]),
            sum(not message["needs"] for message, _ in with_needs),
        ),
        "intent_accuracy": _ratio(sum(intents), len(intents)),
        "by_thematique": {
            name: {
                "told": told[name],
                "recall": _ratio(right[name], told[name]),
                "precision": _ratio(right[name], said[name]),
            }
            for name in sorted(told)
        },
    }


def print_table(scores: dict[str, Any]) -> None:
    """Print the figures of each language, the worst thematiques first."""
    for language, figures in scores.items():
        print(
            f"{language}: {figures['messages']} messages, needs micro-F1 {figures['micro_f1']} "
            f"(precision {figures['precision']}, recall {figures['recall']}), "
            f"needs seen where there are none {figures['false_alarms']}, intents right {figures['intent_accuracy']}"
        )
        by_recall = sorted(figures["by_thematique"].items(), key=lambda item: (item[1]["recall"] or 0, item[0]))
        for name, figure in by_recall:
            print(f"  {name:<95} told {figure['told']:>3}  recall {figure['recall']}  precision {figure['precision']}")


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


if __name__ == "__main__":
    raise SystemExit(main())
