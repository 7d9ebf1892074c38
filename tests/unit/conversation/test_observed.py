"""What a partner observed serves only after the person's yes on their own phone, fact by fact."""

from datetime import date, timedelta

import pytest
from houses import drain
from sqlalchemy import select

from passerelle.app.workers import Workers
from passerelle.conversation.observing import LEFT_IN_PEACE, MOST_IN_AN_HOUR, Observation, TooManyObservations
from passerelle.conversation.tables import ConversationRow, ObservationRow, TimerRow
from passerelle.dossier.records import read_dossier
from passerelle.dossier.tables import AnswerRow, SignalRow, ToldNeedRow
from passerelle.foundation.database import table_of

RENT = "logement-hebergement--reduire-les-impayes-de-loyer"
FOOD = "equipement-et-alimentation--alimentation"
VITRE = "35360"


def observation(resident, **changed):
    given = {
        "role": "pharmacy",
        "organisation": "Pharmacie des Quatre-Vents",
        "phone": resident.phone,
        "language": "fr",
        "commune": VITRE,
        "needs": (RENT,),
    }
    return Observation(**given | changed)


@pytest.fixture
def observe(parts, resident):
    """Report an observation and read what the person receives."""

    def report(**changed):
        parts.observations.record(observation(resident, **changed))
        drain(parts)
        return resident.reads()

    return report


def rows(parts, table):
    with parts.database.read() as session:
        return session.execute(select(table_of(table))).all()


def pass_time(parts, clock, **span):
    clock.advance(**span)
    Workers(parts).do_duties()
    drain(parts)


def told(parts):
    (conversation,) = rows(parts, ConversationRow)
    with parts.database.read() as session:
        return read_dossier(session, parts.keys, conversation.id)


def test_the_person_is_asked_once_and_no_need_nor_place_is_named(observe):
    (asked,) = observe(words="Elle pleure pour son loyer", deadline="week")

    assert "Voulez-vous en parler ici ?" in asked
    assert "robot" in asked
    for secret in ("loyer", "Vitr", "Pharmacie", "semaine", "pleure"):
        assert secret not in asked


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Do you want to talk about it"), ("ar", "هل تريد الحديث عن ذلك")]
)
def test_the_person_is_asked_in_the_language_they_read(observe, language, words):
    assert words in observe(language=language)[0]


def test_nothing_is_in_the_dossier_before_the_yes(parts, observe):
    observe(needs=(RENT, FOOD))

    assert told(parts).is_empty
    assert rows(parts, AnswerRow) == rows(parts, ToldNeedRow) == rows(parts, SignalRow) == []


def test_after_a_yes_each_fact_is_confirmed_and_kept_as_observed(parts, observe, resident):
    observe(needs=(RENT, FOOD), deadline="week", words="Le frigo est vide.")

    assert "Vous vivez à Vitré" in resident.says("oui")[0]
    assert "loyer" in resident.says("1")[0]
    (food,) = resident.says("oui")
    assert "Difficulté notée" in food
    assert "cette semaine" in resident.says("non")[0]
    assert "Le frigo est vide." in resident.says("oui")[0]
    resident.says("oui")

    assert [(need.thematique, need.source) for need in rows(parts, ToldNeedRow)] == [(RENT, "observed")]
    assert [(signal.signal, signal.source) for signal in rows(parts, SignalRow)] == [("deadline_week", "observed")]
    assert {(row.key, row.source) for row in rows(parts, AnswerRow)} == {("P1", "observed"), ("OBSERVED", "observed")}
    assert [row.facts for row in rows(parts, ObservationRow)] == [None]


def test_the_conversation_goes_on_from_what_was_confirmed(observe, resident):
    observe()
    resident.says("oui")
    resident.says("oui")

    assert "Voulez-vous de l'aide pour" in resident.says("oui")[0]


def test_what_the_person_told_before_is_not_asked_again(parts, bot, observe, resident):
    bot.tell("je ne peux plus payer mon loyer à Vitré", needs=[RENT], entities=["wants_help"])
    resident.says("je ne peux plus payer mon loyer à Vitré")
    observe(needs=(RENT, FOOD))

    (confirm,) = resident.says("oui")

    assert "loyer" not in confirm
    assert "Vitré" not in confirm
    assert "Difficulté notée" in confirm


def test_a_no_erases_what_was_observed(parts, observe, resident):
    observe()

    assert "est effacé" in resident.says("non")[0]

    assert [(row.facts, row.state) for row in rows(parts, ObservationRow)] == [(None, "refused")]
    assert told(parts).is_empty


def test_without_an_answer_for_three_days_what_was_observed_is_erased(parts, clock, observe):
    observe()

    pass_time(parts, clock, days=2, hours=23)
    assert [row.facts is None for row in rows(parts, ObservationRow)] == [False]

    pass_time(parts, clock, hours=2)
    assert all(row.facts is None for row in rows(parts, ObservationRow))


def test_the_telephone_of_somebody_who_never_answered_is_forgotten_too(parts, clock, observe):
    observe()
    pass_time(parts, clock, days=3, minutes=1)
    pass_time(parts, clock, minutes=1)

    assert [(row.address, row.stage) for row in rows(parts, ConversationRow)] == [(None, "erased")]
    assert rows(parts, ObservationRow) == []


def test_facts_left_half_confirmed_are_erased_as_well(parts, clock, observe, resident):
    observe(needs=(RENT, FOOD))
    resident.says("oui")
    pass_time(parts, clock, days=3, minutes=1)

    assert all(row.facts is None for row in rows(parts, ObservationRow))


def test_a_yes_that_comes_too_late_says_so(parts, clock, observe, resident):
    observe()
    clock.advance(days=3, minutes=1)
    parts.observations.erase_silent()

    assert "est effacé" in resident.says("oui")[0]


def test_a_second_report_while_the_first_waits_sends_no_second_sms(parts, observe, resident):
    observe()

    assert observe(needs=(FOOD,), organisation="La Poste de Vitré") == []
    assert "La Poste de Vitré" in resident.says("oui")[0]


def test_somebody_who_said_no_is_left_in_peace(clock, observe, resident):
    observe()
    resident.says("non")

    assert observe() == []


def test_somebody_who_wrote_stop_is_not_written_to(observe, resident):
    resident.says("STOP")

    assert observe() == []


def test_stop_erases_what_was_observed(parts, observe, resident):
    observe()
    resident.says("STOP")

    assert [row.facts for row in rows(parts, ObservationRow)] == [None]


def test_a_flood_of_reports_is_refused(parts, resident):
    for number in range(MOST_IN_AN_HOUR):
        parts.observations.record(observation(resident, phone=f"+336399810{number:02d}"))

    with pytest.raises(TooManyObservations):
        parts.observations.record(observation(resident))


def test_a_person_is_left_in_peace_a_month():
    assert timedelta(days=30) == LEFT_IN_PEACE


@pytest.fixture
def leaving(observe, resident):
    """A hospital reported a discharge on Wednesday; the person confirmed it and agreed to be asked."""
    observe(role="hospital", organisation="Centre hospitalier", leaving_on=date(2026, 11, 25))
    resident.says("oui")
    resident.says("oui")
    assert "Sortie prévue le 25 novembre" in resident.says("oui")[0]
    assert "2, 7 et 30 jours" in resident.says("oui")[0]


def test_a_discharge_that_is_confirmed_is_a_rupture(parts, leaving):
    assert "rupture_discharge" in told(parts).told.signals


def test_with_agreement_the_person_is_asked_2_7_and_30_days_after_the_discharge(parts, clock, leaving, resident):
    resident.says("oui")

    asked = {}
    for day in range(1, 40):
        pass_time(parts, clock, days=1)
        for text in resident.reads():
            asked[day] = text
            resident.says("oui")

    # Wednesday 25 November + 2, 7, 30 days; 25 December is a holiday, so the last one waits for Monday 28.
    assert list(asked) == [4, 9, 35]
    assert "comme convenu" in asked[4]
    assert "Une semaine" in asked[9]
    assert "dernière question" in asked[35]


def test_without_agreement_nobody_asks_how_it_goes(parts, leaving, resident):
    resident.says("non")

    assert rows(parts, TimerRow) == []


def test_stop_ends_the_check_backs(parts, leaving, resident):
    resident.says("oui")
    assert len(rows(parts, TimerRow)) == 3

    resident.says("STOP")

    assert rows(parts, TimerRow) == []


def test_a_no_at_a_check_back_goes_on_searching(parts, clock, leaving, resident):
    resident.says("oui")
    pass_time(parts, clock, days=4, hours=2)
    assert "comme convenu" in resident.reads()[-1]

    assert "on continue" in resident.says("non")[0]


def test_what_is_told_in_between_leaves_no_fact_unconfirmed(parts, bot, observe, resident):
    observe(needs=(RENT, FOOD), deadline="week")
    bot.tell("je n'ai plus de quoi payer la cantine non plus", needs=[FOOD], entities=["wants_help"])
    resident.says("oui")
    assert "loyer" in resident.says("oui")[0]

    (answer,) = resident.says("je n'ai plus de quoi payer la cantine non plus")

    assert "loyer" in answer
    assert "cette semaine" in resident.says("oui")[0]
    resident.says("oui")
    assert {(need.thematique, need.source) for need in rows(parts, ToldNeedRow)} == {(FOOD, "self"), (RENT, "observed")}
    assert [(row.facts, row.state) for row in rows(parts, ObservationRow)] == [(None, "agreed")]


def test_a_side_question_or_a_command_comes_back_to_the_fact(bot, observe, resident):
    observe(needs=(RENT, FOOD))
    resident.says("oui")

    assert "Vous vivez à Vitré" in resident.says("POURQUOI")[0]
    assert "Vous vivez à Vitré" in resident.says("AIDE")[0]
    assert "Vous vivez à Vitré" in resident.says("bla bla")[0]


def test_going_back_over_a_confirmed_place_asks_for_it_then_goes_on_with_the_facts(parts, observe, resident):
    observe(needs=(RENT,))
    resident.says("oui")
    resident.says("oui")

    assert "commune" in resident.says("RETOUR")[0]
    assert "loyer" in resident.says("Rennes")[0]
    resident.says("oui")

    assert {(row.key, row.code, row.source) for row in rows(parts, AnswerRow)} == {("P1", "35238", "self")}


def test_passing_over_a_fact_drops_it_and_asks_about_the_next(parts, observe, resident):
    observe(needs=(RENT, FOOD))
    resident.says("oui")
    resident.says("oui")

    assert "Difficulté notée" in resident.says("PASSER")[0]

    resident.says("oui")
    assert [need.thematique for need in rows(parts, ToldNeedRow)] == [FOOD]


def test_passing_over_the_first_question_is_a_no(parts, observe, resident):
    observe()

    assert "est effacé" in resident.says("PASSER")[0]

    assert [row.state for row in rows(parts, ObservationRow)] == ["refused"]


def test_a_second_report_while_the_first_is_being_confirmed_waits_for_its_own_yes(parts, observe, resident):
    observe(needs=(RENT,))
    resident.says("oui")
    observe(needs=(FOOD,), organisation="La Poste de Vitré")

    assert "La Poste de Vitré" in resident.says("oui")[0]
    for _ in range(3):
        resident.says("oui")

    assert {need.thematique for need in rows(parts, ToldNeedRow)} == {RENT, FOOD}
    assert [row.facts for row in rows(parts, ObservationRow)] == [None, None]
