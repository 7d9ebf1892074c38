"""Two evaluations side by side: what changed, in a drawing and in words."""

from xml.etree import ElementTree

import pytest

from passerelle.foundation.texts import Texts
from passerelle.screening.comparison import Comparison, compare, comparison_table, draw_comparison
from passerelle.screening.questions import Questionnaire
from passerelle.screening.rules import RuleSet
from passerelle.screening.situation import read_situation
from passerelle.screening.told import Told

LANGUAGES = ("fr", "en", "ar", "es", "pt", "uk", "tr", "ro")


@pytest.fixture
def comparison(questionnaire: Questionnaire, ruleset: RuleSet) -> Comparison:
    """One domain of each kind: gone, lighter, heavier, the same, new."""
    first = {"Q06": "yes", "Q07": "several", "Q11": "one_month", "Q20": "yes"}
    second = {"Q06": "no", "Q07": "once", "Q11": "two_months", "Q20": "yes", "Q31": "soon"}
    evaluations = [
        (situation, ruleset.decide(situation))
        for situation in (read_situation(Told(answers=answers), questionnaire) for answers in (first, second))
    ]
    return compare(evaluations[0], evaluations[1], questionnaire=questionnaire)


def test_each_domain_says_which_way_it_went(comparison: Comparison) -> None:
    assert {change.domain: change.direction for change in comparison.domains} == {
        "D02": "gone",
        "D03": "lighter",
        "D04": "heavier",
        "D09": "same",
        "D15": "new",
    }


def test_the_table_says_it_in_words(comparison: Comparison, texts: Texts) -> None:
    table = comparison_table(comparison, texts, "fr")

    assert table.columns == ("Domaine", "Avant", "Maintenant", "Changement")
    assert (table.rows[1].before, table.rows[1].after, table.rows[1].change) == (
        "3 blocage",
        "2 difficulté",
        "plus léger",
    )
    assert table.rows[0].after == "pas de besoin"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_drawing_is_whole_in_every_language_and_reads_aloud(
    comparison: Comparison, texts: Texts, language: str
) -> None:
    svg = ElementTree.fromstring(draw_comparison(comparison, texts, language))

    assert svg.attrib["role"] == "img"
    title, described = svg[0].text, svg[1].text
    table = comparison_table(comparison, texts, language)
    assert title
    assert described is not None
    for row in table.rows:
        assert row.domain in described
        assert row.change in described
    assert table.level in described


def test_the_drawing_is_read_in_grey_by_shape_and_words(comparison: Comparison, texts: Texts) -> None:
    drawing = draw_comparison(comparison, texts, "fr")

    colours = {value for value in drawing.split('"') if value.startswith("#") and len(value) == 7}
    assert all(colour[1:3] == colour[3:5] == colour[5:7] for colour in colours)
    for sign in ("✓", "▼", "▲", "=", "+"):
        assert sign in drawing


def test_every_part_stays_inside_a_narrow_phone(comparison: Comparison, texts: Texts) -> None:
    for language in LANGUAGES:
        svg = ElementTree.fromstring(draw_comparison(comparison, texts, language))
        for box in svg.iter("{http://www.w3.org/2000/svg}rect"):
            start = float(box.attrib.get("x", 0))
            assert start >= 0
            assert start + float(box.attrib["width"]) <= 320


def test_nothing_before_and_nothing_now_is_said(questionnaire: Questionnaire, ruleset: RuleSet, texts: Texts) -> None:
    nothing = read_situation(Told(), questionnaire)
    same = compare((nothing, ruleset.decide(nothing)), (nothing, ruleset.decide(nothing)), questionnaire=questionnaire)

    assert same.domains == ()
    assert "<svg" in draw_comparison(same, texts, "fr")
