"""R-90: a professional gives another level, with a reason; both levels are shown, and the computed one stays."""

import pytest
from desk_house import BACKUP, GRADING, HOME_HELP, RIGHTS
from sqlalchemy import select

from passerelle.handoff.tables import LevelOverrideRow, RequestRow

WHY = "Deux services suivent déjà la personne."


@pytest.fixture
def opened(house):
    request, token = house.transmit()
    return request, house.enter(token)


def kept(house):
    with house.database.read() as session:
        return [
            (row.level, row.role, row.by, row.reason) for row in session.execute(select(LevelOverrideRow)).scalars()
        ]


def test_another_level_is_shown_beside_the_computed_one_with_its_author_and_reason(house, opened):
    request, page = opened

    house.answer(request, "niveau", page=page, level="N2", reason=WHY)
    shown = house.client.get(f"/bureau/demandes/{request}").text

    assert "Niveau calculé : N3. Niveau retenu : N2" in shown
    assert "premier accueil" in shown
    assert WHY in shown
    assert house.events()[-1] == "level_changed"
    with house.database.read() as session:
        assert session.get(RequestRow, request).level == "N3"


def test_the_reason_is_sealed_and_the_role_is_kept(house, opened):
    request, page = opened

    house.answer(request, "niveau", page=page, level="N4", reason=WHY)

    ((level, role, by, reason),) = kept(house)
    assert (level, role, by) == ("N4", "first_line", "ccas-rennes")
    assert WHY.encode() not in reason


@pytest.mark.parametrize(
    ("level", "reason"),
    [("N2", ""), ("N2", "trop peu"), ("N2", "a         b"), ("", WHY), ("N9", WHY), ("U", WHY)],
)
def test_a_level_without_a_real_reason_is_not_kept_and_the_page_says_what_is_missing(house, opened, level, reason):
    request, page = opened

    answer = house.answer(request, "niveau", page=page, level=level, reason=reason)

    assert answer.status_code == 422
    assert "10 caractères au moins" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert kept(house) == []


def test_a_reason_already_written_is_not_lost(house, opened):
    request, page = opened

    assert WHY in house.answer(request, "niveau", page=page, level="", reason=WHY).text


def test_a_reason_is_shown_as_text_never_as_markup(house, opened):
    request, page = opened

    house.answer(request, "niveau", page=page, level="N2", reason="<b>plusieurs</b> raisons")

    assert "<b>plusieurs" not in house.client.get(f"/bureau/demandes/{request}").text


def test_each_reading_is_kept_the_newest_last(house, opened):
    request, page = opened
    house.answer(request, "niveau", page=page, level="N2", reason=WHY)

    house.answer(request, "niveau", page=page, level="N4", reason=WHY)

    shown = house.client.get(f"/bureau/demandes/{request}").text
    assert shown.index("retenu : N2") < shown.index("retenu : N4")


def test_a_backup_may_too_and_signs_with_its_own_role(house, opened):
    request, _ = opened
    house.clock.moment = house.clock.moment.replace(day=30)
    other = house.another_browser()
    house.enter_as(BACKUP, other)
    page = other.get(f"/bureau/demandes/{request}")

    house.answer(request, "niveau", page=page, client=other, level="N2", reason=WHY)

    assert [(level, by) for level, _, by, _ in kept(house)] == [("N2", BACKUP)]


@pytest.mark.parametrize("how", ["withdraw_all", "erase_content"])
def test_the_reason_goes_with_the_request(house, opened, how):
    request, page = opened
    house.answer(request, "niveau", page=page, level="N2", reason=WHY)

    with house.database.write() as session:
        getattr(house.requests, how)(session, house.conversation)

    assert [(level, reason) for level, _, _, reason in kept(house)] == [("N2", None)]


def test_a_request_that_is_over_takes_no_other_level(house, opened):
    request, page = opened
    with house.database.write() as session:
        house.requests.erase_content(session, house.conversation)

    assert house.answer(request, "niveau", page=page, level="N2", reason=WHY).status_code == 409


def test_the_page_says_the_parcours_the_echelon_and_what_was_set_aside(house):
    grading = GRADING | {
        "parcours": ["sante", "vie"],
        "echelon": "epci",
        "set_aside": [["Fonds de solidarité", "professional_only"], ["Ancien service", "reason_gone"]],
    }
    _, token = house.transmit(grading=grading)

    shown = house.enter(token).text

    assert "Parcours santé : " in shown
    assert "Parcours vie : " in shown
    assert "Échelon : l’intercommunalité. Le registre du territoire y place le niveau N3." in shown
    assert "Fonds de solidarité : Seul un professionnel peut le demander" in shown
    assert "Ancien service" in shown


def test_a_second_evaluation_shows_what_changed_in_a_drawing_and_in_a_table(house):
    before = GRADING | {"at": "2026-10-01T09:00:00+00:00", "needs": [[HOME_HELP, 3, "yes", None]], "level": "N2"}
    _, token = house.transmit(grading=GRADING | {"before": before, "needs": [[RIGHTS, 2, "yes", None]]})

    shown = house.enter(token).text

    assert "Ce qui a changé depuis le jeudi 1 octobre 2026" in shown
    assert shown.count("<svg") == 2
    assert "réglé ou plus demandé" in shown
    assert "Niveau N2 avant, niveau N3 maintenant : " in shown
