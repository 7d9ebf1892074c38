"""A dossier is read as one value, and written in one place."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from passerelle.dossier.records import (
    erase_dossier,
    forget_answer,
    read_dossier,
    record_agreement,
    record_answer,
    record_needs,
    record_signals,
    withdraw_agreements,
)
from passerelle.dossier.tables import AgreementRow
from passerelle.foundation.crypto import digest
from passerelle.foundation.database import table_of
from passerelle.screening.told import ToldNeed

_agreements = table_of(AgreementRow)
SAM = "a" * 32
RENT, FOOD = "logement-hebergement--reduire-les-impayes-de-loyer", "equipement-et-alimentation--alimentation"


@pytest.fixture
def session(parts, clock):
    parts.keys.make(SAM, clock.now())
    with parts.database.write() as session:
        yield session


@pytest.fixture
def read(parts, session):
    return lambda: read_dossier(session, parts.keys, SAM)


@pytest.fixture
def answer(session, read, clock):
    def answer(key, code, **changes):
        return record_answer(session, read(), key=key, code=code, version="1", at=clock.now(), **changes)

    return answer


@pytest.fixture
def agree(parts, session, clock):
    def agree(shown="Voici ce que le CCAS recevra", **changes):
        fields = {
            "recipient": "ccas-rennes",
            "items": ["needs", "commune"],
            "removed": ["phone"],
            "notice_version": "1",
            "language": "fr",
            "channel": "sms",
            "method": "reponse_mot",
        } | changes
        return record_agreement(session, keys=parts.keys, conversation=SAM, shown=shown, at=clock.now(), **fields)

    return agree


def test_answers_are_read_in_the_order_they_were_asked(answer, read):
    answer("P1", "35238")
    answer("Q11", "yes")

    assert read().asked == ("P1", "Q11")
    assert read().commune == "35238"


def test_a_corrected_answer_keeps_its_place(answer, read):
    answer("P1", "35238")
    answer("Q11", "yes")
    answer("P1", "35288")

    assert read().asked == ("P1", "Q11")
    assert read().told.answers["P1"] == "35288"


def test_what_is_returned_is_what_is_read_again(answer, read, session, clock):
    """The turn goes on with the value in hand: it must be the one on disk."""
    answer("P1", "35238")
    at_hand = record_needs(session, read(), [ToldNeed(thematique=RENT, wanted=False)], clock.now())
    at_hand = record_signals(session, at_hand, ["isolated"], clock.now())
    at_hand = record_needs(session, at_hand, [ToldNeed(thematique=RENT, wanted=True)], clock.now())

    again = read()
    assert (at_hand.told, at_hand.asked, at_hand.words) == (again.told, again.asked, again.words)


def test_a_need_once_wanted_stays_wanted(session, read, clock):
    record_needs(session, read(), [ToldNeed(thematique=RENT, wanted=True)], clock.now())
    record_needs(session, read(), [ToldNeed(thematique=RENT, wanted=False)], clock.now())

    assert read().need(RENT).wanted


def test_a_need_told_twice_is_one_need(session, read, clock):
    for _ in range(2):
        record_needs(session, read(), [ToldNeed(thematique=FOOD, wanted=False)], clock.now())

    assert [need.thematique for need in read().told.needs] == [FOOD]


def test_an_answer_taken_back_is_gone(answer, read, session):
    answer("Q11", "yes")
    forget_answer(session, SAM, "Q11")

    assert "Q11" not in read().told.answers


@pytest.mark.parametrize("code", ["unknown", "refuse"])
def test_a_commune_that_was_not_given_is_no_commune(answer, read, code):
    answer("P1", code)

    assert read().commune is None


def test_an_agreement_keeps_the_exact_words_and_their_proof(parts, agree):
    agreement = agree(shown="Exactement ceci.")

    assert agreement.sha256 == digest("Exactement ceci.")
    assert parts.keys.open(SAM, agreement.words) == "Exactement ceci."


def test_a_weak_proof_holds_a_month_and_a_strong_one_three(agree, clock):
    assert agree().expires_at - clock.now() == timedelta(days=92)
    assert agree(proof="faible").expires_at - clock.now() == timedelta(days=31)


def test_withdrawing_ends_every_agreement_once_and_keeps_the_proof_without_the_words(session, agree, clock):
    first, second = agree().id, agree(recipient="maison-solidarites").id
    session.flush()

    assert set(withdraw_agreements(session, SAM, clock.now())) == {first, second}
    assert withdraw_agreements(session, SAM, clock.now()) == []
    for row in session.execute(select(_agreements)).all():
        assert row.withdrawn_at == clock.now()
        assert row.words is None
        assert row.sha256


def test_erasing_leaves_nothing_that_was_told(answer, agree, read, session, clock):
    answer("P1", "35238")
    record_needs(session, read(), [ToldNeed(thematique=RENT, wanted=True)], clock.now())
    agree()
    session.flush()
    erase_dossier(session, SAM, clock.now())

    assert read().is_empty
    assert read().told.answers == {}
