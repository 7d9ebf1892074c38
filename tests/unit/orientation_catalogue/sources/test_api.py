"""data·inclusion's API: paged, cut, slowed down, lying; the rows that are there stay until others are whole."""

import datetime
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_data_inclusion import TOKEN, FakeDataInclusion, serving

from orientation_catalogue.build import build_catalogue
from orientation_catalogue.errors import ApiAway, ApiRefused, BadSource
from orientation_catalogue.sources.api import Api, Refreshed, refresh
from orientation_catalogue.territory.places import Places

FOOD = "equipement-et-alimentation--alimentation"


def structure(number: int) -> dict[str, Any]:
    return {"source": "dora", "id": f"dora--s{number:03d}", "nom": f"Lieu inventé {number}", "date_maj": "2026-11-01"}


def service(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "source": "dora",
        "structure_id": f"dora--s{number:03d}",
        "id": f"dora--a{number:03d}",
        "nom": f"Colis {number}",
        "description": "Un colis inventé.",
        "date_maj": "2026-11-01",
        "thematiques": [FOOD],
        "score_qualite": 0.5,
        "adresse_certifiee": False,
        **changes,
    }


@pytest.fixture
def fake() -> Iterator[FakeDataInclusion]:
    made = FakeDataInclusion([structure(n) for n in range(25)], [service(n) for n in range(25)])
    with serving(made):
        yield made


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += seconds

    def now(self) -> float:
        self.at += 1
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bring(fake: FakeDataInclusion, clock: Clock, tmp_path: Path) -> Any:
    def run(token: str = TOKEN, **more: Any) -> Refreshed:
        api = Api(url=fake.url, token=token, allow_private=True)
        return refresh(api, tmp_path / "di", page_size=10, sleep=clock.sleep, now=clock.now, **more)

    return run


def rows(refreshed: Refreshed, name: str = "services") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (refreshed.folder / f"{name}.ndjson").read_text(encoding="utf-8").splitlines()]


def test_every_page_is_brought_and_can_be_imported(bring: Any, tmp_path: Path, places: Places) -> None:
    refreshed = bring()
    report = build_catalogue([refreshed.folder], tmp_path / "b", places=places, today=datetime.date(2026, 11, 22))

    assert (report.kept, report.refused) == (25, ())
    assert str(refreshed.changes["services"]) == "25 new, 0 changed, 0 unchanged, 0 removed"


def test_a_refresh_tells_what_is_new_changed_and_gone(bring: Any, fake: FakeDataInclusion) -> None:
    bring()
    fake.rows["services"] = [service(0, date_maj="2026-11-20"), *(service(n) for n in range(2, 27))]

    refreshed = bring()

    assert str(refreshed.changes["services"]) == "2 new, 1 changed, 23 unchanged, 1 removed"
    assert str(refreshed.changes["structures"]) == "0 new, 0 changed, 25 unchanged, 0 removed"
    assert len(rows(refreshed)) == 26
    assert len(list(refreshed.folder.parent.glob("complete-*"))) == 1


def test_a_refresh_that_was_cut_goes_on_from_its_last_page(bring: Any, fake: FakeDataInclusion) -> None:
    fake.plan = ["", "", "", "", *[503] * 6]
    with pytest.raises(ApiAway, match="page 2 of services: status 503"):
        bring()
    asked = len(fake.asked)

    refreshed = bring()

    assert [target.partition("?")[2] for target, _ in fake.asked[asked:]] == ["page=2&size=10", "page=3&size=10"]
    assert len({row["id"] for row in rows(refreshed)}) == 25


def test_old_pages_of_a_cut_refresh_are_not_mixed_with_new_ones(
    bring: Any, fake: FakeDataInclusion, clock: Clock
) -> None:
    fake.plan = ["", "", *[500] * 6]
    with pytest.raises(ApiAway):
        bring()
    clock.at += 7 * 3600
    asked = len(fake.asked)

    bring()

    assert "page=1" in fake.asked[asked][0]


def test_too_many_requests_are_waited_for_as_long_as_it_says(bring: Any, fake: FakeDataInclusion, clock: Clock) -> None:
    fake.plan = [429, 429, "", 502]

    assert len(rows(bring())) == 25
    assert clock.waits == [7.0, 7.0, 1.0]


@pytest.mark.parametrize("trouble", ["cut", "nan", "deep", 500])
def test_a_broken_answer_is_asked_for_again(bring: Any, fake: FakeDataInclusion, trouble: Any) -> None:
    fake.plan = [trouble]

    assert len(rows(bring(), "structures")) == 25


@pytest.mark.parametrize(
    ("status", "word"), [(401, "token"), (404, "404"), (422, "422"), ("redirect", "sends elsewhere")]
)
def test_what_will_not_work_is_asked_once(bring: Any, fake: FakeDataInclusion, status: Any, word: str) -> None:
    fake.plan = [status]

    with pytest.raises(ApiRefused, match=word):
        bring()
    assert len(fake.asked) == 1


def test_a_wrong_token_is_said_and_never_shown(
    bring: Any, fake: FakeDataInclusion, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ApiRefused, match="the token is missing, wrong or not allowed") as refused:
        bring(token="un-autre-jeton")

    assert "un-autre-jeton" not in str(refused.value) + caplog.text
    assert "un-autre-jeton" not in repr(Api(url="https://example.org", token="un-autre-jeton"))
    assert all("jeton" not in target for target, _ in fake.asked)


def test_a_total_that_lies_changes_nothing(bring: Any, fake: FakeDataInclusion) -> None:
    before = bring()
    fake.plan = ["lie"] * 100

    with pytest.raises(ApiAway, match="never add up"):
        bring()
    assert before.folder.is_dir()


def test_rows_that_move_under_the_pages_are_read_again(bring: Any, fake: FakeDataInclusion) -> None:
    fake.plan = ["", "lie"]

    assert len(rows(bring(), "structures")) == 25


def test_losing_half_of_the_rows_changes_nothing(bring: Any, fake: FakeDataInclusion) -> None:
    before = bring()
    fake.rows["services"] = fake.rows["services"][:5]

    with pytest.raises(BadSource, match="20 of the 25 services of the last time are not there any more"):
        bring()
    assert len(rows(before)) == 25


def test_an_answer_that_unfolds_into_a_huge_one_is_left(bring: Any, fake: FakeDataInclusion) -> None:
    fake.plan = ["bomb"]

    with pytest.raises(ApiRefused, match="a page has more than"):
        bring()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "https://127.0.0.1",
        "https://localhost",
        "https://169.254.169.254",
        "https://[::ffff:10.0.0.1]",
        "https://[::1]",
        "https://user:word@example.org",
        "https://example.org/?token=x",
        "file:///etc/passwd",
        "ftp://example.org",
    ],
)
def test_the_token_is_sent_to_no_private_address(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadSource):
        refresh(Api(url=url, token=TOKEN), tmp_path / "di")
    assert not (tmp_path / "di").exists()
