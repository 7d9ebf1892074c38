"""A grading kept with a request is drawn again, even when the rules have changed since."""

import pytest
from desk_house import GRADING, RIGHTS, all_texts, real_gradations

from passerelle.screening.facts import Facts
from passerelle.screening.rules import RuleSet

RENT = "logement-hebergement--reduire-les-impayes-de-loyer"
HOME = "logement-hebergement--se-maintenir-dans-le-logement"


@pytest.fixture
def gradations():
    return real_gradations()


def test_the_sentence_is_the_one_the_rules_gave(gradations):
    facts = {"m": 2, "n": 2, "g3": 0, "a": 1, "d": None, "r": True, "iso": True, "pros": 0, "ref": False, "fail": 0}
    decision = RuleSet.load().grade(Facts.from_json(facts))
    sentence = all_texts().say(decision.sentence_key, language="fr")

    shown = gradations.show({"needs": [], "level": decision.level, "rules": list(decision.fired), "facts": facts})

    assert sentence in shown.table.level


def test_a_rule_or_a_need_that_no_longer_exists_is_left_out(gradations):
    old = GRADING | {"rules": ["R-00", "R-41"], "needs": [["gone--gone", 2, "yes", None], [RIGHTS, 2, "yes", None]]}

    shown = gradations.show(old)

    assert len(shown.table.rows) == 1
    assert [reason.split(" ")[0] for reason in shown.table.reasons] == ["R-41"]


def test_a_level_the_rules_would_not_give_today_is_still_named(gradations):
    shown = gradations.show(GRADING | {"level": "N4"})

    assert shown.table.level.startswith("Niveau N4")


@pytest.mark.parametrize("level", ["U", "C"])
def test_levels_outside_the_scale_are_drawn_too(gradations, level):
    assert gradations.show(GRADING | {"level": level, "rules": []}).drawing.startswith("<svg")


def test_what_is_already_there_is_not_said_to_be_prevented(gradations):
    before = gradations.show(GRADING | {"needs": [[RENT, 3, "yes", None]]}).to_prevent
    after = gradations.show(GRADING | {"needs": [[RENT, 3, "yes", None], [HOME, 3, "yes", None]]}).to_prevent

    assert len(before) == len(after) + 1


def test_a_need_the_person_wants_no_help_for_is_not_used_to_predict(gradations):
    assert gradations.show(GRADING | {"needs": [[RENT, 3, "no", None]]}).to_prevent == ()
