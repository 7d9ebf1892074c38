"""The professional's question in the terminal."""

import pytest
from fakes import FakeBot
from houses import open_parts

from passerelle.app.ask import ask

SHELTER = "logement-hebergement--rechercher-une-solution-dhebergement-temporaire"


@pytest.fixture
def parts(tmp_path):
    parts = open_parts(tmp_path, bot=FakeBot())
    yield parts
    parts.close()


def test_a_question_is_answered_with_who_may_ask_and_why(parts):
    parts.bot.tell("un toit à Vitré", needs=[SHELTER])
    answer = ask(parts, "un toit à Vitré")

    assert "Dispositifs pour Vitré (Ille-et-Vilaine)" in answer
    assert "Seul un professionnel peut le demander." in answer
    assert "Connus et mis de côté" in answer


def test_homonyms_are_listed(parts):
    parts.bot.tell("un toit à Saint-Denis", needs=[SHELTER])

    assert "Saint-Denis (Seine-Saint-Denis)" in ask(parts, "un toit à Saint-Denis")


def test_with_the_bot_down_a_danger_still_gets_its_numbers(parts):
    parts.bot.down = True

    assert "115" in ask(parts, "une dame dort dehors ce soir avec son bebe")
