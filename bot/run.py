"""Serves the bot: `python bot/run.py --model PATH --port N`, with the secret in PASSERELLE_BOT_SECRET.

PATH is a model archive, or the folder of models, whose file `current` names the one in force.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import signal
import sys
import threading
import time
from pathlib import Path

from quiet import keep_quiet

HOST = "127.0.0.1"


def main() -> int:
    """Load the model and serve until told to stop; 2 when there is nothing to serve."""
    parser = argparse.ArgumentParser(description="Serve the bot on the loopback interface.")
    parser.add_argument("--model", type=Path, required=True, help="a model archive, or the folder of models")
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    secret = os.environ.pop("PASSERELLE_BOT_SECRET", "")
    try:
        model = model_in_force(options.model)
        sha256 = checked_sha256(model)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if len(secret) < 16:
        print("PASSERELLE_BOT_SECRET is missing or shorter than 16 characters.", file=sys.stderr)
        return 2
    stop_with_parent()
    serve(model, sha256, secret, options.port)
    return 0


def model_in_force(path: Path) -> Path:
    """Return the archive that a path names."""
    if path.is_dir():
        path = path / "current"
    if path.name == "current" and path.is_file():
        path = path.parent / path.read_text(encoding="utf-8").strip()
    if not path.is_file():
        raise ValueError(f"There is no model at {path}; train one with bot/train.py.")
    return path


def checked_sha256(model: Path) -> str:
    """Return the hash of an archive, compared with the one noted at its training (a damaged model still loads, R8)."""
    found = hashlib.sha256(model.read_bytes()).hexdigest()
    noted = model.with_name(model.name + ".sha256")
    if noted.is_file() and noted.read_text(encoding="ascii").strip() != found:
        raise ValueError(f"The model {model} is damaged: its hash is not the one noted at its training.")
    return found


def stop_with_parent() -> None:
    """Stop when the process that started this one is gone, even killed: no bot outlives its supervisor."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)
        # Sanic may be closing connections; ten seconds are enough.
        time.sleep(10)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="stop-with-parent").start()


def serve(model: Path, sha256: str, secret: str, port: int) -> None:
    """Load the model, then listen. Nothing answers on the port before the model is loaded."""
    # Imported late: Rasa must find logging configured, and a wrong command line is answered at once.
    keep_quiet()
    from channel import PasserelleChannel, build_app
    from rasa.core.agent import load_agent

    agent = asyncio.run(load_agent(model_path=str(model)))
    app = build_app(agent, PasserelleChannel(secret, sha256))
    app.run(host=HOST, port=port, access_log=False, debug=False, motd=False)


if __name__ == "__main__":
    raise SystemExit(main())
