"""The agreement: what is shown is what is sent, and only a plain word agrees."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select
from walking import ORDINARY, walk

from passerelle.dossier.tables import AgreementRow
from passerelle.foundation.crypto import digest
from passerelle.foundation.database import table_of
from passerelle.handoff.tables import RequestRow
from passerelle.screening.rules import RuleSet

NEEDS = [
    "logement-hebergement--reduire-les-impayes-de-loyer",
    "logement-hebergement--rechercher-une-solution-dhebergement-temporaire",
]
TOLD = "je ne peux plus payer mon loyer a rennes et je cherche ou dormir"
#: The shelter is not wanted.
ANSWERS = ORDINARY | {f"T1:{NEEDS[1]}": "3"}


def rows(parts, kind):
    with parts.database.read() as session:
        return session.execute(select(table_of(kind))).all()


@pytest.fixture
def preview(parts, bot, resident):
    """What is shown to somebody about to agree; one of the needs told is not wanted."""
    bot.tell(TOLD, needs=NEEDS)
    resident.says(TOLD)
    said = []

    def say(text):
        said[:] = resident.says(text)

    walk(parts, say, until="preview", answers=ANSWERS)
    (shown,) = said
    assert "Voici ce que" in shown
    return shown


@pytest.mark.parametrize("said", ["oui sauf le 3", "oui mais enlevez la 2", "pas la ligne 1", "1 et 3"])
def test_a_yes_that_names_a_line_takes_it_out_and_sends_nothing(parts, preview, resident, said):
    (again,) = resident.says(said)

    assert len(again.splitlines()) < len(preview.splitlines())
    assert rows(parts, RequestRow) == []


@pytest.mark.parametrize("said", ["oui mais pas mon nom", "oui peut etre", "un peu", "oui attendez"])
def test_anything_but_a_plain_yes_is_asked_again(parts, preview, resident, said):
    """Aidants Connect takes it for a refusal; we ask once more (reference/handoff.md §4.3)."""
    (again,) = resident.says(said)

    assert "seulement OUI" in again
    assert preview in again
    assert rows(parts, RequestRow) == []


@pytest.mark.parametrize("said", ["OUI", "oui merci", "d'accord", "yes", "Ok."])
def test_a_plain_yes_sends_what_was_shown_and_keeps_its_hash(parts, preview, resident, said):
    resident.says(said)

    (request,), (agreement,) = rows(parts, RequestRow), rows(parts, AgreementRow)
    sent = [french for _, french in json.loads(parts.keys.open(request.conversation, request.summary))]
    assert agreement.sha256 == digest(preview)
    assert [line.split(" ", 1)[1] for line in preview.splitlines()[1:-1]] == sent
    assert {wanted for _, _, wanted, _ in json.loads(request.grading)["needs"]} <= {"yes", "later"}


def test_a_yes_to_lines_that_have_changed_since_shows_them_again(parts, preview, resident, monkeypatch):
    """A rule put in force between the preview and the yes changes the reason that would be sent."""
    decide = RuleSet.decide
    monkeypatch.setattr(RuleSet, "decide", lambda *given: replace(decide(*given), sentence_key="level.N2"))
    (again,) = resident.says("oui")

    assert "ont changé" in again
    assert rows(parts, RequestRow) == []
