"""The figures of DESIGN §9, on this machine. Prints one table; gates nothing. Run by `make bench`.

What is measured, exactly:

- closed-answer turn: one SMS at the inbox → safety, claim, parsing of the answer, dossier, next question, commit,
  notice handed to a provider that takes it at once. SQLite with `synchronous=FULL`, one worker. No HTTP door.
- free-text turn: the same, the message being understood by our trained bot over its wire.
- stock Rasa: `rasa run` with the REST channel, the same trained model, one custom action over HTTP in a stock
  rasa-sdk action server, tracker in memory. It keeps nothing on disk and delivers nothing; ours does both.
- door: `passerelle serve` as it is served, signed webhooks sent at a steady 50 per second (not waiting for answers),
  while its workers answer them through the bot.
- matching: 100 000 synthetic services over all France, beside SQLite R*Tree on the same: see `bench_catalogue.py`, and
  `make million` for ten times as many.
- questions: people made up, asked as Passerelle asks and asked everything (tests/bench/bench_questions.py).
"""

import asyncio
import os
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from bench_catalogue import compare
from bench_questions import bench_questions
from fakes import FakeBot, FakeSender, FixedClock
from houses import Resident, open_parts

from passerelle.app.bot_process import BOT, MODELS
from passerelle.channels.twilio_signature import SIGNATURE_HEADER, sign
from passerelle.conversation.understanding import BotClient
from passerelle.foundation.config import ROOT, Settings

MESSAGES = [
    "je n'arrive plus a payer mon loyer depuis deux mois",
    "ma mere rentre de l'hopital et elle ne peut plus faire ses courses",
    "on m'a coupe mes apl et je comprends rien aux papiers",
    "je cherche quelqu'un pour le menage chez mon pere",
    "je suis seul et je ne vois plus personne",
    "i can't pay my rent and i don't understand the letters",
]
NEED = "logement-hebergement--reduire-les-impayes-de-loyer"
HERE = Path(__file__).parent

_table: list[tuple[str, str, str]] = []


def row(what: str, measured: str, aim: str) -> None:
    """Add one line to the table, and say it as soon as it is known."""
    _table.append((what, measured, aim))
    print(f"  {what}: {measured}", flush=True)


def times(run: Callable[[int], object], count: int) -> tuple[float, float, float]:
    """Calls per second, median and 95th percentile in milliseconds."""
    spent = []
    started = time.perf_counter()
    for index in range(count):
        begin = time.perf_counter()
        run(index)
        spent.append((time.perf_counter() - begin) * 1000)
    rate = count / (time.perf_counter() - started)
    return rate, statistics.median(spent), statistics.quantiles(spent, n=20)[-1]


def shown(figures: tuple[float, float, float]) -> str:
    """The three figures, readable."""
    rate, median, high = figures
    return f"{rate:.0f}/s, p50 {median:.1f} ms, p95 {high:.1f} ms"


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def answer(parts: object, person: Resident) -> None:
    """One turn and its delivery, as the workers do them."""
    while (message := parts.claims.claim()) is not None:
        parts.turns.run(message)
    while parts.delivery.deliver_due():
        pass


def bench_closed_answers(folder: Path) -> None:
    """Everybody told a need; then everybody answers question after question."""
    bot = FakeBot()
    bot.tell("loyer a rennes", needs=[NEED])
    parts = open_parts(folder, bot=bot, clock=FixedClock(), senders={"sms": FakeSender(), "email": FakeSender()})
    people = [Resident(parts, phone=f"+3363998{number:04d}") for number in range(60)]
    for person in people:
        person.writes("loyer a rennes")
        answer(parts, person)
    asked = len(bot.asked)

    def turn(index: int) -> None:
        person = people[index % len(people)]
        person.writes("1")
        answer(parts, person)

    figures = times(turn, 360)
    free = len(bot.asked) - asked
    row(
        "closed-answer turn, durable (SQLite FULL)",
        shown(figures) + (f", {free} not closed" if free else ""),
        "≥ 150/s, p50 ≤ 10 ms",
    )
    parts.close()


def bench_free_text(folder: Path, port: int, secret: str) -> float:
    """Whole turns through the real bot; returns their rate."""
    parts = open_parts(folder, bot=None, clock=FixedClock(), senders={"sms": FakeSender(), "email": FakeSender()})
    client = BotClient(
        client=httpx2.Client(timeout=10), url=f"http://127.0.0.1:{port}", secret=secret, normaliser=parts.normaliser
    )
    parts.bot = client
    slots = {"stage": "new", "role": "resident", "channel": "sms", "pending": None}
    figures = times(lambda index: client.understand(MESSAGES[index % len(MESSAGES)], "fr", slots), 300)
    row("understanding alone (the wire)", shown(figures), "")

    def turn(index: int) -> None:
        person = Resident(parts, phone=f"+3363998{index:04d}")
        person.writes(MESSAGES[index % len(MESSAGES)])
        answer(parts, person)

    turn(999)
    figures = times(turn, 200)
    row("free-text turn through the bot, durable", shown(figures), "≥ 80/s, p50 ≤ 20 ms")
    parts.close()
    return figures[0]


@contextmanager
def process(command: list[str], **options: object) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block."""
    started = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
    )
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(timeout=15)
        except subprocess.TimeoutExpired:
            started.kill()


def wait_for(url: str, seconds: float = 120.0, check: Callable[[httpx2.Response], bool] = lambda _: True) -> float:
    """Wait until the address answers as wanted; returns the seconds it took."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        try:
            if check(httpx2.get(url, timeout=5)):
                return time.monotonic() - started
        except httpx2.HTTPError:
            pass
        time.sleep(0.2)
    raise TimeoutError(url)


def bench_stock_rasa(folder: Path, ours: float) -> None:
    """The same model behind stock Rasa's own REST channel and action server."""
    port, actions = free_port(), free_port()
    (folder / "endpoints.yml").write_text(f"action_endpoint:\n  url: http://127.0.0.1:{actions}/webhook\n")
    (folder / "credentials.yml").write_text("rest:\n")
    python = str(BOT / ".venv" / "bin" / "python")
    environment = {
        **os.environ, "PYTHONPATH": f"{BOT}:{HERE}", "RASA_TELEMETRY_ENABLED": "false", "OMP_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }  # fmt: skip
    model = MODELS / (MODELS / "current").read_text().strip()
    server = [python, "-m", "rasa_sdk", "--actions", "stock_actions", "--port", str(actions)]
    rasa = [
        python, "-m", "rasa", "run", "--model", str(model), "--port", str(port), "--interface", "127.0.0.1",
        "--endpoints", str(folder / "endpoints.yml"), "--credentials", str(folder / "credentials.yml"),
    ]  # fmt: skip
    with process(server, cwd=HERE, env=environment), process(rasa, cwd=BOT, env=environment):
        wait_for(f"http://127.0.0.1:{actions}/health")
        wait_for(f"http://127.0.0.1:{port}/")
        client = httpx2.Client(timeout=30)
        url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
        silent = 0

        def turn(index: int) -> None:
            nonlocal silent
            said = client.post(url, json={"sender": f"p{index}", "message": MESSAGES[index % len(MESSAGES)]}).json()
            silent += not said

        turn(999)
        figures = times(turn, 150)
    row(
        "stock Rasa, same model and messages, in memory",
        f"{shown(figures)}; ours is {ours / figures[0]:.1f} times as many" + (f"; {silent} silent" if silent else ""),
        "",
    )


def bench_matching(folder: Path) -> None:
    """Matching and the plain SQL way, over the same synthetic services."""
    folder.mkdir()
    for line in compare(100_000, folder):
        row(*line)


async def bench_door(url: str, token: str, number: str, *, rate: int = 50, seconds: int = 8) -> None:
    """Signed SMS at a steady rate, each sent at its time whether or not the one before was answered."""
    spent, refused = [], 0
    async with httpx2.AsyncClient(timeout=30, limits=httpx2.Limits(max_connections=100)) as client:

        async def send(index: int) -> None:
            nonlocal refused
            form = {
                "MessageSid": f"SM{index:032x}", "From": f"+3363998{index:04d}", "To": number,
                "Body": MESSAGES[index % len(MESSAGES)], "NumMedia": "0", "AccountSid": "AC" + "0" * 32,
            }  # fmt: skip
            signature = sign(url, {name: [value] for name, value in form.items()}, token=token)
            begin = time.perf_counter()
            response = await client.post(url, data=form, headers={SIGNATURE_HEADER: signature})
            spent.append((time.perf_counter() - begin) * 1000)
            refused += response.status_code >= 300

        await send(9999)
        spent.clear()
        started, sends = time.perf_counter(), []
        for index in range(rate * seconds):
            await asyncio.sleep(max(0.0, started + index / rate - time.perf_counter()))
            sends.append(asyncio.create_task(send(index)))
        await asyncio.gather(*sends)
    cuts = statistics.quantiles(spent, n=100)
    lost = f", {refused} refused" if refused else ""
    row(
        f"door at {rate} SMS/s", f"p50 {cuts[49]:.0f} ms, p95 {cuts[94]:.0f} ms, p99 {cuts[98]:.0f} ms{lost}",
        "p50 < 50 ms, p99 < 300 ms",
    )  # fmt: skip


def memory_of(pid: int) -> float:
    """Megabytes of a process and its children (resident; what two share is counted twice)."""
    listing = subprocess.run(["ps", "-eo", "pid,ppid,rss"], capture_output=True, text=True, check=True).stdout
    rows = [tuple(map(int, line.split())) for line in listing.splitlines()[1:]]
    family, grown = {pid}, True
    while grown:
        more = {child for child, parent, _ in rows if parent in family} - family
        family, grown = family | more, bool(more)
    return sum(rss for found, _, rss in rows if found in family) / 1024


def weigh(folder: Path) -> str:
    """Size of a folder, in GB."""
    done = subprocess.run(["du", "-sk", str(folder)], capture_output=True, text=True, check=True)
    return f"{int(done.stdout.split()[0]) / 1e6:.2f} GB"


def main() -> None:
    """Measure everything and print the table."""
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} before starting (figures mean little above 1)\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="passerelle-bench-") as name:
        folder = Path(name)
        bench_closed_answers(folder / "closed")
        bench_matching(folder / "catalogue")
        for what, measured in bench_questions(500):
            row(what, measured, "")
        port, bot_port = free_port(), free_port()
        settings = Settings(var=folder / "served", port=port, public_url=f"http://localhost:{port}", bot_port=bot_port)
        environment = {
            **os.environ, "PASSERELLE_VAR": str(settings.var), "PASSERELLE_PORT": str(port),
            "PASSERELLE_PUBLIC_URL": settings.public_url, "PASSERELLE_BOT_PORT": str(bot_port),
            "PASSERELLE_SMTP_PORT": str(free_port()),
        }  # fmt: skip
        with process([str(ROOT / ".venv/bin/passerelle"), "serve"], env=environment, cwd=ROOT) as served:
            seconds = wait_for(f"http://127.0.0.1:{port}/health", check=lambda answer: bool(answer.json()["bot"]))
            row("serve, ready once trained", f"{seconds:.0f} s", "≤ 30 s")
            row("memory at rest, everything running", f"{memory_of(served.pid):.0f} MB", "≤ 1200 MB")
            ours = bench_free_text(folder / "free", bot_port, settings.bot_secret_value())
            asyncio.run(bench_door(f"{settings.public_url}/sms/twilio", settings.tokens()[0], settings.twilio_number))
        bench_stock_rasa(folder, ours)
        row("environment of the bot", weigh(BOT / ".venv"), "≤ 1.9 GB")
        row("environment of the app", weigh(ROOT / ".venv"), "")
    widths = [max(len(line[column]) for line in _table) for column in range(3)]
    print()
    for line in (("what", "measured", "aim"), *_table):
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main()
