"""Exports of data·inclusion v0 (before April 2026), read as v1. What v1 cannot say is named, never lost in silence."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import yaml
from data_inclusion.schema import v1

from orientation_catalogue.sources.reading import Dropped, Row
from orientation_catalogue.sources.spelling import as_v1, list_of
from orientation_catalogue.territory.places import Places

DATA = Path(__file__).parents[1] / "data" / "v0.yaml"

#: Fields that only v0 has: one of them tells that a row is of that version.
_ONLY_V0 = frozenset(
    {"presentation_resume", "presentation_detail", "profils", "types", "typologie", "labels_nationaux", "antenne"}
    | {"zone_diffusion_type", "zone_diffusion_code", "modes_orientation_beneficiaire", "pre_requis", "recurrence"}
    | {"modes_orientation_accompagnateur", "horaires_ouverture", "contact_public", "justificatifs", "cumulable"}
)
_LISTS = (
    "thematiques",
    "profils",
    "types",
    "frais",
    "labels_nationaux",
    "modes_accueil",
    "pre_requis",
    "justificatifs",
)
_MODES = ("modes_orientation_beneficiaire", "modes_orientation_accompagnateur")
_LONGEST_DESCRIPTION, _LONGEST_NAME = 10_000, 150

#: Fields that both versions spell alike.
_SAME = {
    "service": (
        "source", "lien_source", "date_maj", "modes_accueil", "commune", "code_postal", "code_insee", "adresse",
        "complement_adresse", "longitude", "latitude", "telephone", "courriel", "contact_nom_prenom",
        "volume_horaire_hebdomadaire", "nombre_semaines", "score_qualite",
    ),
    "structure": (
        "source", "lien_source", "date_maj", "siret", "commune", "code_postal", "code_insee", "adresse",
        "complement_adresse", "longitude", "latitude", "telephone", "courriel", "site_web",
    ),
}  # fmt: skip
#: What v1 has no place for, and what is lost with it.
_GONE = {
    "date_suspension": "v1 has no date of suspension: say it as a closure in the complements",
    "contact_public": "v1 has no such field",
    "cumulable": "v1 has no such field",
    "date_creation": "v1 has no such field",
    "antenne": "v1 has no such field",
    "rna": "v1 has no such field",
}
#: Age limits and conditions that v1 publics cannot say are told in words.
_IN_WORDS = {
    "adultes": "Adultes",
    "jeunes-16-26": "Jeunes de 16 à 26 ans",
    "seniors-65": "Personnes de plus de 65 ans",
    "personnes-en-situation-illettrisme": "Personnes en situation d'illettrisme",
}
_CONDITIONS = {"locataires": "Il faut être locataire.", "proprietaires": "Il faut être propriétaire."}


def is_v0(row: Row) -> bool:
    """Whether a row is of the old version."""
    return not _ONLY_V0.isdisjoint(row)


def from_v0(row: Row, kind: str, places: Places) -> tuple[Row, tuple[Dropped, ...]]:
    """The row as v1 says it, with what v1 has no place for."""
    old = as_v1({name: _listed(name, value) for name, value in row.items()})
    reading = _Reading(old, places)
    values = reading.service() if kind == "service" else reading.structure()
    told = {name: old[name] for name in _SAME[kind] if name in old}
    reading.name_what_is_gone()
    return told | {name: value for name, value in values.items() if value}, tuple(reading.dropped)


def _listed(name: str, value: Any) -> Any:
    return list_of(value.strip()) if name in (*_LISTS, *_MODES) and isinstance(value, str) and value.strip() else value


@lru_cache(maxsize=1)
def _tables() -> Mapping[str, Mapping[str, Any]]:
    return cast(Mapping[str, Mapping[str, Any]], yaml.load(DATA.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))


class _Reading:
    """One row of v0, turned field by field."""

    def __init__(self, old: Row, places: Places) -> None:
        self._old = old
        self._places = places
        self.dropped: list[Dropped] = []

    def structure(self) -> Row:
        networks = [*self._mapped("labels_nationaux"), *self._mapped("typologie")]
        return {
            "id": self._global_id("id"),
            "nom": self._name(),
            "description": self._description(),
            "horaires_accueil": self._old.get("horaires_ouverture"),
            "accessibilite_lieu": self._old.get("accessibilite"),
            "reseaux_porteurs": list(dict.fromkeys(networks)),
        }

    def service(self) -> Row:
        link = next(
            (self._old[name] for name in ("prise_rdv", "formulaire_en_ligne", "page_web") if self._old.get(name)), None
        )
        free = self._mapped("frais")
        publics, precisions = self._publics()
        return {
            "id": self._global_id("id"),
            "structure_id": self._global_id("structure_id"),
            "nom": self._name(),
            "description": self._description(),
            "horaires_accueil": self._old.get("recurrence"),
            "type": next((value for value in _TYPES if value in self._mapped("types")), None),
            "thematiques": list(dict.fromkeys(self._thematiques())),
            "publics": publics,
            "publics_precisions": precisions,
            "frais": "payant" if "payant" in free else next(iter(free), None),
            "frais_precisions": self._old.get("frais_autres"),
            "conditions_acces": self._conditions(),
            "zone_eligibilite": self._zone(),
            "lien_mobilisation": link,
            "modes_mobilisation": self._modes(bool(link)),
            "mobilisable_par": [
                who for who, mode in zip(("usagers", "professionnels"), _MODES, strict=True) if self._words(mode)
            ],
            "mobilisation_precisions": self._joined(
                "modes_orientation_beneficiaire_autres", "modes_orientation_accompagnateur_autres"
            ),
        }

    def name_what_is_gone(self) -> None:
        for name, reason in _GONE.items():
            value = self._old.get(name)
            if value not in (None, False):
                self.dropped.append(Dropped(field=name, value=str(value), reason=reason))

    def _global_id(self, name: str) -> str | None:
        """v1 ids begin with their source; those of v0 were told apart by a column beside."""
        local, source = self._old.get(name), self._old.get("source")
        if not local or not source:
            return None
        return str(local) if str(local).startswith(f"{source}--") else f"{source}--{local}"

    def _name(self) -> str:
        return _cut(str(self._old.get("nom") or ""), _LONGEST_NAME)

    def _description(self) -> str:
        told = self._old.get("presentation_detail") or self._old.get("presentation_resume") or ""
        return _cut(str(told), _LONGEST_DESCRIPTION)

    def _words(self, name: str) -> list[str]:
        value = self._old.get(name)
        return [str(item) for item in value] if isinstance(value, list) else [str(value)] if value else []

    def _mapped(self, name: str) -> list[str]:
        found: list[str] = []
        for word in self._words(name):
            values = _tables()[name].get(word)
            if not values:
                self._drop(name, word, "v1 has no such value" if values is not None else "it is no value of v0")
                continue
            found += [values] if isinstance(values, str) else values
        return found

    def _thematiques(self) -> Iterator[str]:
        """An old leaf that v1 kept is written alike."""
        table = _tables()["thematiques"]
        for word in self._words("thematiques"):
            if word in table:
                yield from self._mapped_one("thematiques", word)
            elif word in _LEAVES:
                yield word
            else:
                self._drop("thematiques", word, "it is no value of v0")

    def _mapped_one(self, name: str, word: str) -> list[str]:
        values: list[str] = _tables()[name][word]
        if not values:
            self._drop(name, word, "v1 has no such value")
        return values

    def _publics(self) -> tuple[list[str] | None, str | None]:
        """The publics, and in words what they cannot say; a public that v1 lacks must not shut its people out."""
        words = self._words("profils")
        told = [_IN_WORDS[word] for word in words if word in _IN_WORDS]
        precisions = ". ".join(part for part in (self._old.get("profils_precisions"), ", ".join(told)) if part) or None
        known = [value for word in words for value in _tables()["profils"].get(word) or []]
        if "tous-publics" in known:
            return ["tous-publics"], precisions
        lost = [word for word in words if not _tables()["profils"].get(word) and word not in _CONDITIONS]
        for word in lost:
            self._drop("profils", word, "v1 has no such public: all publics of the row are told in words only")
        return (None if lost else list(dict.fromkeys(known))), precisions

    def _conditions(self) -> str | None:
        profiles = [_CONDITIONS[word] for word in self._words("profils") if word in _CONDITIONS]
        return "\n".join([*profiles, *self._words("pre_requis"), *self._words("justificatifs")]) or None

    def _zone(self) -> list[str] | None:
        kind, code = self._old.get("zone_diffusion_type"), self._old.get("zone_diffusion_code")
        if kind == "pays":
            return ["france"]
        if not code:
            return None
        if kind == "region":
            # "53" is a région here, and Mayenne without its kind beside.
            return list(self._places.departements_of(str(code))) or [str(code)]
        return [str(code)]

    def _modes(self, has_link: bool) -> list[str]:
        told = [word for mode in _MODES for word in self._words(mode)]
        found = {value for word in told for value in _tables()["modes_orientation"].get(word) or []}
        return sorted(found | {"utiliser-lien-mobilisation"} if has_link else found - {"utiliser-lien-mobilisation"})

    def _joined(self, *names: str) -> str | None:
        return " ".join(str(self._old[name]) for name in names if self._old.get(name)) or None

    def _drop(self, name: str, value: str, reason: str) -> None:
        self.dropped.append(Dropped(field=name, value=value, reason=reason))


#: The first of these that a row has is its one type: money and things before words.
_TYPES = ("aide-financiere", "aide-materielle", "formation", "atelier", "accompagnement", "information")
_LEAVES = frozenset(thematique.value for thematique in v1.Thematique)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
