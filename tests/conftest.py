"""Guards around every test, and a whole Passerelle for those that want one."""

import io
import logging
import re
import socket
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import httpx2
import pytest
import structlog
from fakes import FakeBot, FakeSender, FixedClock
from houses import Resident, open_parts, reading_parts
from hypothesis import settings
from postgresql import PostgresqlServer, postgresql_server

from passerelle.app.bot_process import MODELS, BotProcess
from passerelle.app.compose import Parts
from passerelle.app.tables import migrate
from passerelle.conversation.understanding import BotClient
from passerelle.foundation.database import Database
from passerelle.foundation.log import configure_logs

# No test gates on time: a busy machine is no defect of the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


#: Rooms in the order they run: what is quick and near the code first. Within a room the order is random.
ROOMS = ("codebase", "unit", "contracts", "attacks", "faults", "scores", "journeys", "browser")

#: What the people of our tests are called and where they are reached: none of it may reach a log.
PERSONAL = re.compile(
    r"(?:\+33|0033|0)\s?6[\s.]?39[\s.]?98(?:[\s.]?\d\d){2}"  # the made-up mobile numbers
    r"|(?:\+33|0033|0)\s?1[\s.]?99[\s.]?00(?:[\s.]?\d\d){2}"  # the made-up landlines
    r"|[\w.+-]+@example\.(?:org|test|com)"
    r"|\b(?:Sam|Josiane|Mohamed|Awa|Yvette|Dupont)\b",
)


# Guards


@pytest.fixture(autouse=True)
def logs(caplog: pytest.LogCaptureFixture) -> Iterator[io.StringIO]:
    """Our logs are strict, and nothing personal reaches them nor those of any library."""
    sink = io.StringIO()
    configure_logs(strict=True)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sink))
    # configure_logs takes the handlers of the root away, pytest's among them.
    logging.getLogger().addHandler(caplog.handler)
    yield sink
    written = "\n".join([sink.getvalue(), caplog.text, *(record.getMessage() for record in caplog.records)])
    print(sink.getvalue(), end="")
    leaked = PERSONAL.search(written)
    assert leaked is None, f"personal data in a log: {leaked.group()}" if leaked else ""


@pytest.fixture(autouse=True)
def settings_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine's own settings are, tests see the defaults."""
    import os

    for name in [name for name in os.environ if name.startswith("PASSERELLE_")]:
        monkeypatch.delenv(name)


# Order and durations by room


def room_of(path: Path, browser: bool = False) -> str:
    """The room of tests/ a file stands in."""
    parts = path.parts
    named = parts[parts.index("tests") + 1] if "tests" in parts else ""
    return "browser" if browser else named


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the rooms in order; browser tests last, since Playwright keeps an event loop of its own running."""

    def place(item: pytest.Item) -> int:
        room = room_of(item.path, browser=item.get_closest_marker("browser") is not None)
        return ROOMS.index(room) if room in ROOMS else len(ROOMS)

    items.sort(key=place)


_spent: dict[str, float] = defaultdict(float)
_counted: dict[str, int] = defaultdict(int)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count the time of each room."""
    room = room_of(Path(report.nodeid.split("::")[0]), browser="browser" in report.keywords)
    _spent[room] += report.duration
    _counted[room] += report.when == "call"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how long each room took."""
    terminalreporter.section("duration of each room")
    for room in sorted(_spent, key=lambda name: (ROOMS.index(name) if name in ROOMS else len(ROOMS), name)):
        terminalreporter.write_line(f"{room:<12} {_counted[room]:>5} tests {_spent[room]:>7.1f} s")


# A whole Passerelle


@pytest.fixture
def clock() -> FixedClock:
    """A clock that a test moves."""
    return FixedClock()


@pytest.fixture
def bot() -> FakeBot:
    """A bot that understands what the test taught it."""
    return FakeBot()


@pytest.fixture
def sms() -> FakeSender:
    """The SMS provider."""
    return FakeSender()


@pytest.fixture
def email() -> FakeSender:
    """The mail server."""
    return FakeSender()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """One PostgreSQL server for the run, with a migrated database to copy."""
    with postgresql_server() as server:
        database = Database(server.make("migrated"))
        migrate(database)
        database.close()
        yield server


@contextmanager
def _copy_on(server: PostgresqlServer) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    url = server.make(name, template="migrated")
    try:
        yield url
    finally:
        server.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database; the test runs once on each of the two kinds. Empty = SQLite in the test's folder."""
    if request.param == "sqlite":
        yield ""
    else:
        with _copy_on(request.getfixturevalue("postgresql")) as url:
            yield url


@pytest.fixture
def parts(
    tmp_path: Path, database_url: str, clock: FixedClock, bot: FakeBot, sms: FakeSender, email: FakeSender
) -> Iterator[Parts]:
    """A whole Passerelle, on SQLite and then on PostgreSQL."""
    made = open_parts(tmp_path, database_url=database_url, clock=clock, bot=bot, senders={"sms": sms, "email": email})
    yield made
    made.close()


@pytest.fixture
def sqlite_parts(
    tmp_path: Path, clock: FixedClock, bot: FakeBot, sms: FakeSender, email: FakeSender
) -> Iterator[Parts]:
    """A whole Passerelle on SQLite only."""
    made = open_parts(tmp_path, clock=clock, bot=bot, senders={"sms": sms, "email": email})
    yield made
    made.close()


@pytest.fixture
def resident(parts: Parts) -> Resident:
    """Somebody with a telephone."""
    return Resident(parts)


@pytest.fixture
def another_resident(parts: Parts) -> Callable[[int], Resident]:
    """More people, each with a number of their own: `another_resident(7)`."""
    return lambda number: Resident(parts, phone=f"+3363998{number:04d}")


@pytest.fixture(scope="session")
def real_bot() -> Iterator[SimpleNamespace]:
    """The trained bot in its own process, on a free port: `.port`, `.secret`, `.client`, `.process`."""
    if not (MODELS / "current").exists():
        pytest.fail("The bot is not trained: run `make train`.")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    secret = uuid.uuid4().hex
    process = BotProcess(port=port, secret=secret)
    client = BotClient(
        client=httpx2.Client(timeout=10),
        url=f"http://127.0.0.1:{port}",
        secret=secret,
        normaliser=reading_parts().normaliser,
    )
    process.start()
    try:
        _wait_until_ready(client)
        yield SimpleNamespace(port=port, secret=secret, client=client, process=process)
    finally:
        process.stop()


def _wait_until_ready(client: BotClient, seconds: float = 120.0) -> None:
    import time

    end = time.monotonic() + seconds
    while not client.is_ready():
        if time.monotonic() > end:
            pytest.fail("The bot did not get ready: look at its output above.")
        time.sleep(0.3)
