"""The graphique says the same to the eye, to a screen reader and in the table."""

import re
from xml.etree import ElementTree

import pytest

from passerelle.foundation.texts import Texts
from passerelle.screening.graphique import draw_graphique, graphique_table
from passerelle.screening.questions import Questionnaire
from passerelle.screening.rules import RuleSet
from passerelle.screening.situation import read_situation
from passerelle.screening.told import Told, ToldNeed

SVG = "{http://www.w3.org/2000/svg}"
TOLD = Told(
    needs=(
        ToldNeed(thematique="equipement-et-alimentation--aide-menagere", wanted=True),
        ToldNeed(thematique="remobilisation--lien-social", wanted=False),
    ),
    answers={"Q10": "month", "T1:remobilisation--lien-social": "later"},
    signals=frozenset({"rupture_discharge", "isolated"}),
)


@pytest.mark.parametrize("language", ["fr", "en", "ar", "es", "pt", "uk", "tr", "ro"])
@pytest.mark.parametrize("told", [TOLD, Told(), Told(answers={"Q09": "outside"})])
def test_it_is_one_standalone_accessible_image(
    told: Told, language: str, questionnaire: Questionnaire, ruleset: RuleSet, texts: Texts
) -> None:
    situation = read_situation(told, questionnaire)
    svg = draw_graphique(situation, ruleset.decide(situation), texts, language)
    image = ElementTree.fromstring(svg)

    assert image.get("role") == "img"
    assert image.find(f"{SVG}title") is not None
    described = image.findtext(f"{SVG}desc") or ""
    assert ruleset.decide(situation).level in described
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    assert image.get("viewBox", "").startswith("0 0 320 ")


def test_weight_is_drawn_and_wish_is_told_by_pattern_and_words(
    questionnaire: Questionnaire, ruleset: RuleSet, texts: Texts
) -> None:
    situation = read_situation(TOLD, questionnaire)
    svg = draw_graphique(situation, ruleset.decide(situation), texts, "fr")

    assert 'fill="url(#later)"' in svg
    assert 'fill="url(#unknown)"' in svg
    assert "plus tard" in svg
    assert "reste 30 jours" in svg


def test_the_table_says_what_the_drawing_shows(questionnaire: Questionnaire, ruleset: RuleSet, texts: Texts) -> None:
    situation = read_situation(TOLD, questionnaire)
    table = graphique_table(situation, ruleset.decide(situation), texts, "fr")
    rows = {row.need: (row.weight, row.wanted, row.deadline) for row in table.rows}

    assert rows == {
        "garder le logement": ("3 blocage", "pas encore demandé", "30"),
        "voir du monde": ("1 gêne", "plus tard", ""),
        "les courses et le ménage": ("2 difficulté", "aide voulue", ""),
    }
    assert table.level.startswith("Niveau N3")
    assert 1 <= len(table.reasons) <= 3


def test_it_is_drawn_in_greys_only_and_inside_a_narrow_phone(
    questionnaire: Questionnaire, ruleset: RuleSet, texts: Texts
) -> None:
    situation = read_situation(TOLD, questionnaire)
    for language in ("fr", "ar"):
        svg = draw_graphique(situation, ruleset.decide(situation), texts, language)
        colours = set(re.findall(r"#[0-9a-f]{6}", svg))
        rects = [
            (float(x), float(width)) for x, width in re.findall(r'<rect x="([\d.]+)" y="\d+" width="([\d.]+)"', svg)
        ]

        assert {colour for colour in colours if len({colour[1:3], colour[3:5], colour[5:7]}) > 1} == set()
        assert rects
        assert all(x >= 0 and x + width <= 320 for x, width in rects)


def test_the_bars_start_where_the_words_start(questionnaire: Questionnaire, ruleset: RuleSet, texts: Texts) -> None:
    situation = read_situation(TOLD, questionnaire)
    first = {
        language: re.search(
            r'<rect x="([\d.]+)" y="\d+" width="57"',
            draw_graphique(situation, ruleset.decide(situation), texts, language),
        )
        for language in ("fr", "ar")
    }

    assert first["fr"]
    assert float(first["fr"].group(1)) == 12
    assert first["ar"]
    assert float(first["ar"].group(1)) == 320 - 12 - 57


@pytest.mark.parametrize(("told", "level"), [(Told(), "N0"), (Told(answers={"Q09": "outside"}), "U")])
def test_the_scale_shows_where_the_person_stands_and_u_apart(
    told: Told, level: str, questionnaire: Questionnaire, ruleset: RuleSet, texts: Texts
) -> None:
    situation = read_situation(told, questionnaire)
    svg = draw_graphique(situation, ruleset.decide(situation), texts, "fr")
    steps = re.findall(r">(U|C|N[0-4])</text>", svg)

    assert steps == (["U"] if level == "U" else []) + ["N0", "N1", "N2", "N3", "N4"]
    assert re.findall(r'font-weight="700" fill="#ffffff">(\w+)</text>', svg) == [level]
