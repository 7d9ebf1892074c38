"""The JSON of `orient`, and the texts of every reason in each language."""

import datetime
import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from data_inclusion.schema import v1

from orientation_catalogue import eligibility, explaining, hours, matching, orient
from orientation_catalogue.build import build_catalogue
from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.eligibility import Reason
from orientation_catalogue.errors import BadProfile
from orientation_catalogue.matching import match
from orientation_catalogue.orient import orient_json, sentence_key, shown_values
from orientation_catalogue.profile import Profile
from orientation_catalogue.territory.places import Places
from orientation_catalogue.weights import default_weights

ROOT = Path(orient.__file__).parents[1]
DATA = ROOT / "orientation_catalogue" / "data"
LANGUAGES = ["fr", "en", "ar", "es", "pt", "uk", "tr", "ro"]
NOW = datetime.datetime(2026, 11, 23, 9, 30, tzinfo=datetime.UTC)
NEEDS = ["equipement-et-alimentation--aide-menagere", "remobilisation--lien-social"]


def texts(language: str) -> dict[str, str]:
    with (ROOT / "locale" / language / "orientation.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id and not message.context}


def key_only(key: str, values: Mapping[str, str]) -> str:
    return key


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory, places: Places) -> Catalogue:
    """The demonstration territory and the national cards."""
    report = build_catalogue(
        [DATA / "demonstration", DATA / "national"], tmp_path_factory.mktemp("built"), places=places
    )
    return Catalogue.open(report.path)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("commune", ["35238", "35288", "35360", "75112", "97411"])
def test_every_answer_is_the_contract_in_plain_json(
    catalogue: Catalogue, places: Places, commune: str, language: str
) -> None:
    said = texts(language)

    def say(key: str, values: Mapping[str, str]) -> str:
        return said[key].format(**values)

    profile = Profile.of({"commune": commune, "needs": NEEDS, "language": language}, now=NOW)
    answer = orient_json(match(catalogue, profile, places=places), say, language=language)

    json.dumps(answer)
    assert set(answer) == {"catalogue", "weights", "needs", "proposals", "set_aside", "gaps"}
    assert answer["proposals"]
    for proposal in answer["proposals"]:
        assert set(proposal) == {
            "service_id", "name", "needs", "eligibility", "reasons", "missing", "open", "distance_km", "score",
            "score_parts", "merges",
        }  # fmt: skip
        assert all(reason["sentence"] and "{" not in reason["sentence"] for reason in proposal["reasons"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_sentence(language: str) -> None:
    """Read in the code itself: a new reason without a text fails here, before a person meets it."""
    modules = (eligibility, explaining, matching, hours)
    source = "".join(Path(module.__file__).read_text(encoding="utf-8") for module in modules)
    codes = set(re.findall(r'code="([a-z_]+)"', source)) | set(re.findall(r'_leave\([^"\n]*"([a-z_]+)"', source))
    said = texts(language)

    kinds = ("reason", "aside", "door")
    missing = {code for code in codes if not any(f"{kind}.{code}" in said for kind in kinds)}
    assert missing == set()
    assert set(said) == set(texts("fr"))


def test_dates_and_distances_are_written_for_the_reader() -> None:
    opening = Reason(code="opens_next", values={"at": "2026-11-24T09:30:00+01:00", "in_days": 1})

    assert shown_values(opening, "fr", key_only)["day"] == "mardi"
    assert shown_values(opening, "fr", key_only)["time"] == "9 h 30"
    assert shown_values(Reason(code="distance", values={"km": 2.5}), "fr", key_only)["km"] == "2,5"
    assert shown_values(Reason(code="distance", values={"km": 34.9}), "fr", key_only)["km"] == "35"
    assert shown_values(Reason(code="checked_on", values={"date": "2026-11-22"}), "uk", key_only)["date"][-1] == "р"
    assert shown_values(Reason(code="languages", values={"spoken": "ar"}), "fr", key_only)["spoken"] == "arabe"
    assert shown_values(Reason(code="free"), "xx", key_only) == {}


OPENS = [
    ("fr", 1, "Ouvre demain à 9 h."),
    ("fr", 0, "Ouvre aujourd'hui à 9 h."),
    ("fr", 3, "Ouvre mardi à 9 h."),
    ("fr", 10, "Prochaine ouverture : mardi 24 novembre à 9 h."),
    ("en", 1, "Opens tomorrow at 9:00 AM."),
    ("es", 1, "Abre mañana a las 9:00."),
    ("pt", 1, "Abre amanhã às 09:00."),
    ("ro", 1, "Se deschide mâine la 09:00."),
    ("tr", 1, "Yarın saat 09:00 açılır."),
    ("uk", 1, "Відкриється завтра о 09:00."),
    ("ar", 1, "يفتح غدا على الساعة 9:00 ص."),
]


@pytest.mark.parametrize(("language", "days", "sentence"), OPENS)
def test_when_a_place_opens_is_said_as_people_say_it(language: str, days: int, sentence: str) -> None:
    opening = Reason(code="opens_next", values={"at": "2026-11-24T09:00:00+01:00", "in_days": days})

    said = texts(language)[sentence_key("reason", opening)]

    assert said.format(**shown_values(opening, language, key_only)) == sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_the_weights_name_has_a_sentence(language: str) -> None:
    said = texts(language)

    assert {f"reason.means_{means.why}" for means in default_weights().means} <= set(said)
    assert {f"public.{one.value}" for one in v1.Public if one.value != "tous-publics"} <= set(said)


def test_the_publics_to_check_are_named() -> None:
    fact = Reason(code="public", values={"publics": ["femmes", "familles"]})

    assert sentence_key("missing", fact) == "missing.public_named"
    assert shown_values(fact, "fr", lambda key, _: texts("fr")[key])["publics"] == "femme, famille avec enfants"


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([], "(all)"),
        ({"commune": "Rennes", "needs": []}, "commune"),
        ({"needs": "food"}, "needs"),
        ({"needs": ["food"]}, "needs"),
        ({"needs": [], "publics": ["vieux"]}, "publics"),
        ({"needs": [], "age": 200}, "age"),
        ({"needs": [], "level": "N9"}, "level"),
        ({"needs": [], "role": "admin"}, "role"),
        ({"needs": [], "at": "demain"}, "at"),
        ({"needs": [], "secret": 1}, "secret"),
        ({"needs": [], "urgent": ["food"]}, "urgent"),
        ({"needs": [], "no_address": "yes"}, "no_address"),
    ],
)
def test_a_bad_profile_names_its_field(value: object, field: str) -> None:
    with pytest.raises(BadProfile) as caught:
        Profile.of(value, now=NOW)
    assert caught.value.values["field"] == field


def test_a_category_stands_for_its_leaves() -> None:
    assert len(Profile.of({"needs": ["mobilite", "mobilite--preparer-un-permis"]}, now=NOW).needs) == 6
