"""The shared note as Markdown, to file or to paste elsewhere."""

import re
from collections.abc import Callable, Iterable, Iterator

from passerelle.portal.collective import LEVEL, CollectiveNote

Say = Callable[..., str]

#: What Markdown or HTML would read as an order.
_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|!~])")


def note_as_markdown(note: CollectiveNote, say: Say) -> str:
    """The note, section by section; an empty section says so."""
    lines = [
        f"# {say('team.note.title')}",
        "",
        say("team.note.where", territory=_plain(note.territory), day=note.spoken_day),
    ]
    lines += ["", f"{say('team.note.level', level=LEVEL)} {say('team.note.nobody')}"]
    for title, items in _sections(note, say):
        lines += ["", f"## {say(title)}", ""]
        lines += [f"- {item}" for item in items] or [say("team.note.nothing")]
    return "\n".join(lines) + "\n"


def _sections(note: CollectiveNote, say: Say) -> Iterator[tuple[str, Iterable[str]]]:
    yield "team.domains", [f"{say(f'domain.{domain}')} : {say(f'graphique.weight.{n}')}" for domain, n in note.domains]
    yield "team.factors", [*(say(f"team.factor.{code}") for code in note.factors), *map(_plain, note.other_factors)]
    yield (
        "team.strengths",
        [*(say(f"team.strength.{code}") for code in note.strengths), *map(_plain, note.other_strengths)],
    )
    yield (
        "team.levels",
        [
            *(f"{code} : {say(f'team.level.{code}')}" for code in note.levels),
            *(say(f"team.echelon.{code}") for code in note.echelons),
        ],
    )
    yield "team.decisions", [f"[ ] {_plain(what)} ({say(f'team.delay.{delay}')})" for what, delay in note.decisions]
    named = [
        f"{_plain(one.name)} : {_plain(one.contact)} ({say(f'team.asked_by.{one.asked_by}')})" for one in note.resources
    ]
    yield "team.resources", [*named, *map(_plain, note.other_resources)]


def _plain(text: str) -> str:
    return _SIGNS.sub(r"\\\1", text)
