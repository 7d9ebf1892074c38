"""The desk: reading a request, answering it, and the person who hears the answer."""

import re
from datetime import timedelta

import pytest
from desk_house import BACKUP, GRADING, LINES, RECIPIENT, all_texts, hidden_fields

from passerelle.foundation.database import DatabaseDown
from passerelle.handoff.states import SESSION_IDLE, RefusalReason, RequestState


@pytest.fixture
def opened(house):
    """A request, and its page."""
    request, token = house.transmit()
    return request, house.enter(token)


def test_the_page_shows_the_lines_as_the_person_agreed_to_them(opened):
    _, page = opened

    shown = " ".join(re.sub(r"<[^>]+>", " ", page.text).split())
    for line in LINES.values():
        label, _, value = line.partition(" : ")
        assert f"{label} {value}" in shown


def test_the_page_draws_the_graphique_and_says_the_same_in_a_table(opened):
    _, page = opened

    assert page.text.count("<svg") == 1
    assert len(re.findall(r'<th scope="row">', page.text)) == len(GRADING["needs"])
    assert "N3" in page.text
    # A policy of `style-src 'self'` would drop them silently.
    assert " style=" not in page.text
    assert "<script" not in page.text


def test_the_page_says_what_must_be_prevented(opened):
    _, page = opened

    assert "À prévenir" in page.text


def test_nothing_personal_is_in_the_address_or_the_title(opened):
    request, page = opened

    assert str(page.url).endswith(f"/bureau/demandes/{request}")
    title = re.search(r"<title>(.*?)</title>", page.text).group(1)
    assert title == "Demande reçue le lundi 23 novembre 2026 – Passerelle"


def test_the_number_can_be_called_and_is_said_unverified(opened):
    _, page = opened

    assert '<a href="tel:+33639980012">06 39 98 00 12</a>' in page.text
    assert "Numéro non vérifié" in page.text


def test_needs_taken_out_by_the_person_are_said_to_be_withheld(house):
    lines = {name: line for name, line in LINES.items() if name != "needs"}
    _, token = house.transmit(lines=lines, grading=GRADING | {"needs": []})

    page = house.enter(token)

    assert page.status_code == 200
    assert "préféré ne pas faire lire ses besoins" in page.text
    assert '<th scope="row">' not in page.text


def test_a_request_without_grading_is_still_read(house):
    _, token = house.transmit(grading={})

    page = house.enter(token)

    assert page.status_code == 200
    assert "<svg" not in page.text


def test_accepting_tells_the_person_and_offers_to_say_the_help_is_done(house, opened):
    request, page = opened

    answer = house.answer(request, "accepter", page=page)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/bureau/demandes/{request}")
    assert house.state(request) == "accepte"
    assert house.news() == [f"accepted:{request}"]
    after = house.client.get(f"/bureau/demandes/{request}")
    assert "L’aide est faite" in after.text
    assert "J’accepte la demande" not in after.text


def test_saying_the_help_is_done_asks_the_person(house, opened):
    request, page = opened
    house.answer(request, "accepter", page=page)

    house.answer(request, "fait", page=house.client.get(f"/bureau/demandes/{request}"))

    assert house.state(request) == "fait_service"
    assert house.news() == [f"accepted:{request}", f"done:{request}"]


def test_refusing_needs_a_coded_reason(house, opened):
    request, page = opened
    for given in ({}, {"reason": ""}, {"reason": "parce que"}):
        answer = house.answer(request, "refuser", page=page, **given)

        assert answer.status_code == 422
        assert "Choisissez un motif" in answer.text
        assert "<title>Erreur" in answer.text
    assert house.state(request) == "recu"
    assert house.news() == []


@pytest.mark.parametrize("reason", RefusalReason)
def test_refusing_tells_the_person_why(house, opened, reason):
    request, page = opened

    answer = house.answer(request, "refuser", page=page, reason=reason)

    assert answer.status_code == 303
    assert house.state(request) == "refuse"
    assert house.news() == [f"refused:{request}"]
    assert "Cette demande est refusée" in house.client.get(f"/bureau/demandes/{request}").text


def test_a_second_acceptance_learns_that_somebody_already_answered(house, opened):
    request, page = opened
    house.answer(request, "accepter", page=page)

    second = house.answer(request, "accepter", page=page)

    assert second.status_code == 409
    assert "Quelqu’un a déjà répondu" in second.text
    assert house.news() == [f"accepted:{request}"]


def test_a_backup_refusing_on_an_old_page_does_not_undo_an_acceptance(house, opened):
    """The life cycle lets an accepted request be refused later; an old page did not mean that."""
    request, page = opened
    with house.database.write() as session:
        token = house.links.make(session, request, BACKUP)
    colleague = house.another_browser()
    old = house.enter(token, colleague)
    house.answer(request, "accepter", page=page)

    late = house.answer(request, "refuser", page=old, client=colleague, reason="doublon")

    assert late.status_code == 409
    assert house.state(request) == "accepte"


def test_a_reminder_sent_meanwhile_does_not_make_the_page_out_of_date(house, opened):
    request, page = opened
    with house.database.write() as session:
        house.requests._move(session, house.requests._locked(session, request), RequestState.SANS_REPONSE, by="clock")

    assert house.answer(request, "accepter", page=page).status_code == 303


def test_who_can_no_longer_help_may_say_so_after_accepting(house, opened):
    request, page = opened
    house.answer(request, "accepter", page=page)

    page = house.client.get(f"/bureau/demandes/{request}")
    house.answer(request, "refuser", page=page, reason="plus_de_place")

    assert house.state(request) == "refuse"


def test_who_refused_reads_the_person_no_more(house, opened):
    request, page = opened
    house.answer(request, "refuser", page=page, reason="doublon")

    after = house.client.get(f"/bureau/demandes/{request}")

    assert after.status_code == 200
    assert "ne vous est plus confiée" in after.text
    assert "Sam" not in after.text
    assert "<svg" not in after.text


@pytest.mark.parametrize("verdict", ["clos_aide_recue", "clos_partiel", "clos_sans_aide"])
def test_a_closed_request_shows_its_outcome_only(house, opened, verdict):
    request, page = opened
    house.answer(request, "accepter", page=page)
    with house.database.write() as session:
        house.requests.close(session, request, RequestState(verdict))

    after = house.client.get(f"/bureau/demandes/{request}")

    assert after.status_code == 200
    assert "Sam" not in after.text
    assert "<form" not in after.text.partition("<main")[2]


def test_a_withdrawn_request_shows_that_and_nothing_else(house, opened):
    request, _ = opened
    with house.database.write() as session:
        house.requests.withdraw_all(session, house.conversation)

    page = house.client.get(f"/bureau/demandes/{request}")

    assert page.status_code == 200
    assert "La personne a retiré son accord" in page.text
    assert "Sam" not in page.text
    assert "<svg" not in page.text


def test_an_erased_request_shows_nothing_either(house, opened):
    request, _ = opened
    house.keys.destroy(house.conversation)

    page = house.client.get(f"/bureau/demandes/{request}")

    assert "La personne a retiré son accord" in page.text
    assert "Sam" not in page.text


def test_the_list_shows_the_live_requests_without_content(house, opened):
    first, _ = opened
    house.clock.moment += timedelta(minutes=1)
    second, _ = house.transmit()

    page = house.client.get("/bureau")

    assert [second, first] == re.findall(r'href="/bureau/demandes/(\w+)"', page.text)
    assert "Sam" not in page.text


def test_a_request_reached_from_the_list_is_received_too(house, opened):
    """Its first reading is what stops the first reminder."""
    second, _ = house.transmit()

    house.client.get(f"/bureau/demandes/{second}")

    assert house.state(second) == "recu"


def test_a_session_left_idle_is_over_and_the_page_says_how_to_come_back(house, opened):
    request, page = opened
    house.clock.moment += SESSION_IDLE

    for answer in (
        house.client.get("/bureau"),
        house.client.get(f"/bureau/demandes/{request}"),
        house.answer(request, "accepter", page=page),
    ):
        assert answer.status_code == 401
        assert "Pour entrer ou revenir" in answer.text
    assert house.news() == []


def test_leaving_ends_the_session_and_forgets_the_cookie(house, opened):
    request, page = opened
    cookie = house.client.cookies["bureau"]

    left = house.client.post("/bureau/sortir", data=hidden_fields(page))

    assert left.status_code == 200
    assert "Vous êtes sorti du bureau" in left.text
    assert "bureau" not in house.client.cookies
    house.client.cookies.set("bureau", cookie)
    assert house.client.get(f"/bureau/demandes/{request}").status_code == 401


def test_leaving_twice_is_leaving(house):
    assert house.client.post("/bureau/sortir").status_code == 200


def test_a_database_that_does_not_answer_is_said_with_a_page(house, opened, monkeypatch):
    request, _ = opened

    def down(*_):
        raise DatabaseDown(what="database")

    monkeypatch.setattr(house.links, "session_of", down)
    page = house.client.get(f"/bureau/demandes/{request}")

    assert page.status_code == 503
    assert "Réessayez dans quelques minutes" in page.text


def test_every_state_and_every_reason_has_its_words():
    texts = all_texts()
    for language in ("fr", "en"):
        for state in RequestState:
            assert texts.has(f"portal.state.{state}", language)
            assert state == "retire" or texts.has(f"portal.standing.{state}", language)
        for reason in RefusalReason:
            assert texts.has(f"portal.refusal.{reason}", language)


def test_a_backup_reads_by_its_own_link(house):
    request, _ = house.transmit(recipient=RECIPIENT)
    with house.database.write() as session:
        token = house.links.make(session, request, BACKUP)

    assert "Sam" in house.enter(token).text
