"""The menu leads to a need with one number or two, without the bot."""

from pathlib import Path

import pytest

from passerelle.foundation.errors import BadInput
from passerelle.foundation.sms import fit
from passerelle.foundation.texts import Texts
from passerelle.screening.menu import MOST_LINES, Menu, menu_body
from passerelle.screening.questions import Questionnaire
from passerelle.screening.told import ToldNeed

MENU = Menu.load()


def test_help_at_home_is_a_need_at_once() -> None:
    assert MENU.needs("5") == (ToldNeed(thematique="equipement-et-alimentation--aide-menagere", wanted=True),)
    assert MENU.under("5") == ()


def test_money_opens_a_second_page() -> None:
    assert MENU.needs("2") == ()
    second = MENU.under("2")
    assert [entry.code for entry in second] == ["2.1", "2.2", "2.3"]
    assert MENU.needs("2.2") == (
        ToldNeed(thematique="difficultes-financieres--situation-dendettement-surendettement", wanted=True),
    )


@pytest.mark.parametrize("code", ["", "0", "8", "2.9", "2.0", "5.1", "x", "2.1.1", "."])
def test_an_unknown_number_leads_nowhere(code: str) -> None:
    assert MENU.needs(code) == ()


def test_every_page_fits_a_small_phone_and_one_sms(texts: Texts, questionnaire: Questionnaire) -> None:
    pages: list[str | None] = [None, *(entry.code for entry in MENU.entries if len(entry.needs) > 1)]
    for language in texts.languages:
        for code in pages:
            body = menu_body(MENU, code, texts, language, "sms")

            assert fit(body).parts <= (1 if fit(body).encoding == "GSM-7" else 3), body
            assert len(body.splitlines()) <= 1 + MOST_LINES
    assert all(need in questionnaire.thematiques for entry in MENU.entries for need in entry.needs)


@pytest.mark.parametrize(
    "text",
    ["choices: 3", "choices: []", "choices: [{number: 2, need: a}]", "choices: [{number: 1}]", "choices: [1]", "[]"],
)
def test_a_bad_menu_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "menu.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(BadInput):
        Menu.load(path)
