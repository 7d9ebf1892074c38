"""Asking little leads where asking everything leads, on people made up (tests/support/synthetic_people.py)."""

import pytest
from houses import reading_parts
from synthetic_people import ALL, Ground, Trial, people

PEOPLE = 60


def ground_of(*, private_channel: bool) -> Ground:
    parts = reading_parts()
    return Ground(
        questionnaire=parts.questionnaire,
        ruleset=parts.ruleset,
        catalogue=parts.catalogue(),
        places=parts.places,
        texts=parts.texts,
        private_channel=private_channel,
    )


@pytest.fixture(scope="module", params=[False, True], ids=["SMS", "private page"])
def trials(request: pytest.FixtureRequest) -> list[Trial]:
    ground = ground_of(private_channel=request.param)
    return [ground.try_on(person) for person in people(reading_parts().questionnaire, count=PEOPLE)]


def test_the_level_is_the_same_as_when_everything_is_asked(trials: list[Trial]) -> None:
    differ = {
        trial.person.number: (trial.whole.level, trial.everything.level)
        for trial in trials
        if trial.whole.level != trial.everything.level
    }

    assert differ == {}
    assert len({trial.everything.level for trial in trials}) >= 3, "people all alike would prove little"


def test_whoever_said_all_at_once_gets_that_level_with_the_first_answer(trials: list[Trial]) -> None:
    at_once = [trial for trial in trials if not trial.held_back]

    assert [trial.person.number for trial in at_once if trial.first.level != trial.everything.level] == []
    assert len(at_once) > PEOPLE / 3


def test_the_shortlist_is_the_same_for_nearly_everybody(trials: list[Trial]) -> None:
    same = [set(trial.whole.shortlist) == set(trial.everything.shortlist) for trial in trials]

    assert sum(same) >= 0.97 * PEOPLE


def test_a_first_answer_takes_twelve_questions_at_most_and_few_for_most_people(trials: list[Trial]) -> None:
    asked = sorted(len(trial.first.asked) for trial in trials)

    assert asked[-1] <= 12
    assert sum(asked) / PEOPLE < ALL / 4


def test_whoever_corrects_an_answer_ends_where_whoever_answered_well_at_first_ends() -> None:
    """Whatever the wrong answer brought, and whatever it kept from being asked."""
    ground, questionnaire = ground_of(private_channel=False), reading_parts().questionnaire
    differ = []
    for person in people(questionnaire, count=PEOPLE // 2, seed=11):
        trial = ground.try_on(person)
        slips = [key for key in trial.first.asked if key in person.answers and questionnaire.question(key).options]
        for key in slips[:2]:
            right = person.reply(key)
            wrong = [o.code for o in questionnaire.question(key).options if o.code != right and not o.danger]
            level = ground.level_after_a_slip(person, key, wrong[-1])
            if level != trial.everything.level:
                differ.append((person.number, key, wrong[-1], level, trial.everything.level))

    assert differ == []


def test_the_same_seed_makes_the_same_people() -> None:
    questionnaire = reading_parts().questionnaire

    assert list(people(questionnaire, count=5)) == list(people(questionnaire, count=5))
    assert list(people(questionnaire, count=5)) != list(people(questionnaire, count=5, seed=5))
