"""The list of dispositifs handed to a person: on paper in their language, or as contacts for their telephone."""

import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from babel import Locale
from babel.dates import format_date

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.export.published import Publication, Published
from orientation_catalogue.formulas import escaped
from orientation_catalogue.model import Offer
from passerelle.foundation.phone import spoken
from passerelle.foundation.texts import Texts

TEMPLATE = Path(__file__).parent / "pages" / "handout.typ"

#: More places at once are no help to anybody.
MOST = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One dispositif, as the person reads it; an empty field is not shown."""

    name: str
    #: What it does, in a few words.
    said: str
    phone: str
    #: Street, postal code and town; empty when the address is secret.
    street: str
    postal_code: str
    town: str
    #: How to go about it when there is neither number nor address.
    how: str
    bring: str
    link: str

    @property
    def address(self) -> str:
        """The address in one line."""
        return ", ".join(filter(None, (self.street, f"{self.postal_code} {self.town}".strip())))


@dataclass(frozen=True, kw_only=True, slots=True)
class Handout:
    """The places chosen, in one language."""

    places: tuple[Place, ...]
    language: str
    day: date
    texts: Texts

    @classmethod
    def of(cls, ids: Iterable[str], *, catalogue: Catalogue, language: str, day: date, texts: Texts) -> "Handout":
        """The dispositifs of these ids that the catalogue knows, in the order given."""
        publication = Publication.of(catalogue)
        known = [catalogue.offers[one] for one in dict.fromkeys(ids) if one in catalogue.offers][:MOST]
        places = tuple(_place(offer, catalogue, publication, language) for offer in known)
        return cls(places=places, language=language, day=day, texts=texts)

    def pdf(self) -> bytes:
        """The list on A4 paper."""
        # Loaded when a list is asked for: it takes memory that most days do not need.
        import typst

        given = {
            "title": self._say("handout.title"),
            "day": format_date(self.day, "long", locale=self.language),
            "foot": self._say("handout.foot"),
            "language": self.language,
            "rtl": Locale.parse(self.language).character_order == "right-to-left",
            "places": [
                {"name": _directed(place.name), "said": _directed(place.said), "lines": list(self._lines(place))}
                for place in self.places
            ],
        }
        written: bytes = typst.compile(
            TEMPLATE, format="pdf", sys_inputs={"given": json.dumps(given)}, ignore_system_fonts=True
        )
        return written

    def _lines(self, place: Place) -> Iterator[tuple[str, tuple[str, bool]]]:
        for key, value in (
            ("handout.phone", spoken(place.phone)),
            ("handout.address", place.address),
            ("handout.how", place.how),
            ("handout.bring", place.bring),
            ("handout.link", place.link),
        ):
            if value:
                yield self._say(key), _directed(value)

    def vcards(self) -> str:
        """The contacts, for a telephone (vCard 4.0, RFC 6350)."""
        return "".join(_vcard(place) for place in self.places)

    def table(self) -> str:
        """The list as CSV."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([self._say(f"handout.{key}") for key in ("name", "phone", "address", "how", "bring", "link")])
        for place in self.places:
            cells = (place.name, spoken(place.phone), place.address, place.how, place.bring, place.link)
            writer.writerow([escaped(cell) for cell in cells])
        return "\ufeff" + out.getvalue()

    def _say(self, key: str) -> str:
        return self.texts.say(key, language=self.language)


def _directed(text: str) -> tuple[str, bool]:
    """The text, and whether it is read from right to left: French in an Arabic list keeps its full stop at its end."""
    return text, any(unicodedata.bidirectional(sign) in {"R", "AL"} for sign in text)


def _place(offer: Offer, catalogue: Catalogue, publication: Publication, language: str) -> Place:
    published = publication.service(offer.id)
    if published is None:
        return _national(offer, catalogue, language)
    return _local(offer, published, language)


def _national(offer: Offer, catalogue: Catalogue, language: str) -> Place:
    card = catalogue.detail(offer.id)["card"]

    def said(field: str) -> str:
        texts = card.get(field) or {}
        return str(texts.get(language) or texts.get("fr") or "")

    return Place(
        name=said("name"), said=said("card"), phone=str(card.get("phone") or ""), street="", postal_code="", town="",
        how=said("how"), bring=said("bring"), link=str(card.get("link") or ""),
    )  # fmt: skip


def _local(offer: Offer, published: Published, language: str) -> Place:
    service, structure = published.service, published.structure
    where = service if service.get("adresse") or service.get("code_insee") else structure
    complement = offer.complement
    phone = str(service.get("telephone") or structure.get("telephone") or "")
    address = str(where.get("adresse") or "")
    return Place(
        name=offer.name.get(language) or offer.name["fr"],
        said=complement.card.get(language) or complement.card.get("fr") or "",
        phone=phone,
        street=address,
        postal_code=str(where.get("code_postal") or ""),
        town=str(where.get("commune") or ""),
        how="" if phone or address else str(service.get("courriel") or structure.get("courriel") or ""),
        bring=complement.documents.get(language) or complement.documents.get("fr") or "",
        link=str(service.get("lien_mobilisation") or structure.get("site_web") or ""),
    )


def _vcard(place: Place) -> str:
    lines = ["BEGIN:VCARD", "VERSION:4.0", "KIND:org", f"FN:{_vtext(place.name)}", f"ORG:{_vtext(place.name)}"]
    if place.phone:
        lines.append(f"TEL;VALUE=text:{_vtext(place.phone)}")
    if place.address:
        lines.append(f"ADR:;;{_vtext(place.street)};{_vtext(place.town)};;{_vtext(place.postal_code)};France")
    if place.link:
        lines.append(f"URL:{place.link}")
    if place.said:
        lines.append(f"NOTE:{_vtext(place.said)}")
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCARD"] for folded in _folded(line))


def _vtext(text: str) -> str:
    escaped_text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return " ".join(escaped_text.splitlines())


def _folded(line: str) -> Iterator[str]:
    """A line of more than 75 bytes goes on in the next, after a space (RFC 6350, 3.2)."""
    start = ""
    for sign in line:
        if len((start + sign).encode()) > 74:
            yield start
            start = " "
        start += sign
    yield start
