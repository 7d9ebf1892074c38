"""The national cards, for anyone: what for, who, the way in, what to bring and the cost, in the reader's language."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from babel.dates import format_date
from fastapi import APIRouter, Response

from orientation_catalogue.catalogue import Catalogue
from passerelle.foundation.language import Languages
from passerelle.foundation.texts import SOURCE_LANGUAGE, Texts
from passerelle.portal.web_pages import Pages, route_class
from passerelle.screening.questions import Questionnaire

_NATIONAL = "nat-"

#: The parts of a card, in the order of the page; `cards.<part>` names each.
_PARTS = ("what_for", "who", "how", "bring", "cost")

Card = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """The cards of one domain of life."""

    #: Text key of its name.
    title: str
    cards: tuple[Card, ...]


class NationalCards:
    """The national cards of the catalogue in force."""

    def __init__(self, catalogue: Callable[[], Catalogue], questionnaire: Questionnaire) -> None:
        self._catalogue = catalogue
        self._questionnaire = questionnaire
        self._kept: tuple[str, tuple[Shelf, ...]] = ("", ())

    def shelves(self) -> Sequence[Shelf]:
        """Every card, domain by domain in the order of the questions; those no resident asks for come last."""
        catalogue = self._catalogue()
        if self._kept[0] != catalogue.sha256:
            self._kept = (catalogue.sha256, tuple(self._arrange(catalogue)))
        return self._kept[1]

    def card(self, card_id: str) -> Card | None:
        """One card, or nothing."""
        if not card_id.startswith(_NATIONAL):
            return None
        found: Card | None = self._catalogue().detail(card_id).get("card")
        return found

    def _arrange(self, catalogue: Catalogue) -> Iterator[Shelf]:
        ids = sorted(offer for offer in catalogue.offers if offer.startswith(_NATIONAL))
        cards = [card for offer in ids if (card := catalogue.detail(offer).get("card"))]
        by_title: dict[str, list[Card]] = {}
        for card in cards:
            by_title.setdefault(self._title(card), []).append(card)
        for title in sorted(by_title, key=lambda title: (title == _PROFESSIONALS, title)):
            yield Shelf(title=title, cards=tuple(by_title[title]))

    def _title(self, card: Card) -> str:
        known = self._questionnaire.thematiques
        domains = [known[need].domain for need in card["thematiques"] if need in known]
        if domains:
            return f"domain.{domains[0]}"
        # Without a need of its own: protecting somebody, or the work of professionals.
        return "domain.D14" if "U" in card["levels"] else _PROFESSIONALS


_PROFESSIONALS = "cards.professionals"


def cards_router(*, cards: NationalCards, languages: Languages, texts: Texts, pages: Pages) -> APIRouter:
    """The pages under /fiches; `langue` chooses the language."""
    router = APIRouter(tags=["everyone"], route_class=route_class(pages))

    def spoken_in(wanted: str) -> str:
        return wanted if wanted in languages and wanted in texts.languages else SOURCE_LANGUAGE

    def render(name: str, address: str, language: str, *, status: int = 200, **values: Any) -> Response:
        return pages.render(
            name,
            status=status,
            say=partial(texts.say, language=language),
            language=language,
            direction=languages[language].direction,
            address=address,
            offered=[languages[code] for code in languages.codes if code in texts.languages],
            **values,
        )

    @router.get("/fiches")
    async def every_card(langue: str = SOURCE_LANGUAGE) -> Response:
        return render("cards.html", "/fiches", spoken_in(langue), shelves=cards.shelves(), unknown=False)

    @router.get("/fiches/{card_id}")
    async def one_card(card_id: str, langue: str = SOURCE_LANGUAGE) -> Response:
        language, card = spoken_in(langue), cards.card(card_id)
        if card is None:
            return render("cards.html", "/fiches", language, status=404, shelves=cards.shelves(), unknown=True)
        checked = format_date(date.fromisoformat(str(card["checked_on"])), "long", locale=language)
        parts = [(part, _said(card[part], language)) for part in _PARTS if card.get(part)]
        return render("card.html", f"/fiches/{card['id']}", language, card=card, parts=parts, checked=checked)

    return router


def _said(text: Mapping[str, str], language: str) -> str:
    """A part of a card in the language, or in French when a local card lacks it."""
    return text.get(language) or text[SOURCE_LANGUAGE]
