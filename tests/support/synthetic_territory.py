"""Territories made up on the real communes of France, and people who live there: same seed, same rows.

A territory comes as houses (one structure, its services in data·inclusion v1 form, what is kept beside them), one
after the other, so that a million services never stand in memory together. The shares follow the extract of La
Réunion and the sources that data·inclusion gathers (reference: 45 % of services do not say their publics; zones are
mostly départements; duplicates come from another source with another spelling). Phones are of the ranges kept for
fiction; everything else is invented but the communes, the networks and the vocabulary.
"""

import datetime
import gzip
import itertools
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_inclusion.schema import v1

from orientation_catalogue.profile import Profile, Role
from orientation_catalogue.territory.places import CITIES, DATA, Commune, Places

Row = dict[str, Any]

#: The day on which the territory is looked at.
TODAY = datetime.date(2026, 11, 22)

LABELS = {thematique.value: str(thematique.label) for thematique in v1.Thematique}


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """A structure, its services, and by service what data·inclusion cannot say."""

    structure: Row
    services: tuple[Row, ...]
    complements: Mapping[str, Row]


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """A kind of structure: how many of a hundred, how it is called, what it does and for whom."""

    share: float
    name: str
    network: str | None
    #: Beginnings of the thematiques it answers.
    needs: tuple[str, ...]
    #: Its usual zone: commune, epci, departement, communes, france, pays or nothing said.
    zone: str
    publics: tuple[str, ...] = ("tous-publics",)
    rank: int = 3
    source: str = "dora"


_ADMIN = "difficultes-administratives-ou-juridiques--"
_RIGHTS = (_ADMIN + "accompagnement-pour-lacces-aux-droits", _ADMIN + "accompagnement-aux-demarches")
_FOOD = ("equipement-et-alimentation--alimentation", "equipement-et-alimentation--habillement")

KINDS = (
    Kind(
        share=8,
        name="CCAS de {commune}",
        network="ccas-cias",
        zone="commune",
        rank=1,
        needs=(*_RIGHTS, *_FOOD[:1], "difficultes-financieres--prevenir", "logement-hebergement--se-maintenir"),
    ),
    Kind(
        share=5,
        name="France services de {commune}",
        network="france-service",
        zone="epci",
        rank=1,
        source="mediation-numerique",
        needs=(*_RIGHTS[1:], "numerique--acceder-a-des-services", "numerique--maitriser"),
    ),
    Kind(
        share=4,
        name="Maison des solidarités de {commune}",
        network="maisons-des-solidarites",
        zone="departement",
        rank=2,
        needs=(*_RIGHTS, "difficultes-financieres", "famille--", "logement-hebergement"),
    ),
    Kind(
        share=3,
        name="CAF – point d'accueil de {commune}",
        network="caf",
        zone="departement",
        rank=1,
        publics=("familles",),
        needs=("famille--", "difficultes-financieres", _RIGHTS[0]),
    ),
    Kind(
        share=3,
        name="CPAM – accueil de {commune}",
        network="cpam",
        zone="departement",
        rank=1,
        source="soliguide",
        needs=("sante--acces-aux-soins", _RIGHTS[0]),
    ),
    Kind(
        share=5,
        name="France Travail {commune}",
        network="france-travail",
        zone="departement",
        rank=1,
        source="france-travail",
        publics=("demandeurs-emploi", "actifs"),
        needs=("trouver-un-emploi", "preparer-sa-candidature", "se-former", "choisir-un-metier"),
    ),
    Kind(
        share=5,
        name="Mission locale – antenne de {commune}",
        network="mission-locale",
        zone="communes",
        rank=2,
        source="mission-locale",
        publics=("jeunes",),
        needs=("trouver-un-emploi", "choisir-un-metier", "se-former", "mobilite--", "logement-hebergement--louer"),
    ),
    Kind(
        share=2,
        name="MDPH – relais de {commune}",
        network="mdph",
        zone="departement",
        rank=2,
        publics=("personnes-en-situation-de-handicap",),
        needs=("sante--constituer-un-dossier-mdph", _RIGHTS[0]),
    ),
    Kind(
        share=5,
        name="Les Restos du Cœur – {commune}",
        network="restos-du-coeur",
        zone="departement",
        source="soliguide",
        publics=("personnes-en-situation-durgence", "beneficiaires-des-minimas-sociaux"),
        needs=_FOOD,
    ),
    Kind(
        share=4,
        name="Secours populaire – comité de {commune}",
        network="secours-populaire",
        zone="departement",
        source="soliguide",
        needs=(*_FOOD, "famille--soutien-a-la-parentalite", "remobilisation--"),
    ),
    Kind(
        share=4,
        name="Croix-Rouge française – {commune}",
        network="croix-rouge",
        zone="nothing",
        source="soliguide",
        needs=(*_FOOD, "sante--", "lecture-ecriture-calcul--maitriser-le-francais"),
    ),
    Kind(
        share=2,
        name="Banque alimentaire – antenne de {commune}",
        network="banques-alimentaires",
        zone="departement",
        needs=_FOOD[:1],
    ),
    Kind(
        share=6,
        name="Espace numérique de {commune}",
        network="espaces-publics-numeriques",
        zone="nothing",
        source="mediation-numerique",
        needs=("numerique--",),
    ),
    Kind(
        share=2,
        name="Aidants Connect – {commune}",
        network="aidants-connect",
        zone="nothing",
        source="mediation-numerique",
        needs=("numerique--acceder-a-des-services", _RIGHTS[1]),
    ),
    Kind(
        share=2,
        name="CIDFF – permanence de {commune}",
        network="cidff",
        zone="departement",
        publics=("femmes",),
        needs=("famille--surmonter", _ADMIN),
    ),
    Kind(
        share=2,
        name="Point-justice de {commune}",
        network="points-justice",
        zone="departement",
        rank=2,
        needs=(_ADMIN,),
    ),
    Kind(
        share=2,
        name="Point conseil budget de {commune}",
        network="points-conseil-budget",
        zone="departement",
        rank=2,
        needs=("difficultes-financieres--",),
    ),
    Kind(
        share=3,
        name="Plateforme mobilité de {commune}",
        network="wimoov",
        zone="epci",
        needs=("mobilite--",),
        publics=("demandeurs-emploi", "actifs", "seniors"),
    ),
    Kind(
        share=2,
        name="SIAO – relais de {commune}",
        network="siao",
        zone="departement",
        rank=2,
        source="soliguide",
        publics=("personnes-en-situation-durgence",),
        needs=("logement-hebergement--rechercher-une-solution",),
    ),
    Kind(
        share=2,
        name="Foyer de jeunes travailleurs de {commune}",
        network="residences-fjt",
        zone="nothing",
        publics=("jeunes",),
        needs=("logement-hebergement--louer", "logement-hebergement--rechercher"),
    ),
    Kind(
        share=1,
        name="Action Logement – {commune}",
        network="action-logement",
        zone="france",
        rank=2,
        source="action-logement",
        publics=("actifs",),
        needs=("logement-hebergement--",),
    ),
    Kind(
        share=2,
        name="CSAPA de {commune}",
        network="csapa",
        zone="nothing",
        source="finess",
        rank=4,
        needs=("sante--addictions", "sante--sante-mentale"),
    ),
    Kind(
        share=2,
        name="Centre médico-psychologique de {commune}",
        network="cmp",
        zone="communes",
        source="finess",
        rank=4,
        needs=("sante--sante-mentale",),
    ),
    Kind(
        share=2,
        name="Plateforme des aidants de {commune}",
        network=None,
        zone="departement",
        source="ma-boussole-aidants",
        publics=("seniors", "personnes-en-situation-de-handicap"),
        needs=("famille--soutien-aidants", "famille--prise-en-charge", "equipement-et-alimentation--aide-menagere"),
    ),
    Kind(
        share=2,
        name="Crèche de {commune}",
        network="creches-avip",
        zone="commune",
        source="monenfant",
        publics=("familles",),
        needs=("famille--garde-denfants",),
    ),
    Kind(
        share=4,
        name="Chantier d'insertion de {commune}",
        network="aci",
        zone="departement",
        rank=4,
        source="emplois-de-linclusion",
        publics=("demandeurs-emploi", "beneficiaires-des-minimas-sociaux"),
        needs=("trouver-un-emploi--repondre", "preparer-sa-candidature"),
    ),
    Kind(share=1, name="Adie – antenne de {commune}", network="adie", zone="france", needs=("creer-une-entreprise--",)),
    Kind(
        share=1,
        name="Agefiph – délégation de {commune}",
        network="agefiph",
        zone="pays",
        source="agefiph",
        rank=2,
        publics=("personnes-en-situation-de-handicap",),
        needs=("trouver-un-emploi--maintien", "se-former"),
    ),
    Kind(
        share=3,
        name="Cours de français de {commune}",
        network=None,
        zone="commune",
        source="reseau-alpha",
        publics=("personnes-exilees",),
        needs=("lecture-ecriture-calcul--",),
    ),
    Kind(
        share=2,
        name="Organisme de formation de {commune}",
        network="afpa",
        zone="france",
        source="carif-oref",
        rank=4,
        publics=("demandeurs-emploi", "actifs"),
        needs=("se-former", "lecture-ecriture-calcul"),
    ),
    Kind(
        share=4,
        name="Centre social de {commune}",
        network="fcsf",
        zone="epci",
        needs=("remobilisation--", "famille--", "numerique--maitriser", "lecture-ecriture-calcul"),
    ),
    Kind(
        share=5,
        name="Association {word} ({commune})",
        network=None,
        zone="departement",
        needs=("remobilisation--lien-social", "famille--", *_FOOD, "equipement-et-alimentation--electromenager"),
    ),
    Kind(
        share=2,
        name="Association {word} ({commune})",
        network=None,
        zone="france",
        needs=("souvrir-a-linternational", "remobilisation--benevolat", "choisir-un-metier"),
    ),
)

_WORDS = ("L'Escale", "Entraide", "Horizon", "Tremplin", "Voisins", "Ensemble", "Tisserands", "Boussole", "Phare")
_STREETS = ("rue de la République", "place de l'Église", "avenue Jean-Jaurès", "rue des Écoles", "rue Pasteur")
#: A few dozen timetables, as people write them in OpenStreetMap's form.
TIMETABLES = (
    *(f"Mo-Fr {m}-{n},{a}-{e}; PH off" for m, n, a, e in itertools.product(
        ("08:30", "09:00"), ("12:00", "12:30"), ("13:30", "14:00"), ("16:30", "17:00", "17:30"))),
    "Mo-Fr 09:00-12:00", "Mo,We,Fr 14:00-17:00", "Tu,Th 09:30-12:00; PH off", "Tu-Sa 10:00-12:30,14:00-18:00",
    "We 14:00-18:00", "Mo-Th 08:30-12:00,13:30-17:30; Fr 08:30-12:00", "Sa 10:00-12:00", "24/7",
    "Mo-Fr 09:00-17:00; SH off", "Tu[1],Tu[3] 14:00-16:30", "Nov-Mar: Mo,Th 14:00-16:30", "Mo-Sa 18:30-20:30",
    "Th 09:00-12:00 || \"sur rendez-vous\"",
)  # fmt: skip
_CLOSED_FOR_NOW = 'closed "fermeture temporaire"'
_VERBS = (
    "{label}",
    "Permanence : {label}",
    "Accompagnement : {label}",
    "Atelier collectif : {label}",
    "{label} – {name}",
)
_TYPES = ("accompagnement", "aide-financiere", "aide-materielle", "atelier", "formation", "information", None)
_LANGUAGES = ("en", "ar", "es", "pt", "uk", "tr", "ro", "de", "ps", "fa", "ti")


class Territory:
    """Makes houses and people on chosen départements (all by default)."""

    def __init__(
        self, places: Places, *, seed: int = 1, departements: Sequence[str] = (), today: datetime.date = TODAY
    ) -> None:
        self._places = places
        self._seed = seed
        self._today = today
        register = json.loads(gzip.decompress(DATA.read_bytes()))
        communes = [places.commune(code) for code in register["communes"]["code"] if code not in CITIES]
        here = set(departements or places.departements)
        self._communes = [c for c in communes if c.departement in here and c.latitude is not None]
        # Villages have more services by inhabitant than towns, and some inhabited places none.
        self._by_size = list(itertools.accumulate((c.population + 1) ** 0.8 for c in self._communes))
        self._by_people = list(itertools.accumulate(c.population + 1 for c in self._communes))
        self._kinds = list(itertools.accumulate(kind.share for kind in KINDS))
        self._needs = {kind.name + kind.zone: _leaves(kind.needs) for kind in KINDS}
        # For a commune of today, one of the codes that it swallowed.
        self._old = {today: old for old, _, today in register["old"] if old != today}

    def houses(self, services: int) -> Iterator[House]:
        """Houses one by one until that many services were made."""
        dice = random.Random(f"{self._seed}/houses")
        made, number = 0, 0
        while made < services:
            number += 1
            house = self._house(number, dice, room=services - made)
            made += len(house.services)
            yield house
            # Another source knows one house in seventeen too.
            if made < services and dice.random() < 0.06:
                twin = self._twin(house, dice, room=services - made)
                made += len(twin.services)
                yield twin

    def people(self, count: int) -> Iterator[Profile]:
        """People as many as asked, living where people live, with one to three needs."""
        dice = random.Random(f"{self._seed}/people")
        needs = [leaf for kind in KINDS for leaf in self._needs[kind.name + kind.zone]]
        for _ in range(count):
            yield self._person(dice, needs)

    # --- a house -----------------------------------------------------------------------------------------------

    def _house(self, number: int, dice: random.Random, *, room: int) -> House:
        kind = dice.choices(KINDS, cum_weights=self._kinds)[0]
        commune = dice.choices(self._communes, cum_weights=self._by_size)[0]
        structure = self._structure(number, kind, commune, dice)
        count = min(room, dice.choices((1, 2, 3, 5, 8), (40, 28, 18, 10, 4))[0])
        services = tuple(self._service(n, kind, commune, structure, dice) for n in range(count))
        beside = {row["id"]: self._complement(kind, row, dice) for row in services if dice.random() < 0.12}
        return House(structure=structure, services=services, complements=beside)

    def _structure(self, number: int, kind: Kind, commune: Commune, dice: random.Random) -> Row:
        name = kind.name.format(commune=commune.name, word=dice.choice(_WORDS))
        row: Row = {
            "source": kind.source,
            "id": f"{kind.source}--invente-{number:07d}",
            "nom": name[:150],
            "date_maj": self._changed(dice),
            "description": f"{name} accueille, écoute et oriente. Structure inventée pour les essais.",
            **_address(commune, dice),
        }
        row["telephone"] = f"+331990{dice.randrange(10_000):05d}" if dice.random() < 0.85 else None
        row["courriel"] = f"contact-{number}@example.org" if dice.random() < 0.7 else None
        row["horaires_accueil"] = dice.choice(TIMETABLES) if dice.random() < 0.45 else None
        row["reseaux_porteurs"] = [kind.network] if kind.network else None
        return row

    def _service(self, number: int, kind: Kind, commune: Commune, structure: Row, dice: random.Random) -> Row:
        needs = self._needs[kind.name + kind.zone]
        thematiques = dice.sample(needs, min(len(needs), dice.choices((1, 2, 3, 4), (50, 28, 15, 7))[0]))
        label = LABELS[thematiques[0]]
        name = dice.choice(_VERBS).format(label=label, name=structure["nom"])
        frais = dice.choices(("gratuit", "payant", None), (80, 14, 6))[0]
        row: Row = {
            "source": structure["source"],
            "structure_id": structure["id"],
            "id": f"{structure['id']}-{number}",
            "nom": name[:150].rstrip(".… "),
            "description": f"{label}. On vous reçoit, on fait le point et on cherche avec vous. " * dice.randint(1, 5),
            "date_maj": self._changed(dice),
            "type": dice.choice(_TYPES),
            "thematiques": thematiques,
            "frais": frais,
            "frais_precisions": "Participation selon les ressources." if frais == "payant" else None,
            "publics": _publics(kind, dice),
            "modes_accueil": dice.choices(
                (None, ["en-presentiel"], ["en-presentiel", "a-distance"], ["a-distance"]), (8, 70, 12, 10)
            )[0],
            "zone_eligibilite": self._zone(kind, commune, dice),
            "mobilisable_par": dice.choices(
                (None, ["usagers", "professionnels"], ["usagers"], ["professionnels"]), (20, 55, 13, 12)
            )[0],
            "modes_mobilisation": dice.choice((None, ["telephoner"], ["se-presenter"], ["telephoner", "se-presenter"])),
            "horaires_accueil": dice.choice(TIMETABLES) if dice.random() < 0.5 else None,
        }
        if row["source"] == "soliguide" and dice.random() < 0.03:
            row["horaires_accueil"] = _CLOSED_FOR_NOW
        # Half of the services repeat the address of their structure, a few stand in a commune nearby.
        if dice.random() < 0.5:
            row |= {key: structure[key] for key in _ADDRESS}
        if dice.random() < 0.3:
            row["telephone"] = structure["telephone"]
        return row

    def _zone(self, kind: Kind, commune: Commune, dice: random.Random) -> list[str] | None:
        luck = dice.random()
        if luck < 0.05:
            return None
        if luck < 0.06:
            return ["france"]
        if luck < 0.08:
            return [commune.departement]
        if kind.zone == "nothing":
            return None
        if kind.zone == "commune":
            # Sources write the whole city, and codes of before a merger (reference: catalogue, trap 3).
            return [self._old.get(commune.code, commune.code) if luck > 0.9 else commune.city or commune.code]
        if kind.zone == "epci":
            return [(commune.ept if commune.ept and luck > 0.5 else commune.epci) or commune.departement]
        if kind.zone == "communes":
            near = dice.choices(self._communes, k=2)
            others = {c.code for c in near if c.departement == commune.departement}
            return sorted(others | {commune.code})
        return {"departement": [commune.departement], "france": ["france"], "pays": ["99100"]}[kind.zone]

    def _complement(self, kind: Kind, service: Row, dice: random.Random) -> Row:
        beside: Row = {"rank": kind.rank, "checked_on": self._changed(dice, days=200)}
        luck = dice.random()
        if "jeunes" in kind.publics:
            beside |= {"min_age": 16, "max_age": dice.choice((25, 29))}
        elif luck < 0.1:
            beside["min_age"] = dice.choice((3, 16, 18, 60))
        if luck < 0.3:
            beside["welcome"] = dice.choice(("unconditional", "preferential", "exclusive"))
        if luck < 0.4:
            beside["languages"] = ["fr", *sorted(dice.sample(_LANGUAGES, dice.randint(1, 3)))]
        if luck > 0.5:
            beside["capacity"] = dice.choices(("yes", "waiting", "no"), (60, 30, 10))[0]
            beside["delay_days"] = dice.choice((1, 5, 15, 45))
        if 0.4 < luck < 0.55:
            beside["closures"] = [self._closure(dice)]
        if 0.55 < luck < 0.58:
            beside["confidential_address"] = True
        if luck > 0.9:
            beside["documents"] = {"fr": "Une pièce d'identité si vous en avez une."}
        if luck > 0.8:
            beside |= {"accepts_summary": True, "levels": ["N1", "N2"]}
        beside["card"] = {"fr": f"{service['nom']} : on vous reçoit et on cherche avec vous."[:280]}
        return beside

    def _closure(self, dice: random.Random) -> Row:
        start = self._today + datetime.timedelta(days=dice.randint(-20, 20))
        days = dice.choice((3, 10, 21, 40, None))
        end = start + datetime.timedelta(days=days) if days is not None else None
        return {"from": start.isoformat(), "to": end.isoformat() if end else None, "reason": "Fermeture pour congés"}

    def _twin(self, house: House, dice: random.Random, *, room: int) -> House:
        """The same house as another source writes it: other ids, capitals, a point some metres away."""
        source = "soliguide" if house.structure["source"] != "soliguide" else "fredo"
        structure = _as_told_by(source, house.structure, dice)
        services = [_as_told_by(source, row, dice) for row in house.services[:room]]
        return House(structure=structure, services=tuple(services), complements={})

    def _changed(self, dice: random.Random, *, days: int = 1000) -> str:
        """Most rows are of this year, some were forgotten."""
        return (self._today - datetime.timedelta(days=int(dice.random() ** 2 * days))).isoformat()

    # --- a person ----------------------------------------------------------------------------------------------

    def _person(self, dice: random.Random, needs: Sequence[str]) -> Profile:
        commune = dice.choices(self._communes, cum_weights=self._by_people)[0]
        code = commune.city if commune.city and dice.random() < 0.3 else commune.code
        wanted = tuple(dict.fromkeys(dice.choices(needs, k=dice.choices((1, 2, 3), (45, 35, 20))[0])))
        told = dice.random()
        moment = datetime.datetime.combine(self._today, datetime.time(dice.randrange(24), 30), datetime.UTC)
        role: Role = dice.choices(("resident", "partner", "professional"), (75, 15, 10))[0]
        return Profile(
            commune=code if dice.random() < 0.97 else None,
            needs=wanted,
            publics=frozenset(dice.sample(_TOLD_PUBLICS, 1 if told < 0.5 else 0)),
            age=dice.randint(14, 95) if told > 0.3 else None,
            level=dice.choice((None, "N0", "N1", "N2", "N3")),
            language=dice.choices(("fr", "en", "ar", "es", "pt", "uk", "tr", "ro"), (70, 6, 6, 4, 4, 4, 3, 3))[0],
            at=moment + datetime.timedelta(days=dice.randrange(14)),
            role=role,
        )


_TOLD_PUBLICS = ("familles", "femmes", "jeunes", "seniors", "demandeurs-emploi", "personnes-exilees", "etudiants")
_ADDRESS = ("commune", "code_postal", "code_insee", "adresse", "longitude", "latitude")


def write_territory(houses: Iterator[House], into: Path) -> Path:
    """Write a source folder that an import reads: structures.ndjson, services.ndjson and complements.yaml."""
    into.mkdir(parents=True, exist_ok=True)
    with (
        (into / "structures.ndjson").open("w", encoding="utf-8") as structures,
        (into / "services.ndjson").open("w", encoding="utf-8") as services,
        (into / "complements.yaml").open("w", encoding="utf-8") as complements,
    ):
        for house in houses:
            structures.write(_line(house.structure))
            services.writelines(map(_line, house.services))
            # JSON is YAML: one entry a line reads the same.
            complements.writelines(f"{json.dumps(key)}: {_line(value)}" for key, value in house.complements.items())
    return into


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def _leaves(beginnings: Sequence[str]) -> list[str]:
    return [value for value in LABELS if value.startswith(tuple(beginnings))]


def _publics(kind: Kind, dice: random.Random) -> list[str] | None:
    luck = dice.random()
    if luck < 0.45:
        return None
    return ["tous-publics"] if luck < 0.65 else sorted(kind.publics)


def _address(commune: Commune, dice: random.Random) -> Row:
    placed = dice.random() < 0.94 and commune.latitude is not None and commune.longitude is not None
    return {
        "commune": commune.name,
        "code_postal": dice.choice(commune.postal_codes) if commune.postal_codes else None,
        "code_insee": commune.code,
        "adresse": f"{dice.randint(1, 150)} {dice.choice(_STREETS)}",
        "longitude": round((commune.longitude or 0) + dice.gauss(0, 0.012), 5) if placed else None,
        "latitude": round((commune.latitude or 0) + dice.gauss(0, 0.008), 5) if placed else None,
    }


def _as_told_by(source: str, row: Row, dice: random.Random) -> Row:
    told = {**row, "source": source, "id": f"{source}--bis-{row['id']}"}
    if "structure_id" in row:
        told["structure_id"] = f"{source}--bis-{row['structure_id']}"
    else:
        told["nom"] = row["nom"].upper()
    if row.get("latitude") is not None:
        told["latitude"] = round(row["latitude"] + dice.gauss(0, 0.0005), 5)
    return told
