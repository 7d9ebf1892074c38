"""A tiny bot, trained once for the session with the real configuration, domain and rules, and served for real."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

BOT = Path(__file__).parents[1]
sys.path.insert(0, str(BOT))

SECRET = "a secret made for the tests"
RENT = "logement-hebergement--reduire-les-impayes-de-loyer"
FOOD = "equipement-et-alimentation--alimentation"

TOLD = {
    RENT: [
        "je n'arrive plus a payer mon loyer",
        "j'ai deux mois de loyer en retard",
        "je n'arrive plus a payer le loyer de mon appartement",
        "mon loyer est en retard depuis mars",
        "je dois trois loyers a mon proprietaire",
        "plus moyen de payer mon loyer ce mois ci",
    ],
    FOOD: [
        "je n'ai plus rien a manger",
        "le frigo est vide et j'ai faim",
        "on n'a plus rien a manger a la maison",
        "besoin d'un colis alimentaire pour manger",
        "mes enfants ont faim ce soir",
        "ou trouver un repas gratuit pour manger",
    ],
}
SAID = {
    "greet": ["bonjour", "salut", "bonsoir", "coucou", "bonjour a vous", "hello"],
    "affirm": ["oui", "d'accord", "ok", "oui merci bien", "bien sur", "ouais"],
    "deny": ["non", "pas du tout", "non merci", "surtout pas", "jamais", "nan"],
}


@dataclass(frozen=True)
class Served:
    """A running bot."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def ask(self, text: str, *, secret: str = SECRET, stage: str = "telling") -> requests.Response:
        """Send one message, as the app does."""
        return self.post({"text": text, "language": "fr", "slots": {"stage": stage}}, secret=secret)

    def post(self, body: object, *, secret: str = SECRET) -> requests.Response:
        """Send any JSON."""
        return requests.post(
            f"{self.url}/understand", json=body, headers={"Authorization": f"Bearer {secret}"}, timeout=10
        )

    def ready(self) -> requests.Response:
        """Ask whether the bot is ready."""
        return requests.get(f"{self.url}/ready", headers={"Authorization": f"Bearer {SECRET}"}, timeout=10)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Training data as passerelle.conversation.training_data writes it."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "nlu").mkdir()
    intents = yaml.safe_load((BOT / "domain" / "intents.yml").read_text(encoding="utf-8"))["intents"]
    said = {"tell_situation": [text for texts in TOLD.values() for text in texts], **SAID}
    for name in (next(iter(item)) for item in intents):
        if name not in {*said, "nlu_fallback"}:
            said[name] = [f"{name} {word}" for word in ("alpha", "beta", "gamma")]
    blocks: list[dict[str, Any]] = [{"intent": name, "examples": _lines(texts)} for name, texts in said.items()]
    needs = {text: [need] for need, texts in TOLD.items() for text in texts}
    messages = [
        {
            "text": text,
            "language": "fr",
            "intent": intent,
            "needs": needs.get(text, []),
            "danger": None,
            "medical": None,
        }
        for intent, texts in said.items()
        for text in texts
    ]
    (folder / "messages.jsonl").write_text("\n".join(map(json.dumps, messages)), encoding="utf-8")
    (folder / "topics.json").write_text(json.dumps({FOOD: ["manger", "faim", "repas", "aliment*"]}), encoding="utf-8")
    blocks.append({"regex": "lives_alone@fr", "examples": _lines([r"\bje (?:vis|suis) seule?\b"])})
    (folder / "nlu" / "fr.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}), encoding="utf-8")
    (folder / "digest").write_text("0123456789abcdef\n", encoding="ascii")
    return folder


@pytest.fixture(scope="session")
def models(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of models after a training from the command line."""
    folder = tmp_path_factory.mktemp("models")
    subprocess.run([sys.executable, str(BOT / "train.py"), "--data", str(data), "--out", str(folder)], check=True)
    return folder


@pytest.fixture(scope="session")
def served(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The tiny bot, answering on a free port; it must stop when asked."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("log") / "bot.log"
    command = [sys.executable, str(BOT / "run.py"), "--model", str(models), "--port", str(port)]
    with log.open("wb") as output:
        environment = {**os.environ, "PASSERELLE_BOT_SECRET": SECRET}
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    bot = Served(f"http://127.0.0.1:{port}", process, log)
    _wait_until_it_answers(bot)
    yield bot
    process.terminate()

    assert process.wait(timeout=10) == 0


def _wait_until_it_answers(bot: Served) -> None:
    for _ in range(240):
        assert bot.process.poll() is None, bot.log.read_text()
        try:
            bot.ready()
        except requests.ConnectionError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError(bot.log.read_text())


def _lines(texts: list[str]) -> str:
    return "".join(f"- {text}\n" for text in texts)
