"""The numbered menu, for when the bot did not understand or is down: plain categories, then needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from passerelle.foundation.errors import BadInput
from passerelle.foundation.texts import Form, Texts
from passerelle.screening.located import Block, read_data
from passerelle.screening.told import ToldNeed
from passerelle.screening.wording import need_label

MENU = Path(__file__).parent / "data" / "menu.yaml"

#: More lines than this are not read on a small phone.
MOST_LINES = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class MenuChoice:
    """One line of the first page, and the needs it may mean."""

    number: int
    needs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Menu:
    """Two pages at most: a category, then the need when the category has several."""

    version: str
    sha256: str
    choices: tuple[MenuChoice, ...]

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
            choices=tuple(_choice(path, block, number) for number, block in enumerate(listed, start=1)),
        )

    def page(self, path: Sequence[int] = ()) -> tuple[str, ...]:
        """Text keys of the lines of a page: () is the first, (2,) what follows choice 2; () when nothing does."""
        if not path:
            return tuple(f"menu.{choice.number}" for choice in self.choices)
        choice = self._choice(path[0])
        if choice is None or len(path) > 1 or len(choice.needs) == 1:
            return ()
        return tuple(f"need.{need}" for need in choice.needs)

    def needs(self, path: Sequence[int]) -> tuple[ToldNeed, ...]:
        """The need the numbers lead to, wanted since it was picked; () while another page must be shown."""
        choice = self._choice(path[0]) if path else None
        if choice is None:
            return ()
        if len(choice.needs) == 1:
            return (ToldNeed(thematique=choice.needs[0], wanted=True),)
        if len(path) == 2 and 1 <= path[1] <= len(choice.needs):
            return (ToldNeed(thematique=choice.needs[path[1] - 1], wanted=True),)
        return ()

    def _choice(self, number: int) -> MenuChoice | None:
        return next((choice for choice in self.choices if choice.number == number), None)


def menu_needs(menu: Menu, *path: int) -> tuple[ToldNeed, ...]:
    """The needs picked by one number or two: menu_needs(menu, 5), menu_needs(menu, 2, 1)."""
    return menu.needs(path)


def menu_labels(menu: Menu, path: Sequence[int], texts: Texts, language: str, form: Form) -> tuple[str, ...]:
    """The labels of a page, in order; their numbers start at 1."""
    return tuple(
        need_label(key.removeprefix("need."), texts, language, form)
        if key.startswith("need.")
        else texts.say(key, language=language, form=form)
        for key in menu.page(path)
    )


def menu_body(menu: Menu, path: Sequence[int], texts: Texts, language: str, form: Form) -> str:
    """A page as one message: its title and its numbered lines."""
    title = texts.say("menu.follow" if path else "menu.title", language=language, form=form)
    labels = menu_labels(menu, path, texts, language, form)
    return "\n".join([title, *(f"{number} {label}" for number, label in enumerate(labels, start=1))])


def _choice(path: Path, block: object, number: int) -> MenuChoice:
    if not isinstance(block, Block):
        raise BadInput(place=str(path), reason=f"choice {number} is not a block")
    needs = block.get("needs", [block["need"]] if "need" in block else [])
    if block.get("number") != number or not isinstance(needs, list) or not 1 <= len(needs) <= MOST_LINES:
        raise BadInput(
            place=f"{path}, line {block.line}",
            reason=f"the choices are numbered in order (here {number}) and lead to 1 to {MOST_LINES} needs",
        )
    return MenuChoice(number=number, needs=tuple(str(need) for need in needs))
