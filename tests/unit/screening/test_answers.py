"""Closed answers are read without any model, and what is not surely an answer is left to the bot."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from passerelle.foundation.text import bare
from passerelle.screening.answers import AnswerKind, AnswerWords, parse_answer

NLU_DATA = Path(__file__).parents[3] / "nlu_data"
WORDS = AnswerWords.load(NLU_DATA)
#: A Wednesday, in winter time: 11:00 in Paris.
WEDNESDAY = datetime(2026, 11, 18, 10, tzinfo=UTC)

WANTED = ("oui", "plus tard", "non")
ARREARS = ("non", "1 mois", "2 mois ou plus")
HOUSEHOLD = ("seul", "en couple", "avec des enfants", "autre")
LEAVING = ("non", "dans plus d'1 mois", "dans moins d'1 mois", "cette semaine")


def read(text: str, kind: AnswerKind, options: tuple[str, ...] = (), language: str = "fr") -> str | None:
    return parse_answer(text, kind=kind, options=options, language=language, words=WORDS, at=WEDNESDAY)


@pytest.mark.parametrize(
    "text",
    [
        "oui", "Ouais", "ouiii", "oui oui", "oui merci", "bonjour oui", "1", "1.", "1)", "la 1", "réponse 1", "1️⃣",
        "👍", "1 oui", "plutôt oui", "si", "ok", "bien sûr", "je veux bien", "volontier", "pourquoi pas", "yes",
        "oui ça fait 2 mois", "oui je vis seul a rennes et personne pour les courses, la caf a coupé mes apl",
    ],
)  # fmt: skip
def test_a_yes_is_understood_however_it_is_said(text: str) -> None:
    assert read(text, "yes_no") == "yes"


@pytest.mark.parametrize("text", ["pas de refus", "c'est pas de refus", "je dis pas non", "pas de problème"])
def test_a_double_negative_is_a_yes(text: str) -> None:
    assert read(text, "yes_no") == "yes"


@pytest.mark.parametrize(
    "text",
    [
        "non", "nan", "nooon", "2", "2.", "la deux", "👎", "non merci", "pas vraiment", "plutôt non", "aucun", "jamais",
        "Non, pas du tout !", "je pense pas", "non je n'ai pas d'adresse", "2 non", "no",
    ],
)  # fmt: skip
def test_a_no_is_understood_however_it_is_said(text: str) -> None:
    assert read(text, "yes_no") == "no"


@pytest.mark.parametrize("text", ["jsp", "je sais pas", "aucune idée", "peut-être", "ça dépend", "oui et non", "nsp"])
def test_not_knowing_is_an_answer(text: str) -> None:
    assert read(text, "yes_no") == "unknown"


@pytest.mark.parametrize(
    "text", ["0", "je préfère pas dire", "ça vous regarde pas", "c'est privé", "Je prefere pas le dire"]
)
def test_not_wanting_to_say_is_an_answer(text: str) -> None:
    assert read(text, "yes_no") == "refuse"


@pytest.mark.parametrize(
    "text",
    [
        "", "bonjour", "merci", "bonjour merci", "salut", "3", "1 et 2", "oui mais non", "rennes", "mon fils a 3 ans",
        "d'accord mais pas maintenant", "j'ai perdu mon travail et je ne peux plus payer le loyer",
    ],
)  # fmt: skip
def test_what_is_not_surely_an_answer_is_left_to_the_bot(text: str) -> None:
    assert read(text, "yes_no") is None


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("ouais", WANTED, "1"), ("nan", WANTED, "3"), ("plus tard", WANTED, "2"), ("oui mais plus tard", WANTED, "2"),
        ("plu tard", WANTED, "2"), ("la dernière", WANTED, "3"), ("0", WANTED, "refuse"), ("jsp", WANTED, "unknown"),
        ("4", WANTED, None), ("bonjour", WANTED, None),
        ("2 mois", ARREARS, "3"), ("2", ARREARS, "2"), ("un mois", ARREARS, "2"), ("deux mois", ARREARS, "3"),
        ("la troisième", ARREARS, "3"),
        ("je vis seul", HOUSEHOLD, "1"), ("seule", HOUSEHOLD, "1"), ("couple", HOUSEHOLD, "2"),
        ("avec mes enfants", HOUSEHOLD, "3"), ("pas seul", HOUSEHOLD, None), ("1 ou 2", HOUSEHOLD, None),
        ("3 enfants", HOUSEHOLD, None), ("option deux", HOUSEHOLD, "2"),
        ("moins d'un mois", LEAVING, "3"), ("cette sem", LEAVING, "4"), ("je dois partir cette semaine", LEAVING, "4"),
        ("dans", LEAVING, None),
    ],
)  # fmt: skip
def test_a_choice_is_read_by_number_label_prefix_or_slip(
    text: str, options: tuple[str, ...], expected: str | None
) -> None:
    assert read(text, "choice", options) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", "3"), ("3 enfants", "3"), ("j'ai 62 ans", "62"), ("soixante-douze", "72"), ("quatre vingts", "80"),
        ("quatre-vingt-douze", "92"), ("vingt et un", "21"), ("soixante et onze", "71"), ("1 200 euros", "1200"),
        ("deux cent cinquante", "250"), ("mille deux cents", "1200"), ("une trentaine", "30"), ("dix sept", "17"),
        ("zero", "0"), ("0", "0"), ("aucun", "0"), ("jsp", "unknown"), ("je préfère pas dire", "refuse"),
        ("2 ou 3", None), ("-3", None), ("j'ai 2 enfants et mon loyer est impayé depuis mai", None),
    ],
)  # fmt: skip
def test_a_number_is_read_in_digits_or_in_words(text: str, expected: str | None) -> None:
    assert read(text, "number") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aujourd'hui", "0"), ("demain", "1"), ("après-demain", "2"), ("vendredi", "2"), ("mercredi", "7"),
        ("lundi prochain", "5"), ("vendredi en huit", "9"), ("le 5", "17"), ("le 18", "0"), ("le 31", "43"),
        ("le 1er", "13"), ("le 12 décembre", "24"), ("le deux décembre", "14"), ("12/12", "24"), ("12/12/2026", "24"),
        ("vendredi 20 novembre", "2"), ("le 5 du mois prochain", "17"), ("mi décembre", "27"), ("fin décembre", "43"),
        ("noël", "37"), ("dans 10 jours", "10"), ("huit jours", "8"), ("dans une semaine", "7"), ("sous 48h", "2"),
        ("dans un mois", "30"), ("avant la fin du mois", "12"), ("semaine prochaine", "5"), ("cette semaine", "7"),
        ("ce mois", "30"), ("je dois partir avant le 12 décembre", "24"), ("non", "no"), ("pas de date limite", "no"),
        ("jsp", "unknown"), ("0", "refuse"), ("1", "7"), ("2", "30"), ("3", "no"),
        ("il y a 10 jours", None), ("bonjour", None),
    ],
)  # fmt: skip
def test_a_deadline_is_the_days_left(text: str, expected: str | None) -> None:
    assert read(text, "date_limit") == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("1", "7"), ("la 2", "30"), ("3", "no"), ("le 2", "14"), ("ce mois", "30"), ("oui", None)]
)
def test_the_closed_date_question_is_read_by_number_too(text: str, expected: str | None) -> None:
    """ "la 2" is the second option, "le 2" is the second of the month."""
    assert read(text, "date_limit", ("cette semaine", "ce mois", "non")) == expected


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("yes since two months", "yes_no", "yes"), ("y", "yes_no", "yes"), ("oui", "yes_no", "yes"),
        ("i wouldn't say no", "yes_no", "yes"), ("no problem", "yes_no", "yes"), ("not really", "yes_no", "no"),
        ("number 2", "yes_no", "no"), ("rather not say", "yes_no", "refuse"), ("hello", "yes_no", None),
        ("twenty one", "number", "21"), ("two hundred and fifty", "number", "250"), ("none", "number", "0"),
        ("december 12", "date_limit", "24"), ("the 5th", "date_limit", "17"), ("in two weeks", "date_limit", "14"),
        ("end of the month", "date_limit", "12"), ("next friday", "date_limit", "2"),
        ("2 weeks ago", "date_limit", None),
    ],
)  # fmt: skip
def test_english_answers_are_read_as_well(text: str, kind: AnswerKind, expected: str | None) -> None:
    assert read(text, kind, language="en") == expected


def test_days_are_counted_in_paris() -> None:
    """At 23:30 UTC it is already tomorrow in Paris."""
    late = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)

    assert parse_answer("le 20", kind="date_limit", language="fr", words=WORDS, at=late) == "1"


def test_free_text_and_communes_are_not_read_here() -> None:
    assert read("oui", "free") is None
    assert read("Rennes", "commune") is None


@given(number=st.integers(min_value=0, max_value=99_999))
def test_any_number_in_digits_is_itself(number: int) -> None:
    assert read(str(number), "number") == str(number)


@given(
    text=st.text(max_size=80),
    kind=st.sampled_from(["yes_no", "choice", "number", "date_limit"]),
    options=st.sampled_from([(), WANTED, LEAVING]),
)
def test_no_text_breaks_the_reading(text: str, kind: AnswerKind, options: tuple[str, ...]) -> None:
    value = read(text, kind, options)

    assert value is None or value in {"yes", "no", "unknown", "refuse"} or value.isdecimal()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_form_means_two_things(language: str) -> None:
    table = yaml.safe_load((NLU_DATA / language / "answers.yml").read_text(encoding="utf-8"))
    lists = {name: {bare(form) for form in table[name]} for name in ("yes", "no", "unknown", "refuse")}

    assert sum(map(len, lists.values())) == len(set().union(*lists.values()))


SITUATION = ("Seul", "En couple", "Avec des enfants", "Chez quelqu'un")
HOME = ("Locataire", "Propriétaire", "Hébergé", "Sans logement")


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("je suis seule", SITUATION, "1"), ("chez qqn", SITUATION, "4"), ("locatère", HOME, "1"),
        ("heberger", HOME, "3"), ("pas de logement", HOME, "4"), ("je ne suis pas seule", SITUATION, None),
        ("trois enfants", SITUATION, None),
    ],
)  # fmt: skip
def test_a_label_is_heard_in_another_form_of_its_words(
    text: str, options: tuple[str, ...], expected: str | None
) -> None:
    """Feminine, negation said otherwise, spelling by ear, SMS: the words that tell are the same."""
    assert read(text, "choice", options) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("moi je dirais plutôt non malheureusement", "no"), ("je pense bien que oui franchement", "yes"),
     ("à mon avis non", "no"), ("ça m'intéresse", "yes"), ("pas envie d'en parler", "refuse"),
     ("question suivante", "refuse"), ("j'ai oublié", "unknown"), ("je crois", "yes")],
)  # fmt: skip
def test_what_only_softens_an_answer_does_not_change_it(text: str, expected: str) -> None:
    assert read(text, "yes_no") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("cinc", "5"), ("quate", "4"), ("karante deu", None), ("aucun enfant", "0"), ("pas d'enfants", "0"),
     ("1,200 euros", "1200"), ("je sais pas", "unknown"), ("sans", None)],
)  # fmt: skip
def test_a_number_is_heard_as_it_sounds(text: str, expected: str | None) -> None:
    assert read(text, "number") == expected


@pytest.mark.parametrize(
    ("text", "days"), [("dans 3j", "3"), ("ajd", "0"), ("vendrdi", "3"), ("demin", "1"), ("le 12 decembr", "25")]
)
def test_a_misspelt_day_is_still_a_day(text: str, days: str) -> None:
    found = parse_answer(
        text, kind="date_limit", language="fr", words=WORDS, at=datetime.fromisoformat("2026-11-17T10:00:00+01:00")
    )
    assert found == days
