"""Every text exists in every language, with the same placeholders, and fits in the SMS it is given."""

import re
from collections import defaultdict
from datetime import timedelta
from functools import cache
from itertools import islice

import pytest
from code_read import Text, languages, page_keys, said_keys, texts, written_patterns
from fakes import MONDAY_MORNING
from houses import reading_parts

from passerelle.conversation.preview import DISCREET_NEEDS
from passerelle.foundation.config import ROOT
from passerelle.foundation.sms import fit
from passerelle.foundation.texts import SOURCE_LANGUAGE, placeholders

FORMS = {(text.language, text.key, text.form): text for text in texts()}
KEYS = {language: {text.key for text in texts() if text.language == language} for language in languages()}

#: Longest values our data may give; a test below holds the data to them.
LONGEST_STRUCTURE, LONGEST_FUNCTION, LONGEST_OPERATOR = 60, 50, 40

#: Languages whose letters no GSM alphabet holds.
UCS2_LANGUAGES = frozenset({"ar", "uk"})

#: Why a dispositif is proposed or not, what to check, the next door: named by the catalogue, `orient` puts the prefix.
NAMED_BY_THE_CATALOGUE = re.compile(r"(aside|door|missing|reason)\.\w+")


def worst_values(text: Text) -> dict[str, str]:
    """For each placeholder of a text, the longest value it may be given in its language."""
    parts = reading_parts()

    def longest(prefix: str, count: int = 1) -> str:
        said = sorted((_sms(text.language, key) for key in KEYS["fr"] if key.startswith(prefix)), key=len)
        return ", ".join(islice(reversed(said), count))

    desks = parts.territory.desks()
    values = {
        "structure": "S" * LONGEST_STRUCTURE,
        "function": "f" * LONGEST_FUNCTION,
        "operator": "O" * LONGEST_OPERATOR,
        "name": max((desk.name for desk in desks), key=len),
        "hours": max((desk.hours_in(text.language) for desk in desks), key=len),
        "phone": "01 99 00 00 00",
        "contact": "01 99 00 00 00",
        "date": "30 septembre",
        "days": "365",
        "score": "100,00",
        "number": "10",
        "code": "0000",
        "answers": "40",
        "requests": "3",
        "commune": _longest_commune(),
        "need": longest("need."),
        "needs": longest("need.", 3),
        "sentence": longest("grade."),
        "reason": longest("refusal."),
        "item": "m" * 200,
    }
    if text.key.startswith("safety.alert."):
        kind = text.key.removeprefix("safety.alert.")
        values["numbers"] = _help_lines(kind, text.language)
    return values


@cache
def _longest_commune() -> str:
    places = reading_parts().places
    codes = (code for departement in places.departements for code in places.codes_of_departement(departement))
    return max((places.name(code) for code in codes), key=len)


def _help_lines(kind: str, language: str) -> str:
    """The most that is ever said of the numbers of a danger: of a Monday and a Sunday, the hour with the most."""
    numbers = reading_parts().numbers

    def lines(hour: int) -> str:
        at = MONDAY_MORNING + timedelta(hours=hour)
        return "\n".join(_sms(language, row.usage) for row in numbers.for_kind(kind, at) if row.open_at(at))

    return max((lines(hour) for hour in (*range(24), *range(24 * 6, 24 * 7))), key=len)


def _sms(language: str, key: str) -> str:
    return (FORMS.get((language, key, "sms")) or FORMS[(language, key, "")]).text


@pytest.mark.parametrize("language", languages())
def test_every_language_has_the_texts_of_french_and_no_other(language):
    assert KEYS[language] ^ KEYS[SOURCE_LANGUAGE] == set()


@pytest.mark.parametrize("language", languages())
def test_no_text_is_empty(language):
    assert [text.key for text in texts() if text.language == language and not text.text.strip()] == []


def test_a_text_has_the_same_placeholders_in_every_language():
    """An SMS form may leave out what the web form says, never the reverse."""
    wrong = []
    for (language, key, form), text in FORMS.items():
        french = FORMS.get((SOURCE_LANGUAGE, key, form)) or FORMS.get((SOURCE_LANGUAGE, key, ""))
        if french is not None and placeholders(text.text) != placeholders(french.text):
            wrong.append((language, key, form))

    assert wrong == []


def test_an_sms_form_asks_for_no_value_the_web_form_does_not_have():
    wrong = [
        (language, key)
        for (language, key, form), text in FORMS.items()
        if form == "sms" and not placeholders(text.text) <= placeholders(FORMS[(language, key, "")].text)
    ]

    assert wrong == []


def test_the_sms_budget_of_a_text_is_the_same_in_every_gsm_language():
    budgets = defaultdict(set)
    for (_, key, form), text in FORMS.items():
        budgets[key, form].add(text.parts)

    assert {key: found for key, found in budgets.items() if len(found) > 1} == {}


def _budgeted() -> list[Text]:
    """The form of each text that leaves by SMS, when it has a budget."""
    return [
        text
        for (language, key, form), text in FORMS.items()
        if text.parts is not None and (form == "sms" or (language, key, "sms") not in FORMS)
    ]


@pytest.mark.parametrize("language", languages())
def test_every_text_with_a_budget_fits_with_its_longest_values(language):
    too_long = []
    for text in _budgeted():
        if text.language != language:
            continue
        sent = fit(text.text.format_map(worst_values(text)))
        # Letters of 16 bits make an SMS half as long: twice the parts, and for a question never more than two.
        allowed = (text.parts or 0) * (2 if language in UCS2_LANGUAGES else 1)
        if sent.parts > allowed or (language not in UCS2_LANGUAGES and sent.encoding != "GSM-7"):
            too_long.append(f"{text.key} [{text.form}]: {sent.parts} parts of {text.parts}, {sent.encoding}")

    assert too_long == []


def test_the_data_keeps_to_the_longest_values_the_budgets_are_counted_with():
    recipients = reading_parts().territory.recipients()

    assert [r.id for r in recipients if len(r.structure) > LONGEST_STRUCTURE] == []
    assert [r.id for r in recipients if len(r.function) > LONGEST_FUNCTION] == []
    assert len(reading_parts().settings.operator) <= LONGEST_OPERATOR


@pytest.mark.parametrize("language", languages())
def test_every_key_said_in_the_code_has_a_text(language):
    missing = [
        f"{said.place}: {said.pattern}"
        for said in (*said_keys(), *page_keys())
        if not any(said.matches(key) for key in KEYS[language])
    ]

    assert missing == []


def test_every_text_is_used_somewhere():
    """A text nobody says is a sentence nobody maintains."""
    data = "\n".join(
        path.read_text(encoding="utf-8")
        for pattern in ("passerelle/**/*.y*ml", "passerelle/**/*.js", "nlu_data/lookups/*.yml")
        for path in ROOT.glob(pattern)
    )
    written = [re.compile(pattern) for pattern in (*written_patterns(), *(said.pattern for said in page_keys()))]
    unused = [
        key
        for key in KEYS["fr"]
        if key not in data
        and not NAMED_BY_THE_CATALOGUE.fullmatch(key)
        and not any(one.fullmatch(key) for one in written)
    ]

    assert sorted(unused) == []


def test_every_need_that_must_stay_discreet_has_a_label():
    assert {f"need.{need}" for need in DISCREET_NEEDS} <= KEYS["fr"]
