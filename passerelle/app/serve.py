"""`passerelle serve`: bot, app and workers, supervised by one parent."""

import gc
import signal
import threading
from types import FrameType

import uvicorn

from passerelle.app.bot_process import BotProcess
from passerelle.app.compose import compose
from passerelle.app.running_bot import wait_until_ready
from passerelle.app.web import build_web
from passerelle.conversation.understanding import BotDown
from passerelle.foundation.config import Settings
from passerelle.foundation.log import configure_logs, log


def serve(settings: Settings, *, host: str = "127.0.0.1") -> None:
    """Serve until told to stop; the messages that were accepted wait in the database for the next start."""
    configure_logs()
    parts = compose(settings)
    parts.prepare()
    # What was loaded stays for good: looking through it again and again made pauses of half a second.
    gc.collect()
    gc.freeze()
    bot = BotProcess(port=settings.bot_port, secret=settings.bot_secret_value())
    bot.start()
    server = uvicorn.Server(
        uvicorn.Config(
            build_web(parts),
            host=host,
            port=settings.port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
        )
    )
    _tell_when_ready(settings)
    signal.signal(signal.SIGTERM, lambda _signal, _frame: _stop(server, _frame))
    try:
        server.run()
    finally:
        bot.stop()
        parts.close()


def _stop(server: uvicorn.Server, _frame: FrameType | None) -> None:
    server.should_exit = True


def _tell_when_ready(settings: Settings) -> None:
    """Say where to look, once the bot answers: until then messages are kept and menus are offered."""

    def wait() -> None:
        try:
            wait_until_ready(compose(settings))
        except BotDown as down:
            log().error("bot_not_ready", error=type(down).__name__)
            print("The bot does not get ready: people are answered by menus. See `passerelle doctor`.", flush=True)
        print(f"\nPasserelle: {settings.public_url}\n", flush=True)

    threading.Thread(target=wait, name="ready", daemon=True).start()
