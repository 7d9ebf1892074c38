"""Trains the bot: `python bot/train.py --data var/bot/data --out var/bot/models`.

Writes `model-<digest>.tar.gz` and its hash, then names it in the file `current`, in one step. The model before it is
kept. Nothing is done when the model of this digest is already in force.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
import time
from pathlib import Path

from quiet import keep_quiet

BOT = Path(__file__).parent


def main() -> int:
    """Train from the command line; 2 when the training data is missing or refused."""
    parser = argparse.ArgumentParser(description="Train the bot when its inputs changed.")
    parser.add_argument("--data", type=Path, required=True, help="the compiled training data")
    parser.add_argument("--out", type=Path, required=True, help="the folder of models")
    options = parser.parse_args()
    try:
        name = f"model-{read_digest(options.data)[:12]}.tar.gz"
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    if name_in_force(options.out) == name and (options.out / name).is_file():
        print(f"The bot is up to date ({name}).", flush=True)
        return 0
    print("Training the bot: one to two minutes ...", flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=options.out, prefix="training-") as folder:
        archive = train(options.data, Path(folder))
        if archive is None:
            print("Rasa refused the training data; its reason is above.", file=sys.stderr)
            return 2
        put_in_force(archive, name, options.out)
    size = (options.out / name).stat().st_size / 1e6
    print(f"The bot is trained in {time.monotonic() - started:.0f} s: {name} ({size:.1f} MB).", flush=True)
    return 0


def read_digest(data: Path) -> str:
    """Return the digest of the training data, written by passerelle.conversation.training_data."""
    path = data / "digest"
    if not path.is_file():
        raise ValueError(f"There is no training data in {data}; compile it with passerelle.conversation.training_data.")
    return path.read_text(encoding="ascii").strip()


def name_in_force(models: Path) -> str | None:
    """Return the name of the model in force, if any."""
    current = models / "current"
    return current.read_text(encoding="utf-8").strip() if current.is_file() else None


def train(data: Path, into: Path) -> Path | None:
    """Train Rasa from the compiled messages and our rules; return the archive, or None when Rasa refuses."""
    # Every training is a whole one: Rasa's cache costs more disk than it saves time.
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"
    os.environ["RASA_CACHE_DIRECTORY"] = str(into / "cache")
    os.environ["PASSERELLE_BOT_DATA"] = str(data)
    # Imported late: Rasa must find logging configured, and an up-to-date bot is said at once.
    keep_quiet()
    from rasa.model_training import train as train_rasa

    print("  Rasa is loaded; learning intents, signals, needs and rules ...", flush=True)
    result = train_rasa(
        domain=str(BOT / "domain"),
        config=str(BOT / "config.yml"),
        training_files=[str(data / "nlu"), str(BOT / "rules")],
        output=str(into),
        fixed_model_name="model",
        force_training=True,
    )
    return Path(result.model) if result.model and result.code == 0 else None


def put_in_force(archive: Path, name: str, models: Path) -> None:
    """Move the archive to its place, note its hash, name it in `current`, and drop all but the model before it."""
    before = name_in_force(models)
    noted = models / f"{name}.sha256"
    noted.write_text(hashlib.sha256(archive.read_bytes()).hexdigest() + "\n", encoding="ascii")
    os.replace(archive, models / name)
    draft = models / "current.new"
    draft.write_text(name + "\n", encoding="utf-8")
    os.replace(draft, models / "current")
    for old in models.glob("model-*.tar.gz*"):
        if old.name.removesuffix(".sha256") not in {name, before}:
            old.unlink()


if __name__ == "__main__":
    raise SystemExit(main())
