"""The partner's form: what was observed, in two minutes, without JavaScript; nothing leaves before the person's yes."""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal, Protocol, cast

from babel import Locale
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from orientation_catalogue.territory.places import Places
from passerelle.channels.origins import Origins
from passerelle.channels.web_pages import Pages
from passerelle.channels.widget import MAX_BODY_BYTES, direction
from passerelle.conversation.observed import LONGEST_SENTENCE
from passerelle.conversation.observing import Observation
from passerelle.conversation.partners import LONGEST_ORGANISATION, ROLES
from passerelle.conversation.preview import DISCREET_NEEDS
from passerelle.foundation.clock import PARIS, Clock
from passerelle.foundation.errors import NotFound, PasserelleError
from passerelle.foundation.forms import WrongShape, only, read_form
from passerelle.foundation.phone import NotAPhoneNumber, e164
from passerelle.foundation.texts import SOURCE_LANGUAGE, Texts
from passerelle.safety.check import Safety
from passerelle.screening.menu import Menu

PATH = "/partenaire/observation"

#: Who may announce a discharge.
_HOSPITAL = "hospital"

#: A discharge is announced at most so long before, or just after.
_LONGEST_AHEAD, _LONGEST_BEHIND = timedelta(days=90), timedelta(days=7)

#: More places of one name than this are not listed: the postal code is asked for.
_MOST_PLACES = 30
_MOST_NEEDS = 6

_MOBILE = re.compile(r"\+33[67]|\+262(?:692|693|639)|\+590690|\+594694|\+596696")

_WORDS = {
    name: f"observe.{name}"
    for name in (
        "title", "intro", "danger", "you", "organisation", "code", "commune", "commune_hint", "needs",
        "deadline", "week", "month", "none", "words", "words_hint", "leaving", "leaving_hint", "phone", "language",
        "send", "again", "wrong", "done_title",
    )
}  # fmt: skip


class FormClosed(NotFound):
    """This form is not open here."""


class TakesObservations(Protocol):
    """Where an observation goes."""

    def record(self, observed: Observation) -> None:
        """Keep it, and have the person asked."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ObservationDoor:
    """What the form needs of the house."""

    observations: TakesObservations
    check: Callable[[str, str], Safety]
    #: The safety answer to a text that tells a danger, None for any other.
    danger_answer: Callable[[str], str | None]
    mask: Callable[[str, str], str]
    places: Places
    menu: Menu
    clock: Clock
    #: What partners were given to type; empty where none is asked (the demonstration).
    code: str
    open: bool = True


@dataclass(kw_only=True)
class _Filled:
    """The form as it was filled in, to show it again."""

    role: str = ""
    organisation: str = ""
    code: str = ""
    commune: str = ""
    #: The one chosen among places of the same name.
    place: str = ""
    needs: frozenset[str] = frozenset()
    deadline: str = ""
    words: str = ""
    leaving: str = ""
    phone: str = ""
    language: str = SOURCE_LANGUAGE
    #: Fields to correct, in the order of the page: `observe.error.<name>`.
    errors: list[str] = field(default_factory=list)
    #: Places of the name typed, when there are several: code and label.
    places: list[tuple[str, str]] = field(default_factory=list)


def observation_router(door: ObservationDoor, *, origins: Origins, texts: Texts, pages: Pages) -> APIRouter:
    """The routes of the partner's form."""
    router = APIRouter(prefix=PATH, tags=["partner code"])
    form = _Form(door, origins, texts, pages)
    router.get("")(form.show)
    router.post("")(form.send)
    return router


class _Form:
    def __init__(self, door: ObservationDoor, origins: Origins, texts: Texts, pages: Pages) -> None:
        self._door = door
        self._origins = origins
        self._texts = texts
        self._pages = pages

    async def show(self, lang: str = SOURCE_LANGUAGE) -> Response:
        """The empty form."""
        self._require_open()
        return self._page(self._known(lang), _Filled())

    async def send(self, request: Request) -> Response:
        """Answer a danger at once; say what must be corrected; else keep it and have the person asked."""
        self._require_open()
        self._origins.require_own_page(request)
        lang = SOURCE_LANGUAGE
        try:
            form = await read_form(request, limit=MAX_BODY_BYTES)
            lang = self._known(only(form, "lang", default=SOURCE_LANGUAGE))
            filled = _read(form)
        except PasserelleError as error:
            return self._page(lang, _Filled(errors=["form"]), status=error.status)
        if danger := self._door.danger_answer(filled.words):
            # Nothing is kept nor sent: the phone may be watched, and the partner acts now.
            filled.words = ""
            return self._page(lang, filled, danger=danger)
        observed = self._observation(filled)
        if observed is None:
            return self._page(lang, filled, status=422)
        try:
            await run_in_threadpool(self._door.observations.record, observed)
        except PasserelleError as error:
            filled.errors = ["later" if error.retry else "form"]
            return self._page(lang, filled, status=error.status)
        unkept = bool(filled.words) and not observed.words
        return self._pages.render(
            "observed.html",
            **self._frame(lang),
            done=self._say("observe.done", lang),
            unkept=self._say("observe.unkept", lang) if unkept else None,
        )

    def _observation(self, filled: _Filled) -> Observation | None:
        """The observation, or None with the errors noted."""
        errors = filled.errors
        if filled.role not in ROLES:
            errors.append("role")
        if not filled.organisation:
            errors.append("organisation")
        if self._door.code and not hmac.compare_digest(filled.code.encode(), self._door.code.encode()):
            errors.append("code")
        commune = self._commune(filled)
        if not filled.needs or len(filled.needs) > _MOST_NEEDS or not filled.needs <= self._needs:
            errors.append("needs")
        leaving_on = self._leaving_on(filled)
        phone = _mobile(filled.phone)
        if phone is None:
            errors.append("phone")
        if errors or phone is None or commune is None:
            return None
        safety = self._door.check(filled.words, SOURCE_LANGUAGE)
        return Observation(
            role=filled.role,
            organisation=filled.organisation,
            phone=phone,
            language=self._known(filled.language),
            commune=commune,
            needs=tuple(need for need in self._in_order if need in filled.needs),
            deadline=cast('Literal["week", "month"] | None', filled.deadline or None),
            # Of health nothing is kept, whoever writes it.
            words="" if safety.medical else self._door.mask(filled.words, SOURCE_LANGUAGE)[:LONGEST_SENTENCE],
            leaving_on=leaving_on,
        )

    def _commune(self, filled: _Filled) -> str | None:
        found = list(dict.fromkeys(match.code for match in self._door.places.find(filled.commune, answering=True)))
        if len(found) == 1:
            return found[0]
        if filled.place in found:
            return filled.place
        filled.errors.append("communes" if found else "commune")
        if len(found) <= _MOST_PLACES:
            places = [self._door.places.commune(code) for code in found]
            filled.places = [(place.code, f"{place.name} ({', '.join(place.postal_codes[:2])})") for place in places]
        return None

    def _leaving_on(self, filled: _Filled) -> date | None:
        if not filled.leaving:
            return None
        today = self._door.clock.now().astimezone(PARIS).date()
        try:
            day = date.fromisoformat(filled.leaving)
        except ValueError:
            filled.errors.append("leaving")
            return None
        if filled.role != _HOSPITAL or not today - _LONGEST_BEHIND <= day <= today + _LONGEST_AHEAD:
            filled.errors.append("leaving")
        return day

    @property
    def _in_order(self) -> tuple[str, ...]:
        needs = (need for entry in self._door.menu.entries for need in entry.needs)
        # What would put somebody in danger if read on their phone is told aloud, not reported here.
        return tuple(need for need in needs if need not in DISCREET_NEEDS)

    @property
    def _needs(self) -> frozenset[str]:
        return frozenset(self._in_order)

    def _page(self, lang: str, filled: _Filled, *, danger: str | None = None, status: int = 200) -> Response:
        say = self._say
        offered = self._needs
        return self._pages.render(
            "observe.html",
            status=status,
            **self._frame(lang),
            path=PATH,
            filled=filled,
            danger=danger,
            errors=[(error, say(f"observe.error.{error}", lang)) for error in filled.errors],
            roles=[(role, say(f"observe.role.{role}", lang)) for role in ROLES],
            groups=[
                (
                    self._texts.say(entry.text, language=lang),
                    [(n, self._texts.say(f"need.{n}", language=lang)) for n in entry.needs if n in offered],
                )
                for entry in self._door.menu.entries
            ],
            languages=[(code, _own_name(code)) for code in self._texts.languages],
            asks_code=bool(self._door.code),
            longest=LONGEST_SENTENCE,
            longest_organisation=LONGEST_ORGANISATION,
        )

    def _frame(self, lang: str) -> dict[str, Any]:
        words = {name: self._texts.say(key, language=lang) for name, key in _WORDS.items()}
        return {"words": words, "language": lang, "dir": direction(lang)}

    def _say(self, key: str, lang: str) -> str:
        return self._texts.say(key, language=lang)

    def _known(self, lang: str) -> str:
        return lang if lang in self._texts.languages else SOURCE_LANGUAGE

    def _require_open(self) -> None:
        if not self._door.open:
            raise FormClosed


def _read(form: dict[str, list[str]]) -> _Filled:
    def text(name: str, longest: int) -> str:
        return " ".join(only(form, name, default="").split())[:longest]

    deadline = text("deadline", 10)
    if deadline not in {"", "week", "month"}:
        raise WrongShape
    return _Filled(
        role=text("role", 20),
        organisation=text("organisation", LONGEST_ORGANISATION),
        code=text("code", 100),
        commune=text("commune", 80),
        place=text("place", 10),
        needs=frozenset(form.get("need", [])),
        deadline=deadline,
        words=text("words", LONGEST_SENTENCE),
        leaving=text("leaving", 10),
        phone=text("phone", 30),
        language=text("language", 5) or SOURCE_LANGUAGE,
    )


def _mobile(text: str) -> str | None:
    try:
        number = e164(text)
    except NotAPhoneNumber:
        return None
    return number if _MOBILE.match(number) else None


def _own_name(language: str) -> str:
    name = Locale.parse(language).get_display_name(language) or language
    return name[0].upper() + name[1:]
