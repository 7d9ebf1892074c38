"""A situation is placed in its parcours, and may be in several (reference/screening.md §6.5)."""

import pytest

from passerelle.screening.parcours import PARCOURS, parcours_of, place, place_situation
from passerelle.screening.questions import Questionnaire
from passerelle.screening.situation import read_situation
from passerelle.screening.told import Told, ToldNeed

CARE, HOME_HELP = "sante--acces-aux-soins", "equipement-et-alimentation--aide-menagere"
RENT = "logement-hebergement--reduire-les-impayes-de-loyer"


@pytest.mark.parametrize(
    ("thematique", "parcours"),
    [
        (CARE, "soins"),
        ("sante--constituer-un-dossier-mdph-invalidite", "sante"),
        ("sante--sante-mentale", "sante"),
        (HOME_HELP, "sante"),
        ("famille--prise-en-charge-personne-dependante", "sante"),
        ("famille--soutien-aidants", "sante"),
        ("famille--garde-denfants", "vie"),
        ("equipement-et-alimentation--alimentation", "vie"),
        (RENT, "vie"),
    ],
)
def test_each_need_has_its_parcours(thematique: str, parcours: str) -> None:
    assert parcours_of(thematique) == parcours


def test_every_thematique_has_one(questionnaire: Questionnaire) -> None:
    assert {parcours_of(value) for value in questionnaire.thematiques} == set(PARCOURS)


def test_a_situation_may_be_in_several_each_with_its_needs() -> None:
    assert place([RENT, HOME_HELP, CARE]) == {"soins": (CARE,), "sante": (HOME_HELP,), "vie": (RENT,)}


def test_a_discharge_is_a_parcours_sante_whatever_the_needs() -> None:
    assert place([RENT], discharge=True) == {"sante": (), "vie": (RENT,)}


@pytest.mark.parametrize(
    "told",
    [Told(answers={"Q36": "yes"}), Told(signals=frozenset({"rupture_discharge"}))],
)
def test_a_discharge_answered_or_said_is_the_same(told: Told, questionnaire: Questionnaire) -> None:
    assert "sante" in place_situation(read_situation(told, questionnaire))


def test_a_need_not_wanted_places_nothing(questionnaire: Questionnaire) -> None:
    needs = (ToldNeed(thematique=RENT, wanted=False), ToldNeed(thematique=CARE, wanted=True))
    told = Told(needs=needs, answers={f"T1:{RENT}": "no"})

    assert place_situation(read_situation(told, questionnaire)) == {"soins": (CARE,)}
