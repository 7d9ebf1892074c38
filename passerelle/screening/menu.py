"""The numbered menu, for when the bot did not understand or is down: plain categories, then needs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from passerelle.foundation.errors import BadInput
from passerelle.foundation.texts import Form, Texts
from passerelle.screening.located import Block, read_data
from passerelle.screening.told import ToldNeed

MENU = Path(__file__).parent / "data" / "menu.yaml"

#: Key of the pending question while the menu is shown.
MENU_KEY = "menu"

#: More lines than this are not read on a small phone.
MOST_LINES = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class MenuEntry:
    """One numbered line of a page."""

    number: int
    #: "2" on the first page, "2.1" on the second.
    code: str
    #: Key of its text: "menu.2", or "need.<thematique>".
    text: str
    #: The needs it may mean; several open a second page.
    needs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Menu:
    """Two pages at most: a category, then the need when the category has several."""

    version: str
    sha256: str
    #: The first page.
    entries: tuple[MenuEntry, ...]

    @classmethod
    def load(cls, path: Path = MENU) -> Self:
        """Read the menu; a mistake is refused with its line."""
        file = read_data(path)
        listed = file.content.get("choices")
        if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_LINES:
            raise BadInput(place=str(path), reason=f'"choices" holds 1 to {MOST_LINES} lines')
        return cls(
            version=str(file.content.get("version")),
            sha256=file.sha256,
            entries=tuple(_entry(path, block, number) for number, block in enumerate(listed, start=1)),
        )

    def under(self, code: str) -> tuple[MenuEntry, ...]:
        """The second page an entry opens; () when it gives its need at once, or is unknown."""
        entry = self._first_page(code)
        if entry is None or len(entry.needs) == 1:
            return ()
        return tuple(
            MenuEntry(number=number, code=f"{code}.{number}", text=f"need.{need}", needs=(need,))
            for number, need in enumerate(entry.needs, start=1)
        )

    def needs(self, code: str) -> tuple[ToldNeed, ...]:
        """The need picked, wanted since it was picked; () while a second page must be shown, or when unknown."""
        page = self.under(code.partition(".")[0]) if "." in code else self.entries
        for entry in page:
            if entry.code == code and len(entry.needs) == 1:
                return (ToldNeed(thematique=entry.needs[0], wanted=True),)
        return ()

    def _first_page(self, code: str) -> MenuEntry | None:
        return next((entry for entry in self.entries if entry.code == code), None)


def menu_body(menu: Menu, code: str | None, texts: Texts, language: str, form: Form) -> str:
    """A page as one message, its question and its numbered lines; the first page when there is no code."""
    page = menu.entries if code is None else menu.under(code)
    question = texts.say("menu.ask" if code is None else "menu.ask_more", language=language, form=form)
    lines = [f"{entry.number} {texts.say(entry.text, language=language, form=form)}" for entry in page]
    return "\n".join([question, *lines])


def _entry(path: Path, block: object, number: int) -> MenuEntry:
    if not isinstance(block, Block):
        raise BadInput(place=str(path), reason=f"choice {number} is not a block")
    needs = block.get("needs", [block["need"]] if "need" in block else [])
    if block.get("number") != number or not isinstance(needs, list) or not 1 <= len(needs) <= MOST_LINES:
        raise BadInput(
            place=f"{path}, line {block.line}",
            reason=f"the choices are numbered in order (here {number}) and lead to 1 to {MOST_LINES} needs",
        )
    return MenuEntry(number=number, code=str(number), text=f"menu.{number}", needs=tuple(str(need) for need in needs))
