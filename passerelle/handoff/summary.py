"""The summary: exactly what the recipient will read, shown to the person first, each item removable.

At most 14 items (reference/handoff.md §3.3). Never: raw chat, health, papers, other people's names, a score.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

#: Renders one item's value in a language: `say(key, **values)` bound to the language.
Say = Callable[..., str]


@dataclass(frozen=True, kw_only=True, slots=True)
class SummaryItem:
    """One line of the summary."""

    #: Field name, e.g. `first_name`, `needs`.
    field: str
    #: What the recipient reads (French).
    french: str
    #: The same in the person's language.
    own: str
    #: The level and its reason always go with a request: without them nobody knows why it was sent.
    removable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """The lines to be sent, in order."""

    items: tuple[SummaryItem, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields in the summary."""
        return tuple(item.field for item in self.items)

    def without(self, fields: Sequence[str]) -> "Summary":
        """The same summary without the removable items of those names."""
        out = set(fields)
        return Summary(items=tuple(item for item in self.items if item.field not in out or not item.removable))

    def to_json(self) -> str:
        """For the request's sealed copy: field and French words only."""
        return json.dumps([[item.field, item.french] for item in self.items], ensure_ascii=False)


def read_summary(text: str) -> tuple[tuple[str, str], ...]:
    """Field and French words of a summary kept with `to_json`."""
    return tuple((field, french) for field, french in json.loads(text))


def build_summary(values: Mapping[str, tuple[str, str]], *, always: Sequence[str] = ("level",)) -> Summary:
    """Make a summary of (French, own language) values; empty ones are left out."""
    return Summary(
        items=tuple(
            SummaryItem(field=field, french=french, own=own, removable=field not in always)
            for field, (french, own) in values.items()
            if french.strip()
        )
    )
