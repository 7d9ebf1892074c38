"""A Passerelle at work that may be killed at any line: one warm process, one forked child per life.

Reads one order per line, as JSON: {"var", "crash", "seconds", "messages", "twilio"}. For each, a child is forked that
takes the messages in, runs the turns and delivers the notices, and dies where `crash` says; the answer is its exit
status. Forking a process that has loaded everything makes a life cost a tenth of a second instead of five.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "support")]

import httpx2  # noqa: E402
from crash_at import crash_at  # noqa: E402
from fakes import FakeBot, FakeSender, FixedClock  # noqa: E402
from houses import Resident, drain, open_parts  # noqa: E402

from passerelle.conversation.inbox import Inbound  # noqa: E402
from passerelle.notices.twilio import TwilioSender  # noqa: E402

ACCOUNT, TOKEN, NUMBER = "AC" + "0" * 32, "demonstration-token", "+33937000000"


def live(order: dict) -> None:
    """One life: what was not acknowledged comes again, then everything due is done."""
    clock = FixedClock()
    clock.advance(seconds=order["seconds"])
    sender = TwilioSender(
        client=httpx2.Client(timeout=5),
        api=order["twilio"],
        account=ACCOUNT,
        token=TOKEN,
        number=NUMBER,
        public_url="http://passerelle.test",
    )
    var = Path(order["var"])
    parts = open_parts(
        var,
        database_url=order.get("database_url", ""),
        clock=clock,
        bot=FakeBot(),
        senders={"sms": sender, "email": FakeSender()},
    )
    if order["crash"]:
        crash_at(order["crash"])
    acknowledged = var / "acknowledged"
    for sid, phone, text in order["messages"]:
        if acknowledged.exists() and sid in acknowledged.read_text().split():
            continue
        message = Inbound(
            channel="sms", provider="twilio", provider_id=sid, address=phone, text=text, received_at=clock.now()
        )
        parts.accept(message)
        with acknowledged.open("a") as file:
            file.write(f"{sid}\n")
    drain(parts)
    parts.close()


def warm_up() -> None:
    """Live a life of no consequence, so that everything is loaded and compiled before the first fork."""
    with tempfile.TemporaryDirectory() as folder:
        parts = open_parts(Path(folder))
        Resident(parts).says("bonjour")
        parts.close()


def main() -> None:
    """Serve orders until there are no more."""
    warm_up()
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            live(json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
