"""From a dossier to sentences: what cannot wait first, what is to check said, nothing found never left empty."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from houses import reading_parts
from sqlalchemy import select

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.matching import match
from orientation_catalogue.model import Complement, Offer
from orientation_catalogue.profile import Profile
from passerelle.dossier.dossier import Dossier
from passerelle.orientation.gaps import GapCount, read_gaps, territory_of
from passerelle.orientation.orient import orient, read_set_aside, record_orientation
from passerelle.orientation.tables import OrientationRow
from passerelle.screening.told import Told, ToldNeed

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SAM = "a" * 32
RENT = "logement-hebergement--reduire-les-impayes-de-loyer"
FOOD = "equipement-et-alimentation--alimentation"
RIGHTS = "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits"
LINKS = "remobilisation--lien-social"


def dossier(*needs: str, commune: str = "35238", **answers: str) -> Dossier:
    told = Told(
        answers={"P1": commune, **answers}, needs=tuple(ToldNeed(thematique=need, wanted=True) for need in needs)
    )
    return Dossier(conversation=SAM, told=told, words={}, asked=())


def oriented(given: Dossier, *, catalogue: Catalogue | None = None, language: str = "fr", form: str = "web"):
    parts = reading_parts()
    return orient(
        given,
        questionnaire=parts.questionnaire,
        ruleset=parts.ruleset,
        catalogue=catalogue or parts.catalogue(),
        places=parts.places,
        texts=parts.texts,
        language=language,
        at=AT,
        role="resident",
        form=form,
    )


def offer(name: str, **changes) -> Offer:
    base = Offer(
        id=name,
        name={"fr": name},
        national=False,
        thematiques=(FOOD,),
        publics=frozenset({"tous-publics"}),
        zone=frozenset({"35"}),
        mobilised_by=None,
        remote=False,
        on_site=True,
        commune="35238",
        departement="35",
        latitude=48.11,
        longitude=-1.68,
        free=True,
        hours="Tu 09:00-12:00",
        network=name,
        networks=frozenset(),
        updated_on=AT.date(),
        complement=Complement(),
    )
    return replace(base, **changes)


def holding(*offers: Offer) -> Catalogue:
    return Catalogue(offers, sha256="made-up")


@pytest.fixture
def record(parts):
    def record(found, conversation=SAM):
        with parts.database.write() as session:
            record_orientation(session, conversation, found, AT, places=reading_parts().places)

    return record


@pytest.fixture
def gaps(parts):
    def gaps(since=None):
        with parts.database.read() as session:
            return read_gaps(session, since=since)

    return gaps


# --- what is said --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "form", "said"),
    [
        ("fr", "web", "Ouvre demain à 9 h."),
        ("fr", "sms", "ouvre demain à 9 h"),
        ("es", "sms", "abre mañana a las 9:00"),
        ("ar", "web", "يفتح غدا على الساعة 9:00 ص."),
    ],
)
def test_a_closed_place_says_when_it_opens(language, form, said):
    proposed = oriented(dossier(FOOD), catalogue=holding(offer("a")), language=language, form=form).proposals[0]

    assert proposed.reason.startswith(said)


def test_what_is_to_check_is_said_with_the_place():
    women = holding(offer("a", publics=frozenset({"femmes"}), hours=None))

    sms = oriented(dossier(FOOD), catalogue=women, form="sms").proposals[0]
    web = oriented(dossier(FOOD), catalogue=women).proposals[0]

    assert sms.reason.endswith(", à vérifier")
    assert web.reason.endswith("vérifiez que ce service est bien pour vous.")
    assert web.to_check == ("À vérifier, si cela vous concerne : femme.",)


def test_every_proposal_says_something_by_sms():
    for commune, language in (("75112", "fr"), ("75112", "ar"), ("35238", "uk")):
        proposals = oriented(dossier(FOOD, LINKS, commune=commune), language=language, form="sms").proposals

        assert proposals
        assert all(proposed.reason for proposed in proposals)


def test_a_person_without_an_address_is_sent_to_get_one_first():
    """Q03, and the domiciliation of the demonstration CCAS."""
    first = oriented(dossier(RIGHTS, Q03="no")).proposals[0]

    assert "domiciliation" in first.service_id
    assert "Une adresse pour le courrier" in first.reason
    assert "domiciliation" not in oriented(dossier(RIGHTS, Q03="yes")).proposals[0].service_id


def test_a_deadline_this_week_comes_first():
    late = dossier(LINKS, RENT, **{f"T2:{RENT}": "week"})

    assert oriented(late).profile.urgent == frozenset({RENT})
    assert RENT in oriented(late).proposals[0].needs


def test_nothing_found_still_says_where_to_go():
    nothing = oriented(dossier(FOOD), catalogue=holding())

    assert nothing.proposals == ()
    assert nothing.next_door.startswith("Demandez à la mairie")


# --- what is kept --------------------------------------------------------------------------------------------------


def test_what_was_proposed_can_be_found_again_from_the_trace(parts, record):
    found = oriented(dossier(FOOD, RIGHTS, P2="60_or_over"))
    record(found)

    with parts.database.read() as session:
        row = session.execute(select(OrientationRow)).scalars().one()
    trace = json.loads(row.trace)
    again = match(reading_parts().catalogue(), Profile.of(trace["profil"], now=AT), places=reading_parts().places)

    assert [proposal.service_id for proposal in again.proposals] == [p.service_id for p in found.proposals]
    assert (row.catalogue, trace["poids"]) == (again.catalogue, again.weights)


def test_a_need_without_an_answer_is_counted_by_intercommunality_and_month(record, gaps):
    record(oriented(dossier(FOOD), catalogue=holding()))
    record(oriented(dossier(FOOD, commune="35240"), catalogue=holding()), conversation="b" * 32)

    assert gaps() == (GapCount(month="2026-11", territory="243500139", need=FOOD, kind="none", count=2),)
    assert gaps(since="2026-12") == ()


def test_one_conversation_counts_once_however_often_it_is_oriented(record, gaps):
    for _ in range(3):
        record(oriented(dossier(FOOD), catalogue=holding()))
        record(oriented(dossier(FOOD), catalogue=holding(offer("a"))))

    assert [gap.count for gap in gaps()] == [1]


def test_a_place_not_told_and_one_without_intercommunality_are_still_counted():
    places = reading_parts().places

    assert territory_of("", places) == ""
    assert territory_of("75112", places) == places.commune("75112").epci
    alone = next(code for code in places.codes_of_departement("22") if not places.commune(code).epci)
    assert territory_of(alone, places) == "22"


def test_what_was_set_aside_is_read_back(parts, record):
    record(oriented(dossier(FOOD), catalogue=holding(offer("a"), offer("b", zone=frozenset({"35288"})))))

    with parts.database.read() as session:
        assert [(aside.service_id, aside.reasons) for aside in read_set_aside(session, SAM)] == [
            ("b", ("out_of_zone",))
        ]
