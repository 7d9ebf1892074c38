"""The words people read: gettext catalogues, one PO file per room and language, French included."""

import gettext
import string
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Literal, Self

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from passerelle.foundation.errors import PasserelleError

Form = Literal["web", "sms"]

#: Every text exists in French; another language that lacks one falls back to it (a test forbids that it happens).
SOURCE_LANGUAGE = "fr"


class MissingText(PasserelleError):
    """No text is called "{key}"."""


class Texts:
    """All texts of all languages, found by key."""

    def __init__(self, catalogues: Mapping[str, gettext.GNUTranslations]) -> None:
        self._catalogues = catalogues

    @classmethod
    def load(cls, locale: Path) -> Self:
        """Read `<locale>/<language>/*.po`; the same key in two rooms of one language is an error."""
        return cls({folder.name: _read_language(folder) for folder in sorted(locale.iterdir()) if folder.is_dir()})

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have texts, as their two-letter codes."""
        return tuple(self._catalogues)

    def has(self, key: str, language: str) -> bool:
        """Whether the language itself has this text, without falling back."""
        return _lookup(self._catalogues[language], key, "web") is not None

    def say(self, key: str, /, *, language: str, form: Form = "web", **values: object) -> str:
        """Return the text in the language and form, its placeholders filled.

        Raises MissingText when not even French has it.
        """
        for tried in (language, SOURCE_LANGUAGE):
            if tried in self._catalogues:
                found = _lookup(self._catalogues[tried], key, form)
                if found is not None:
                    return found.format_map({name: str(value) for name, value in values.items()})
        raise MissingText(key=key)


def placeholders(text: str) -> frozenset[str]:
    """The names between braces in a text."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


def _lookup(catalogue: gettext.GNUTranslations, key: str, form: Form) -> str | None:
    if form == "sms":
        short = catalogue.pgettext("sms", key)
        if short != key:
            return short
    text = catalogue.gettext(key)
    return None if text == key else text


def _read_language(folder: Path) -> gettext.GNUTranslations:
    merged: gettext.GNUTranslations | None = None
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.po")):
        for key in _keys(path):
            if key in seen:
                raise MissingText(key=f"{key} (written twice: {seen[key]} and {path.name})")
            seen[key] = path.name
        compiled = BytesIO()
        with path.open("rb") as source:
            write_mo(compiled, read_po(source))
        compiled.seek(0)
        room = gettext.GNUTranslations(compiled)
        if merged is None:
            merged = room
        else:
            merged._catalog.update(room._catalog)  # type: ignore[attr-defined]
    if merged is None:
        raise MissingText(key=f"{folder.name}/*.po")
    return merged


def _keys(path: Path) -> Iterator[str]:
    with path.open("rb") as source:
        for message in read_po(source):
            if message.id:
                yield f"{message.context or ''}|{message.id}"
