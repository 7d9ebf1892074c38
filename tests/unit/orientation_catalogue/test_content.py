"""The national cards and the demonstration territory hold what a person can rely on, and nothing real by accident."""

import datetime
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from data_inclusion.schema import v1

import orientation_catalogue
from orientation_catalogue.build import build_catalogue
from orientation_catalogue.model import CARD_LENGTH, Complement
from orientation_catalogue.territory.places import Places
from passerelle.foundation.sms import fit

DATA = Path(orientation_catalogue.__file__).parent / "data"
WRITTEN_ON = datetime.date(2026, 11, 22)
#: The demonstration territory is told in two languages, the national cards in the eight of the conversation.
DEMONSTRATION_LANGUAGES = ("fr", "en")
LANGUAGES = ("fr", "en", "ar", "es", "pt", "uk", "tr", "ro")

#: Languages whose letters cost twice in an SMS.
UCS2_LANGUAGES = {"ar", "uk"}

#: What a person reads of a national card.
CARD_TEXTS = ("name", "what_for", "who", "how", "bring", "cost", "card")

#: A card is read again at its sources before that.
DAYS_OF_TRUST = 180

#: The State, and the operators and national networks that the cards name.
OFFICIAL = re.compile(
    r"https://((www|lannuaire)\.)?([\w-]+\.)*("
    r"gouv\.fr|ameli\.fr|caf\.fr|msa\.fr|cnsa\.fr|banque-france\.fr|anil\.org|actionlogement\.fr|francetravail\.fr|"
    r"unml\.info|justice\.fr|defenseurdesdroits\.fr|unaf\.fr|ofii\.fr|monenfant\.fr)(/[\w./-]*)?"
)

#: Kinds where no individual situation goes: they are at no level.
NO_INDIVIDUAL = {54}

#: The needs that the questionnaire can find (reference/screening.md §6.4).
NEEDS = {
    "difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives",
    "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits",
    "difficultes-administratives-ou-juridiques--connaitre-ses-droits-face-a-une-discrimination",
    "difficultes-administratives-ou-juridiques--prendre-en-compte-une-problematique-judiciaire",
    "difficultes-financieres--prevenir-une-degradation-de-la-situation-financiere",
    "difficultes-financieres--situation-dendettement-surendettement",
    "equipement-et-alimentation--aide-menagere",
    "equipement-et-alimentation--alimentation",
    "equipement-et-alimentation--electromenager",
    "equipement-et-alimentation--habillement",
    "famille--garde-denfants",
    "famille--prise-en-charge-personne-dependante",
    "famille--soutien-a-la-parentalite-et-a-leducation",
    "famille--soutien-aidants",
    "famille--surmonter-conflits-separation-violence",
    "lecture-ecriture-calcul--maitriser-le-francais",
    "logement-hebergement--changer-de-logement",
    "logement-hebergement--rechercher-une-solution-dhebergement-temporaire",
    "logement-hebergement--reduire-les-impayes-de-loyer",
    "logement-hebergement--se-maintenir-dans-le-logement",
    "mobilite--etre-accompagne-dans-son-parcours-mobilite",
    "mobilite--financer-ma-mobilite",
    "numerique--acceder-a-des-services-en-ligne",
    "numerique--acceder-a-une-connexion-internet",
    "numerique--acquerir-un-equipement",
    "numerique--maitriser-les-fondamentaux-du-numerique",
    "remobilisation--lien-social",
    "sante--acces-aux-soins",
    "sante--constituer-un-dossier-mdph-invalidite",
    "se-former--trouver-sa-formation",
    "trouver-un-emploi--maintien-dans-lemploi",
    "trouver-un-emploi--repondre-a-des-offres-demploi",
}

#: Commune → the zones its people live in.
TOWNS = {
    "Rennes": {"35238", "243500139", "35", "france"},
    "Saint-Malo": {"35288", "243500782", "35", "france"},
    "Vitré": {"35360", "200039022", "35", "france"},
}

#: Numbers that ARCEP keeps for fiction, as far as this project uses them.
MADE_UP_PHONE = re.compile(r"\+33(19900\d{4}|63998\d{4})")
ANY_LONG_PHONE = re.compile(r"(?:\+33|\b0)\s?[1-9](?:[\s.]?\d{2}){4}\b")
SHORT_NUMBERS = {"115", "119", "3039", "3133", "3230", "3414", "3646", "3919", "3928", "3949"}

Row = dict[str, Any]


def rows(name: str) -> list[Row]:
    read: list[Row] = json.loads((DATA / "demonstration" / name).read_text(encoding="utf-8"))
    return read


@pytest.fixture(scope="module")
def places() -> Places:
    return Places.load()


@pytest.fixture(scope="module")
def structures() -> list[Row]:
    return rows("structures.json")


@pytest.fixture(scope="module")
def services() -> list[Row]:
    return rows("services.json")


@pytest.fixture(scope="module")
def complements() -> dict[str, Row]:
    read: dict[str, Row] = yaml.safe_load((DATA / "demonstration" / "complements.yaml").read_text(encoding="utf-8"))
    return read


@pytest.fixture(scope="module")
def cards() -> list[Row]:
    read: list[Row] = yaml.safe_load((DATA / "national" / "cards.yaml").read_text(encoding="utf-8"))
    return read


class TestDemonstrationTerritory:
    def test_is_a_whole_small_territory(self, structures: list[Row], services: list[Row]) -> None:
        assert len(structures) >= 25
        assert len(services) >= 60

    def test_follows_the_data_inclusion_schema_without_a_warning(
        self, structures: list[Row], services: list[Row]
    ) -> None:
        for row in structures:
            v1.Structure.model_validate(row, context={"ignore_warnings": False})
        for row in services:
            v1.Service.model_validate(row, context={"ignore_warnings": False})

    def test_is_built_without_one_refusal(self, tmp_path: Path, places: Places) -> None:
        """Hours, phones, coordinates and zones pass the catalogue's own checks too."""
        sources = [DATA / "national", DATA / "demonstration"]

        report = build_catalogue(sources, tmp_path, places=places, today=WRITTEN_ON)

        assert report.refused == ()

    def test_names_each_thing_once(self, structures: list[Row], services: list[Row]) -> None:
        for named in (structures, services):
            ids = [row["id"] for row in named]
            assert len(ids) == len(set(ids))
        assert {row["structure_id"] for row in services} <= {row["id"] for row in structures}

    def test_says_of_everything_that_it_is_made_up(self, structures: list[Row], services: list[Row]) -> None:
        for row in (*structures, *services):
            assert "pour la démonstration" in row["description"], row["id"]

    def test_stands_on_real_communes(self, structures: list[Row], places: Places) -> None:
        for row in structures:
            commune = places.commune(row["code_insee"])
            assert (commune.name, commune.departement) == (row["commune"], "35")

    def test_is_near_the_commune_it_names(self, structures: list[Row]) -> None:
        for row in structures:
            if row["latitude"] is not None:
                assert 47.6 < row["latitude"] < 48.75, row["id"]
                assert -2.3 < row["longitude"] < -1.0, row["id"]

    def test_dates_nothing_in_the_future(self, structures: list[Row], services: list[Row]) -> None:
        for row in (*structures, *services):
            assert datetime.date.fromisoformat(row["date_maj"]) <= WRITTEN_ON

    def test_phones_ring_nowhere(self, structures: list[Row], services: list[Row], complements: dict[str, Row]) -> None:
        phones = [row["telephone"] for row in (*structures, *services)]
        for complement in complements.values():
            contacts = (complement["referral_contact"], complement["backup_contact"])
            phones += [contact["phone"] for contact in contacts if contact]

        assert [phone for phone in phones if not MADE_UP_PHONE.fullmatch(phone)] == []

    def test_texts_hold_no_other_phone_and_no_real_mailbox(self) -> None:
        for path in (DATA / "demonstration").iterdir():
            text = path.read_text(encoding="utf-8")
            found = {re.sub(r"[\s.]", "", phone) for phone in ANY_LONG_PHONE.findall(text)}
            assert {phone for phone in found if not MADE_UP_PHONE.fullmatch(phone)} == set()
            assert set(re.findall(r"@([\w.-]+\w)", text)) <= {"example.org"}

    @pytest.mark.parametrize("town", TOWNS)
    def test_answers_each_need_of_a_town(self, town: str, services: list[Row], complements: dict[str, Row]) -> None:
        """By a service that a person may ask for alone, with room, open, and whose zone is known."""
        reachable = {
            need
            for row in services
            if set(row["zone_eligibilite"] or ()) & TOWNS[town]
            and "usagers" in row["mobilisable_par"]
            and complements[row["id"]]["capacity"] != "no"
            and not complements[row["id"]]["closures"]
            and not complements[row["id"]]["confidential_address"]
            for need in row["thematiques"]
        }

        assert NEEDS - reachable == set()

    def test_holds_the_cases_that_matching_must_meet(self, services: list[Row], complements: dict[str, Row]) -> None:
        readable = {id: Complement.of(row) for id, row in complements.items()}
        assert any(row["mobilisable_par"] == ["professionnels"] for row in services)
        assert any(row["publics"] is None for row in services)
        assert any(row["zone_eligibilite"] is None for row in services)
        assert any(row["modes_accueil"] == ["a-distance"] for row in services)
        assert any(row["publics"] == ["seniors"] for row in services)
        assert any(row["publics"] == ["jeunes"] for row in services)
        assert any(closure.covers(WRITTEN_ON) for one in readable.values() for closure in one.closures)
        assert {one.capacity.value for one in readable.values()} == {"yes", "waiting", "no", "unknown"}
        assert {one.rank for one in readable.values()} == {1, 2, 3, 4, 5}

    def test_never_writes_a_confidential_address_in_a_structure(
        self, structures: list[Row], services: list[Row], complements: dict[str, Row]
    ) -> None:
        hidden = [row for row in services if complements[row["id"]]["confidential_address"]]
        homes = {row["id"]: row for row in structures}

        assert hidden
        for row in hidden:
            assert homes[row["structure_id"]]["adresse"] != row["adresse"]


class TestComplements:
    def test_describe_each_service_and_nothing_else(self, services: list[Row], complements: dict[str, Row]) -> None:
        assert set(complements) == {row["id"] for row in services}

    def test_give_a_short_card_in_each_language(self, complements: dict[str, Row]) -> None:
        for id, complement in complements.items():
            assert_short_card(id, complement["card"], DEMONSTRATION_LANGUAGES)

    def test_give_a_backup_wherever_a_summary_is_accepted(self, complements: dict[str, Row]) -> None:
        for id, complement in complements.items():
            if complement["accepts_summary"]:
                assert complement["backup_contact"], id


class TestNationalCards:
    def test_are_the_54_kinds_once_each(self, cards: list[Row]) -> None:
        assert [card["kind"] for card in cards] == list(range(1, 55))
        assert [card["id"] for card in cards] == [f"nat-{kind:02d}" for kind in range(1, 55)]

    def test_use_known_codes(self, cards: list[Row]) -> None:
        levels = {"U", "N1", "N2", "N3", "N4"}
        territorial = {"commune", "epci", "departement", "region", "national", "etablissement"}
        for card in cards:
            assert set(card["thematiques"]) <= {item.value for item in v1.Thematique}, card["id"]
            assert set(card["publics"] or ()) <= {item.value for item in v1.Public}, card["id"]
            assert card["reseau_porteur"] in {None, *(item.value for item in v1.ReseauPorteur)}, card["id"]
            assert set(card["entry"]) <= {"usagers", "professionnels"}, card["id"]
            assert set(card["levels"]) <= levels, card["id"]
            assert card["territorial_level"] in territorial, card["id"]
            assert card["rank"] in range(1, 6), card["id"]

    def test_say_everything_in_each_language(self, cards: list[Row]) -> None:
        for card in cards:
            for field in CARD_TEXTS:
                assert set(card[field]) == set(LANGUAGES), (card["id"], field)
                assert all(card[field][language].strip() for language in LANGUAGES), (card["id"], field)
            assert_short_card(card["id"], card["card"], LANGUAGES)

    def test_are_written_in_the_letters_of_their_language(self, cards: list[Row]) -> None:
        """A sentence left in another language would be read by nobody."""
        letters = {"ar": re.compile(r"[\u0600-\u06ff]{2}"), "uk": re.compile(r"[\u0400-\u04ff]{2}")}
        for card in cards:
            for field in CARD_TEXTS:
                if field == "name" and card[field]["fr"] == "France Travail":
                    continue
                for language in LANGUAGES:
                    written = any(found.search(card[field][language]) for found in letters.values())
                    wanted = language in letters
                    assert written == wanted, (card["id"], field, language)
                    assert not wanted or letters[language].search(card[field][language]), (card["id"], field, language)

    def test_copy_no_sentence_from_french(self, cards: list[Row]) -> None:
        for card in cards:
            for field in ("what_for", "who", "how", "card"):
                said = [card[field][language] for language in LANGUAGES]
                assert len(set(said)) == len(said), (card["id"], field)

    def test_keep_every_number_of_the_french_card(self, cards: list[Row]) -> None:
        """115, 3919, 60 years, 50 %: a number lost or changed in translation sends a person to the wrong door."""
        for card in cards:
            for field in ("what_for", "who", "how", "card"):
                french = numbers_of(card[field]["fr"])
                for language in LANGUAGES:
                    assert numbers_of(card[field][language]) == french, (card["id"], field, language)

    def test_cost_two_sms_at_most_and_their_line_one(self, cards: list[Row]) -> None:
        """Twice the parts in Arabic and Ukrainian; the line is what the conversation says: name and way in."""
        for card in cards:
            for language in LANGUAGES:
                twice = 2 if language in UCS2_LANGUAGES else 1
                contact = card["phone"] or card["how"][language].rstrip(". ")
                line = fit(f"1. {card['name'][language]}: {contact}")
                text = fit(card["card"][language])
                assert text.parts <= 2 * twice, (card["id"], language, text)
                assert line.parts <= (3 if language in UCS2_LANGUAGES else 1), (card["id"], language, line)
                expected = "UCS-2" if language in UCS2_LANGUAGES else "GSM-7"
                assert text.encoding == expected, (card["id"], language)

    def test_name_a_level_wherever_a_situation_goes(self, cards: list[Row]) -> None:
        assert {card["kind"] for card in cards if not card["levels"]} == NO_INDIVIDUAL

    def test_promise_nothing(self, cards: list[Row]) -> None:
        """No card says that help, a place or money will be had."""
        promise = re.compile(r"\b(vous aurez|vous obtiendrez|garanti|sans condition d'attente|you will (get|have))\b")
        for card in cards:
            text = " ".join(card[field][language] for field in CARD_TEXTS for language in ("fr", "en"))
            assert not promise.search(text), card["id"]

    def test_speak_to_the_person_with_respect(self, cards: list[Row]) -> None:
        """French says vous, Romanian dumneavoastră, Portuguese never tu, Spanish usted."""
        familiar = {
            "fr": re.compile(r"\b(tu|toi|ton|tes)\b", re.IGNORECASE),
            "es": re.compile(r"\b(tú|contigo|puedes|tienes)\b"),
            "pt": re.compile(r"\b(tu|contigo|podes|liga para|tens)\b", re.IGNORECASE),
            "ro": re.compile(r"\b(tu|tine|poți|sună la|ai dreptul)\b", re.IGNORECASE),
            "tr": re.compile(r"\b(sen|seni|senin)\b", re.IGNORECASE),
        }
        for card in cards:
            for language, found in familiar.items():
                for field in CARD_TEXTS:
                    assert not found.search(card[field][language]), (card["id"], language, field)

    def test_answer_each_need_for_a_person_alone(self, cards: list[Row]) -> None:
        """They are the fallback where nothing local is known: no need may be left without a door."""
        answered = {need for card in cards if "usagers" in card["entry"] for need in card["thematiques"]}

        assert NEEDS - answered == set()

    def test_give_no_phone_but_the_national_short_numbers(self, cards: list[Row]) -> None:
        assert {card["phone"] for card in cards} - {None} <= SHORT_NUMBERS
        assert ANY_LONG_PHONE.search((DATA / "national" / "cards.yaml").read_text(encoding="utf-8")) is None

    def test_name_a_source_and_the_day_it_was_read(self, cards: list[Row]) -> None:
        """A card that nobody could confirm has no place here: the conversation shows every card the same way."""
        for card in cards:
            assert card["confirmed"] is True, card["id"]
            assert card["sources"], card["id"]
            assert all(source["title"] and source["url"].startswith("http") for source in card["sources"]), card["id"]

    def test_were_read_lately(self, cards: list[Row]) -> None:
        """Read the card again at its sources, then write the day in checked_on."""
        oldest = datetime.date.today() - datetime.timedelta(days=DAYS_OF_TRUST)  # noqa: DTZ011

        assert [card["id"] for card in cards if card["checked_on"] < oldest] == []

    def test_link_to_official_places_only(self, cards: list[Row]) -> None:
        strange = [card["link"] for card in cards if card["link"] and not OFFICIAL.fullmatch(card["link"])]

        assert strange == []

    def test_are_all_in_the_table_of_what_was_read(self, cards: list[Row]) -> None:
        table = (DATA / "national" / "README.md").read_text(encoding="utf-8")

        assert [card["id"] for card in cards if f"| {card['kind']} | {card['name']['fr']} |" not in table] == []

    def test_never_list_a_dispositif_that_has_ended(self, cards: list[Row]) -> None:
        """MAIA and PTA became the DAC in 2022; 3977 became 3133 in 2026."""
        for card in cards:
            for language in LANGUAGES:
                text = " ".join(card[field][language] for field in ("name", "what_for", "how", "card"))
                assert not re.search(r"\b(MAIA|PTA|3977|Pôle emploi|CMU|08VICTIMES)\b", text), card["id"]

    def test_state_no_amount_that_will_change(self, cards: list[Row]) -> None:
        for card in cards:
            for language in LANGUAGES:
                text = " ".join(card[field][language] for field in ("what_for", "how", "cost", "card"))
                assert not re.search(r"€|\beuros?\b", text), card["id"]


def numbers_of(text: str) -> list[str]:
    """Numbers said, in any order; 116 006 is one, and 8 pm is 20."""
    joined = text.replace("116 006", "116006")
    by_24 = re.sub(r"\b(\d{1,2}) ?p\.?m\.?", lambda found: str(int(found[1]) + 12), joined)
    return sorted(re.findall(r"\d+", by_24))


def assert_short_card(id: str, card: dict[str, str], languages: tuple[str, ...]) -> None:
    for language in languages:
        assert 0 < len(card[language]) <= CARD_LENGTH, (id, language)
