"""From the rows of a source to what matching reads of them."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from data_inclusion.schema import v1

from orientation_catalogue.model import Complement, Offer
from orientation_catalogue.territory.places import Commune, Places

Row = dict[str, Any]


def offer_of_service(service: Row, structure: Row, complement: Complement, places: Places) -> Offer:
    """What matching reads of a service, taking from its structure what it does not say itself."""
    modes = service.get("modes_accueil")
    place = service if service.get("code_insee") or service.get("latitude") is not None else structure
    code = place.get("code_insee") or structure.get("code_insee")
    commune = places.commune(code) if code else None
    shown = not complement.confidential_address
    networks = frozenset(structure.get("reseaux_porteurs") or ())
    zone = service.get("zone_eligibilite")
    point = _point(service, structure, commune)
    return Offer(
        id=service["id"],
        name={"fr": service["nom"]},
        national=False,
        thematiques=tuple(service.get("thematiques") or ()),
        publics=_set(service.get("publics")),
        zone=None if zone is None and not complement.regions else _zone(zone or (), complement, places),
        mobilised_by=_set(service.get("mobilisable_par")),
        remote="a-distance" in (modes or ()),
        on_site=modes is None or "en-presentiel" in modes,
        commune=commune.code if commune and shown else None,
        departement=commune.departement if commune else None,
        latitude=point.latitude if shown else None,
        longitude=point.longitude if shown else None,
        free={"gratuit": True, "payant": False}.get(service.get("frais") or ""),
        hours=service.get("horaires_accueil") or structure.get("horaires_accueil"),
        network=min(networks) if networks else structure["id"],
        networks=networks,
        updated_on=datetime.date.fromisoformat(str(service["date_maj"])[:10]),
        source=service["source"],
        quality=quality_of(service),
        point_of_commune=shown and point.of_commune,
        complement=complement,
    )


def offer_of_card(card: Row) -> Offer:
    """What matching reads of a national card; raises ValueError or KeyError when a field is missing or bad."""
    age = card.get("age") or {}
    complement = Complement.of(
        {
            "min_age": age.get("min"),
            "max_age": age.get("max"),
            "rank": card["rank"],
            "levels": card.get("levels") or [],
            "card": card.get("card"),
            "documents": card.get("bring"),
            "checked_on": card.get("checked_on"),
        }
    )
    thematiques = tuple(dict.fromkeys(v1.Thematique(value).value for value in card.get("thematiques") or ()))
    publics = card.get("publics")
    network = card.get("reseau_porteur")
    return Offer(
        id=str(card["id"]),
        name={str(language): str(name) for language, name in card["name"].items()},
        national=True,
        thematiques=thematiques,
        publics=_set([v1.Public(value).value for value in publics] if publics else None),
        zone=frozenset({"france"}),
        mobilised_by=_set(card.get("entry")),
        remote=bool(card.get("phone")),
        on_site=True,
        commune=None,
        departement=None,
        latitude=None,
        longitude=None,
        free=None,
        hours=None,
        network=str(network or card["id"]),
        networks=frozenset({str(network)} if network else ()),
        updated_on=complement.checked_on,
        complement=complement,
    )


def quality_of(service: Row) -> float:
    """How complete a row is, 0 to 1: the score_qualite it came with, else data·inclusion's own criteria.

    Their criterion of date is left out: freshness is counted apart, on the day of the question.
    """
    given = service.get("score_qualite")
    if given is not None and 0 <= float(given) <= 1:
        return float(given)
    met = [value for value in _criteria(service) if value is not None]
    return round(sum(met) / len(met), 2)


def _criteria(service: Row) -> Iterator[float | None]:
    modes = service.get("modes_mobilisation") or ()
    in_person = "en-presentiel" in (service.get("modes_accueil") or ()) or "se-presenter" in modes
    yield float(bool(service.get("adresse"))) if in_person else None
    yield (bool(modes) + bool(service.get("mobilisable_par"))) / 2
    yield float(bool(service.get("publics")))
    yield float(bool(service.get("thematiques")))
    yield float(any(service.get(name) for name in ("courriel", "lien_mobilisation", "telephone")))
    yield float(bool(service.get("courriel"))) if "envoyer-un-courriel" in modes else None
    yield float(bool(service.get("telephone"))) if "telephoner" in modes else None
    yield {"gratuit": 1.0, "payant": 1.0 if service.get("frais_precisions") else 0.5}.get(service.get("frais") or "", 0)
    length = len(service.get("description") or "")
    yield 0.0 if length < 50 else 1.0 if 200 <= length < 2000 else 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class _Point:
    """Where to go; `of_commune` when it is only the centre of the commune."""

    latitude: float | None
    longitude: float | None
    of_commune: bool = False


def _point(service: Row, structure: Row, commune: Commune | None) -> _Point:
    """The point of the service, else of its structure when they stand in the same commune, else of the commune."""
    same = service.get("code_insee") in {None, structure.get("code_insee")}
    for row in (service, structure) if same else (service,):
        if row.get("latitude") is not None:
            return _Point(latitude=float(row["latitude"]), longitude=float(row["longitude"]))
    if commune is None or commune.latitude is None:
        return _Point(latitude=None, longitude=None)
    return _Point(latitude=commune.latitude, longitude=commune.longitude, of_commune=True)


def _zone(zone: Sequence[str], complement: Complement, places: Places) -> frozenset[str]:
    """The zone in codes of today: merged communes renamed, régions expanded into départements."""
    today = {places.code_of_today(code) if _is_commune(code, places) else code for code in zone}
    return frozenset(today | {d for region in complement.regions for d in places.departements_of(region)})


def _is_commune(code: str, places: Places) -> bool:
    return len(code) == 5 and not code.startswith("99") and places.knows_zone(code)


def _set(values: Sequence[str] | None) -> frozenset[str] | None:
    return frozenset(values) if values else None
