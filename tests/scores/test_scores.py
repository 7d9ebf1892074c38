"""What is published is still true: no figure of docs/scores.json has become worse than its interval."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from scores import SCORES_JSON, SCORES_PAGE, Figure, Report, as_json, measure, share

from passerelle.app.compose import compose
from passerelle.app.understand import Understand
from passerelle.foundation.config import Settings

PUBLISHED = json.loads(SCORES_JSON.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def measured(real_bot: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Report]]:
    """Every evaluation set, read by the trained bot: one to two minutes."""
    folder = tmp_path_factory.mktemp("scores")
    parts = compose(Settings(var=Path(folder), bot_port=real_bot.port, bot_secret=real_bot.secret))
    return measure(Understand(parts, with_model=True), Understand(parts, with_model=False))


@pytest.mark.bot
@pytest.mark.parametrize("language", sorted(PUBLISHED))
def test_no_published_figure_became_worse(language, measured):
    worse = [
        f"{kind}, {name}: {figure.value:.3f}, published {PUBLISHED[language][kind][name]['value']:.3f}"
        for kind, report in measured[language].items()
        for name, figure in report.figures.items()
        if name in PUBLISHED[language].get(kind, {}) and figure.worse_than(PUBLISHED[language][kind][name])
    ]

    assert worse == []


@pytest.mark.bot
def test_every_figure_measured_is_published(measured):
    found = as_json(measured)
    missing = [
        (language, kind, name)
        for language, kinds in found.items()
        for kind, figures in kinds.items()
        for name in figures
        if name not in PUBLISHED.get(language, {}).get(kind, {})
    ]

    assert missing == [], "Run `make scores` and commit docs/scores.md and docs/scores.json."


def test_the_page_tells_every_language_and_its_misses():
    page = SCORES_PAGE.read_text(encoding="utf-8")

    assert all(f"## {language}: {kind}" in page for language, kinds in PUBLISHED.items() for kind in kinds)
    assert "misses" in page


def test_a_figure_is_worse_only_beyond_its_interval_and_on_the_bad_side():
    recall = {"value": 0.9, "low": 0.85, "high": 0.94}

    assert not Figure(value=0.86, low=0, high=1, of=9).worse_than(recall)
    assert Figure(value=0.84, low=0, high=1, of=9).worse_than(recall)
    assert not Figure(value=0.99, low=0, high=1, of=9).worse_than(recall)
    assert Figure(value=0.95, low=0, high=1, of=9, fault=True).worse_than(recall)


def test_the_interval_of_a_share_holds_for_few_messages():
    """Wilson's interval of 1 in 10, from the tables: 0.018 to 0.404."""
    figure = share(1, 10)

    assert figure.low == pytest.approx(0.018, abs=0.001)
    assert figure.high == pytest.approx(0.404, abs=0.001)
