"""The bot for a command's own time: the one that runs already, else one of ours."""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from passerelle.app.bot_process import BotProcess
from passerelle.app.compose import Parts, compose
from passerelle.conversation.understanding import BotDown
from passerelle.foundation.config import Settings

_READY_WITHIN_SECONDS = 90.0


@contextmanager
def parts_with_bot(settings: Settings) -> Iterator[Parts]:
    """Parts whose bot answers. Raises BotDown when it does not get ready in time."""
    parts = compose(settings)
    if parts.bot_client.is_ready():
        yield parts
        return
    port = _free_port()
    own = compose(settings.model_copy(update={"bot_port": port}))
    print("Starting the bot (about 15 seconds) ...", file=sys.stderr, flush=True)
    process = BotProcess(port=port, secret=settings.bot_secret_value())
    process.start()
    try:
        wait_until_ready(own)
        yield own
    finally:
        process.stop()


def wait_until_ready(parts: Parts, seconds: float = _READY_WITHIN_SECONDS) -> None:
    """Wait for the bot's canary. Raises BotDown."""
    end = time.monotonic() + seconds
    while not parts.bot_client.is_ready():
        if time.monotonic() > end:
            raise BotDown(what="it did not get ready in time; see `passerelle doctor`")
        time.sleep(0.3)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
