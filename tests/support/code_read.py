"""Reading our own code and texts, for the tests about the codebase."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from passerelle.foundation.config import ROOT

PACKAGES = ("passerelle", "actions", "orientation_catalogue")
LOCALE = ROOT / "locale"

_SAYING = frozenset({"say", "words", "_say"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """One text of one language, as its PO file holds it."""

    language: str
    room: str
    key: str
    #: "sms" or nothing.
    form: str
    text: str
    #: Most SMS parts it may take, or None when it never leaves by SMS.
    parts: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SaidKey:
    """A text key used in the code; a pattern when part of it is only known at work."""

    place: str
    pattern: str

    def matches(self, key: str) -> bool:
        """Whether the code may mean this key."""
        return re.fullmatch(self.pattern, key) is not None


@cache
def texts() -> tuple[Text, ...]:
    """Every text of every language and room."""
    return tuple(
        Text(
            language=path.parent.name,
            room=path.stem,
            key=str(message.id),
            form=message.context or "",
            text=str(message.string),
            parts=_parts(message),
        )
        for path in sorted(LOCALE.glob("*/*.po"))
        for message in read_po(path.open("rb"))
        if message.id
    )


@cache
def languages() -> tuple[str, ...]:
    """The languages that have texts."""
    return tuple(sorted({text.language for text in texts()}))


def _parts(message: Message) -> int | None:
    found = re.search(r"\bsms:\s*(\d+)", " ".join(message.auto_comments))
    return int(found[1]) if found else None


@cache
def modules() -> tuple[tuple[Path, ast.Module], ...]:
    """Every module of ours, parsed."""
    return tuple(
        (path, ast.parse(path.read_text(encoding="utf-8")))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    )


@cache
def said_keys() -> tuple[SaidKey, ...]:
    """The keys handed to `say` and `words`, wherever they are written in the call itself."""
    return tuple(
        SaidKey(place=f"{path.relative_to(ROOT)}:{call.lineno}", pattern=pattern)
        for path, module in modules()
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and _name(call.func) in _SAYING and call.args
        for pattern in _patterns(call.args[0])
    )


@cache
def written_patterns() -> tuple[str, ...]:
    """Every string of the code, f-strings as patterns: the places a key may come from."""
    return tuple(
        {
            pattern
            for _, module in modules()
            for node in ast.walk(module)
            if isinstance(node, ast.Constant | ast.JoinedStr)
            for pattern in _patterns(node)
            # A pattern without a word of its own would mean every key.
            if re.search(r"[a-z]{2}", pattern.replace(r"[\w:.-]+", ""))
        }
    )


@cache
def page_keys() -> tuple[SaidKey, ...]:
    """The keys said in the pages; `say("prefix." ~ value)` means every key of the prefix."""
    return tuple(
        SaidKey(place=str(path.relative_to(ROOT)), pattern=re.escape(found[1]) + (r"[\w.]+" if found[2] else ""))
        for path in sorted((ROOT / "passerelle").rglob("*.html"))
        for found in re.finditer(
            r"""(?:\bsay\(|\belse)\s*["'](\w+\.[\w.]*)["']\s*(~)?""", path.read_text(encoding="utf-8")
        )
    )


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _patterns(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _patterns(node.body)
        yield from _patterns(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield re.escape(node.value)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w:.-]+" for part in node.values
        )
