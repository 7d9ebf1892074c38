"""The bot as a child process: started, watched, started again when it dies."""

import os
import subprocess
import threading
import time
from pathlib import Path

from passerelle.foundation.config import ROOT
from passerelle.foundation.log import log

BOT = ROOT / "bot"
MODELS = ROOT / "var" / "bot" / "models"

#: Waits between two starts of a bot that dies at once, so that it does not eat the machine.
_RESTART_WAITS = (1.0, 2.0, 5.0, 15.0)
#: A bot that lived this long died of something else than its start.
_LIVED_SECONDS = 60.0


class BotProcess:
    """Keeps one bot running."""

    def __init__(self, *, port: int, secret: str, models: Path = MODELS) -> None:
        self._port = port
        self._secret = secret
        self._models = models
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher = threading.Thread(target=self._watch, name="bot-watcher", daemon=True)

    @property
    def pid(self) -> int | None:
        """Process id of the bot now running."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start the bot and watch it."""
        self._watcher.start()

    def stop(self) -> None:
        """Stop the bot for good."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
        self._watcher.join(timeout=5)

    def _watch(self) -> None:
        deaths = 0
        while not self._stopping.is_set():
            started = time.monotonic()
            self._process = self._spawn()
            code = self._process.wait()
            if self._stopping.is_set():
                return
            deaths = 0 if time.monotonic() - started > _LIVED_SECONDS else deaths + 1
            log().error("bot_died", exit_code=code, attempts=deaths)
            self._stopping.wait(_RESTART_WAITS[min(deaths, len(_RESTART_WAITS) - 1)])

    def _spawn(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PASSERELLE_BOT_SECRET": self._secret, "RASA_TELEMETRY_ENABLED": "false"}
        return subprocess.Popen(  # noqa: S603 - our own interpreter and our own script
            [str(BOT / ".venv" / "bin" / "python"), "run.py", "--model", str(self._models), "--port", str(self._port)],
            cwd=BOT,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
