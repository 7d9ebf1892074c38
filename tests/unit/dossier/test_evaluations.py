"""Each evaluation is kept with its date; another one begins without what was told, and shows what came before."""

from datetime import timedelta

import pytest
from fakes import MONDAY_MORNING
from sqlmodel import SQLModel

from passerelle.dossier.records import (
    begin_evaluation,
    erase_dossier,
    evaluation_before,
    read_dossier,
    read_sources,
    record_answer,
    record_evaluation,
    record_needs,
    record_signals,
)
from passerelle.foundation.crypto import KeyStore
from passerelle.foundation.database import Database
from passerelle.screening.told import ToldNeed

WHO = "c" * 32
RENT = "logement-hebergement--reduire-les-impayes-de-loyer"
FIRST, SECOND = {"level": "N2", "needs": []}, {"level": "N1", "needs": []}


@pytest.fixture
def session(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'main.db'}")
    SQLModel.metadata.create_all(database.engine)
    with database.write() as session:
        yield session
    database.close()


@pytest.fixture
def keys(tmp_path):
    store = KeyStore(Database(f"sqlite:///{tmp_path / 'keys.db'}"))
    store.create_tables()
    store.make(WHO, MONDAY_MORNING)
    return store


def tell(session, keys, **answers):
    dossier = read_dossier(session, keys, WHO)
    for key, code in answers.items():
        dossier = record_answer(session, dossier, key=key, code=code, version="v", at=MONDAY_MORNING)
    return dossier


def test_the_first_evaluation_has_nothing_before_it(session):
    record_evaluation(session, WHO, FIRST, MONDAY_MORNING)

    assert evaluation_before(session, WHO) is None


def test_an_evaluation_graded_twice_is_one_evaluation(session):
    record_evaluation(session, WHO, FIRST, MONDAY_MORNING)
    record_evaluation(session, WHO, SECOND, MONDAY_MORNING)
    begin_evaluation(session, WHO)

    assert evaluation_before(session, WHO)["level"] == "N1"


def test_another_one_keeps_the_profile_and_forgets_the_rest(session, keys):
    dossier = tell(session, keys, P1="35238", P2="26_59", Q11="two_months", T3="no", SOLVED="no")
    record_needs(session, dossier, [ToldNeed(thematique=RENT, wanted=True)], MONDAY_MORNING)
    record_signals(session, dossier, ["isolated"], MONDAY_MORNING)
    record_evaluation(session, WHO, FIRST, MONDAY_MORNING)

    assert begin_evaluation(session, WHO)

    told = read_dossier(session, keys, WHO).told
    assert told.answers == {"P1": "35238", "P2": "26_59"}
    assert (told.needs, told.signals) == ((), frozenset())


def test_nothing_is_forgotten_when_nothing_was_graded_yet(session, keys):
    tell(session, keys, Q11="two_months")

    assert not begin_evaluation(session, WHO)
    assert read_dossier(session, keys, WHO).told.answers == {"Q11": "two_months"}


def test_the_one_before_carries_its_date_and_stays_as_it_was(session):
    record_evaluation(session, WHO, FIRST, MONDAY_MORNING)
    begin_evaluation(session, WHO)
    record_evaluation(session, WHO, SECOND, MONDAY_MORNING + timedelta(days=30))

    assert evaluation_before(session, WHO) == FIRST | {"at": MONDAY_MORNING.isoformat()}


def test_erasing_erases_every_evaluation(session):
    record_evaluation(session, WHO, FIRST, MONDAY_MORNING)
    begin_evaluation(session, WHO)

    erase_dossier(session, WHO, MONDAY_MORNING)

    assert evaluation_before(session, WHO) is None


def test_who_said_each_fact_is_read_back(session, keys):
    dossier = tell(session, keys, Q06="yes")
    dossier = record_answer(
        session, dossier, key="Q11", code="two_months", version="v", at=MONDAY_MORNING, source="observed"
    )
    record_needs(session, dossier, [ToldNeed(thematique=RENT, wanted=False)], MONDAY_MORNING, source="relative")

    assert read_sources(session, WHO) == ({"Q06": "self", "Q11": "observed"}, {RENT: "relative"})
