"""What could name somebody is refused; what a team needs to write is not."""

from datetime import date

import pytest
from houses import reading_parts

from passerelle.orientation.places import is_place_name
from passerelle.safety.identity import IdentityCheck

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def find():
    parts = reading_parts()
    check = IdentityCheck.load(parts.masker)
    return lambda text: check.find(text, today=TODAY, is_place=lambda name: is_place_name(parts.places, name))


@pytest.mark.parametrize(
    "text",
    [
        "Mme Dupont ne sort plus",
        "mme dupont ne sort plus",
        "M. D. refuse l'aide",
        "la fille de Monsieur Le Goff",
        "docteur martin est prévenu",
        "Jean Dupont",
        "DUPONT Jean, locataire",
        "vit avec Karim",
        "le fils de Marie-Hélène Kervella",
        "situation connue de Benali",
        "son voisin s'appelle ledoux",
        "fatima benali ne paie plus",
        "famille DUQUESNOY en impayé",
        "Appeler Martineau",
        "Ｊｅａｎ Ｄｕｐｏｎｔ",
    ],
)
def test_a_name_is_refused(find, text):
    assert find(text) == "name"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("joindre au 06 39 98 00 12", "number"),
        ("joindre au 0639980012", "number"),
        ("tel +33 6 39 98 00 12", "number"),
        ("1 56 03 35 238 012 45", "number"),
        ("allocataire n° 1234567", "number"),
        ("FR76 3000 6000 0112 3456 7890 189", "number"),
        ("écrire à sam@example.org", "contact"),
        ("profil @samedupont", "contact"),
        ("voir https://example.org/sam", "contact"),
        ("née le 12 mars 1956", "birth"),
        ("né en 1956", "birth"),
        ("12/03/1956", "birth"),
        ("12.03.56", "birth"),
        ("le 3 avril 1990", "birth"),
        ("habite 12 rue des Lilas", "address"),
        ("12bis, avenue de la Gare", "address"),
        ("rue des lilas, 12", "address"),
        ("4 place de la Mairie", "address"),
        ("35500 Vitré", "address"),
        ("bâtiment 3 porte 12", "address"),
        ("au 3e étage", "address"),
        ("diabète mal suivi", "health"),
        ("sous morphine", "health"),
    ],
)
def test_what_leads_to_somebody_is_refused(find, text, kind):
    assert find(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Loyer impayé depuis 2 mois, 1 200 euros de dette",
        "dette de 15000 euros",
        "Sortie d'hôpital prévue vendredi, sans domicile",
        "retour après hospitalisation, personne seule",
        "Monsieur a perdu son emploi",
        "Madame ne veut pas d'aide à domicile",
        "Contacter le CCAS de Vitré",
        "Appeler France Travail puis la Maison France services",
        "Demander à Rennes Métropole et à Action Logement",
        "Saisir le SIAO avant le 12/12/2026",
        "Faire le point avant le 15 janvier 2027",
        "3 enfants, 84 ans, deux voisins présents",
        "chercher 1 place en crèche, 2 cours de français",
        "Département d'Ille-et-Vilaine, commission FSL",
        "Le bailleur est prêt à attendre. Une voisine aide. Elle connaît la famille",
        "appartement 2 pièces trop petit",
        "Le Secours Catholique connaît la situation",
        "Les Restos du Coeur sont ouverts le mardi",
    ],
)
def test_what_a_team_needs_to_write_is_kept(find, text):
    assert find(text) is None
