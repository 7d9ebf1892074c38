"""Places: the commune a person means, from what they write."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orientation_catalogue.errors import UnknownCommune
from orientation_catalogue.territory.places import Places, distance_km

RENNES, SAINT_MALO, VITRE, NICE = "35238", "35288", "35360", "06088"


def codes(places: Places, text: str) -> list[str]:
    return [match.code for match in places.find(text)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Rennes", RENNES),
        ("RENNES", RENNES),
        ("st malo", SAINT_MALO),
        ("St-Malo", SAINT_MALO),
        ("stmalo", SAINT_MALO),
        ("35400 saint malo", SAINT_MALO),
        ("Vitré (35)", VITRE),
        ("L'Haÿ-les-Roses", "94038"),
        ("lhay les roses", "94038"),
        ("chalons s/ saone", "71076"),
        ("au Mans", "72181"),
        ("j'habite au Havre", "76351"),
        ("2a004", "2A004"),
    ],
)
def test_a_name_is_found_however_it_is_written(places: Places, text: str, code: str) -> None:
    assert codes(places, text)[0] == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("renes", RENNES), ("Villeurbane", "69266"), ("sain malo", SAINT_MALO), ("je vis à renne", RENNES)],
)
def test_a_misspelt_name_is_found(places: Places, text: str, code: str) -> None:
    assert codes(places, text)[0] == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("paris 12e", "75112"),
        ("Paris 12", "75112"),
        ("dans le 12e à Paris", "75112"),
        ("paris xiie", "75112"),
        ("lyon 3", "69383"),
        ("marseille 13 eme", "13213"),
        ("75012", "75112"),
        ("paris 75012", "75112"),
        ("Paris", "75056"),
        ("j'habite à Lyon", "69123"),
        ("marseille", "13055"),
        ("j'habite à Lyon 3 enfants", "69123"),
    ],
)
def test_an_arrondissement_counts_only_when_it_is_said(places: Places, text: str, code: str) -> None:
    assert codes(places, text) == [code]


def test_a_postal_code_alone_gives_all_its_communes(places: Places) -> None:
    assert len(codes(places, "51300")) == 46
    assert codes(places, "35500")[0] == VITRE


def test_a_postal_code_and_a_name_give_one_commune(places: Places) -> None:
    assert codes(places, "35500 Vitré") == [VITRE]
    assert codes(places, "j'habite Balazé 35500") == ["35015"]


def test_a_cedex_code_still_says_the_departement(places: Places) -> None:
    assert codes(places, "rennes 35042 cedex") == [RENNES]


@pytest.mark.parametrize(
    ("text", "code"), [("saint denis 93", "93066"), ("saint denis la reunion", "97411"), ("St Denis (93)", "93066")]
)
def test_the_departement_decides_between_homonyms(places: Places, text: str, code: str) -> None:
    assert codes(places, text) == [code]


def test_all_homonyms_come_when_nothing_decides(places: Places) -> None:
    found = codes(places, "saint denis")

    assert found[:2] == ["97411", "93066"]
    assert len(found) >= 4


def test_a_former_commune_gives_the_one_of_today(places: Places) -> None:
    """Arbignieu is part of Arboys en Bugey since 2016."""
    assert codes(places, "Arbignieu") == ["01015"]
    assert places.commune("35313").code == SAINT_MALO


def test_a_town_is_found_in_a_long_message_without_capitals(places: Places) -> None:
    text = (
        "bjr jsuis sorti de lhopital ya 10 jours jvis seul a rennes personne pr maider pr les courses et le menage"
        " et la caf a coupe mes apl"
    )

    assert codes(places, text) == [RENNES]


def test_a_postal_code_is_found_in_english(places: Places) -> None:
    assert codes(places, "Hello, I live in 35400 and I can't pay my rent since two months") == [SAINT_MALO]


@pytest.mark.parametrize(
    "text",
    [
        "j'ai besoin d'un nice appartement",
        "I need a nice place to live with my son",
        "je vais tous les jours à la gare et je sens que ca tourne",
        "je vis dans la rue depuis 2 mois",
        "j'ai 15000 euros de dettes",
        "je suis a bout, je n'ai plus rien a manger",
        "je suis au chomage depuis mars",
        "je vis seule a cause de mon mari",
        "merci beaucoup",
        "oui",
        "habite en bretagne",
        "je suis maçon",
        "je suis mariée",
        "l'huissier a pris la machine à laver",
        "j'habite au 3e sans ascenseur",
        "j'habite à la campagne",
        "je joue aux paris sportifs",
        "ma mère, 81 ans, a reçu un congé",
        "sure",
        "many thanks",
        "yes please send it",
        "my mother lives in london",
        "",
        "🙂",
    ],
)
def test_ordinary_words_are_not_places(places: Places, text: str) -> None:
    assert codes(places, text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("J'AI PERDU MON TRAVAIL ET J'HABITE A NICE", NICE),
        ("je suis de Tours", "37261"),
        ("vivre a sens c'est dur", "89387"),
        ("nice", NICE),
    ],
)
def test_a_town_named_like_an_ordinary_word_is_found_with_a_witness(places: Places, text: str, code: str) -> None:
    assert codes(places, text)[0] == code


def test_a_street_or_a_surname_is_not_a_place(places: Places) -> None:
    assert codes(places, "12 rue de Paris, Rennes") == [RENNES]
    assert codes(places, "je m'appelle Martin et j'habite Fougères") == ["35115"]


def test_where_the_person_lives_wins_over_where_they_were(places: Places) -> None:
    assert codes(places, "Je sors de l'hôpital de Redon, j'habite à Cancale") == ["35049"]


def test_a_place_denied_is_not_the_place(places: Places) -> None:
    assert codes(places, "c'est pas rennes c'est redon") == ["35236"]
    assert codes(places, "correction : j'habite à Fougères pas à Rennes") == ["35115"]


def test_the_answer_to_the_question_may_be_any_word(places: Places) -> None:
    assert codes(places, "sure") == []
    assert [match.name for match in places.find("sure", answering=True)] == ["Suré"]


def test_an_unknown_code_is_refused_with_a_sentence(places: Places) -> None:
    with pytest.raises(UnknownCommune, match='No commune has the code "99999"'):
        places.commune("99999")


def test_a_commune_knows_every_zone_that_holds_it(places: Places) -> None:
    rennes = places.commune(RENNES)

    assert rennes.zone_codes == {RENNES, "243500139", "35", "france", "99100"}
    assert {"75112", "75056", "75"} <= places.commune("75112").zone_codes


def test_a_region_is_its_departements(places: Places) -> None:
    assert places.departements_of("53") == ("22", "29", "35", "56")


def test_rennes_and_saint_malo_are_64_kilometres_apart(places: Places) -> None:
    """Great circle between town centres, about 63 to 65 km on any map."""
    rennes, saint_malo = places.commune(RENNES), places.commune(SAINT_MALO)
    assert rennes.latitude is not None
    assert rennes.longitude is not None
    assert saint_malo.latitude is not None
    assert saint_malo.longitude is not None

    km = distance_km(rennes.latitude, rennes.longitude, saint_malo.latitude, saint_malo.longitude)

    assert 62 < km < 67


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_without_error(text: str) -> None:
    found = PLACES.find(text)

    assert len({match.code for match in found}) == len(found)
    assert found == PLACES.find(text)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_every_official_name_finds_its_commune(data: st.DataObject) -> None:
    """Whatever the case, as the answer to the question."""
    code = data.draw(st.sampled_from(ALL_CODES))
    name = PLACES.name(code)
    written = data.draw(st.sampled_from([name, name.upper(), name.lower(), name.replace("-", " ")]))

    assert code in {match.code for match in PLACES.find(written, answering=True)}


def test_a_place_is_found_in_some_milliseconds(places: Places) -> None:
    """No gate on time (DESIGN §9): only a guard against an accident a hundred times slower."""
    text = "j'habite dans un petit village pres de chateaubourgg avec mes deux enfants et je ne sais plus quoi faire"
    start = time.perf_counter()

    places.find(text)

    assert time.perf_counter() - start < 1


PLACES = Places.load()
ALL_CODES = [code for departement in PLACES.departements for code in PLACES.codes_of_departement(departement)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("chalon s/saone", "71076"), ("ile rousse", "2B134"), ("Paris18", "75118"), ("paris dix-huitième", "75118"),
        ("kimper", "29232"), ("bordo", "33063"), ("anecy", "74010"), ("aix en pce", "13001"),
        ("j'habite à Brest", "29019"), ("la ville du bois 91", "91665"), ("le marin martinique", "97217"),
        ("st louis réunion", "97414"), ("seul, 2 enfants, Creil", "60175"), ("Nice, quartier Ariane", "06088"),
        ("je vis à vieux conde", "59616"), ("terre de haut guadeloupe", "97131"), ("corte corse", "2B096"),
        ("la rochellle 17", "17300"),
    ],
)  # fmt: skip
def test_a_place_is_found_as_people_write_it(places: Places, text: str, code: str) -> None:
    """Abbreviations, spelling by ear, a missing article, a département or an island after the name, commas."""
    assert codes(places, text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        "j'habite rue Victor Hugo", "j'ai des dettes de paris en ligne", "je joue au tiercé tous les jours",
        "c'est bidon", "plus de 20 000 de prêts conso pour un couple au smic", "il est à son poste",
        "le petit est à la crèche", "je sors de taule vendredi", "i live in a house with a garden", "cheers",
        "mon mari est à l'hôpital",
    ],
)  # fmt: skip
def test_everyday_sentences_name_no_place(places: Places, text: str) -> None:
    assert codes(places, text) == []
