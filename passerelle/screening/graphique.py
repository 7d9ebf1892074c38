"""The graphique de gradation: needs, their weight, the level and the rules that led to it, drawn on the server.

Readable in grey print and on a narrow phone: help wanted is told by a pattern and by words, never by colour alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from xml.sax.saxutils import quoteattr

from passerelle.foundation.texts import Texts
from passerelle.screening.rules import SCORED_LEVELS, Decision
from passerelle.screening.situation import Need, Situation

#: Width of the drawing, in its own units: a 320 px phone shows it at full size.
WIDTH = 320
_MARGIN = 12
_INNER = WIDTH - 2 * _MARGIN
#: Characters of 12-unit sans-serif text that surely fit the inner width.
_LINE = 44
_MOST_RULES = 3
_RIGHT_TO_LEFT = frozenset({"ar"})

_BAR = 60
_INK = "#1b1b1b"
_SOFT = "#5a5a5a"
_PAPER = "#ffffff"
_FRAME = "#b5b5b5"
_PATTERNS = {"yes": _INK, "later": "url(#later)", "no": _PAPER, "unknown": "url(#unknown)"}


@dataclass(frozen=True, kw_only=True, slots=True)
class GraphiqueRow:
    """One line of the table that says the same as the drawing."""

    domain: str
    need: str
    weight: str
    wanted: str
    #: Days left, or an empty text.
    deadline: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GraphiqueTable:
    """The table beside the drawing: its headings, one row per need, then the level and why."""

    columns: tuple[str, str, str, str, str]
    rows: tuple[GraphiqueRow, ...]
    level: str
    reasons: tuple[str, ...]


def graphique_table(situation: Situation, decision: Decision, texts: Texts, language: str) -> GraphiqueTable:
    """What the drawing shows, in words, for an HTML table."""

    def say(key: str, **values: object) -> str:
        return texts.say(key, language=language, form="web", **values)

    return GraphiqueTable(
        columns=(
            say("graphique.column.domain"),
            say("graphique.column.need"),
            say("graphique.column.weight"),
            say("graphique.column.wanted"),
            say("graphique.column.deadline"),
        ),
        rows=tuple(
            GraphiqueRow(
                domain=say(f"domain.{need.domain}") if need.domain else "",
                need=say(f"need.{need.thematique}"),
                weight=say(f"graphique.weight.{need.weight}"),
                wanted=say(f"graphique.wanted.{_wish(need)}"),
                deadline="" if need.days_left is None else str(need.days_left),
            )
            for need in _shown_needs(situation)
        ),
        level=say(
            "graphique.summary",
            level=decision.level,
            level_name=say(f"level.{decision.level}"),
            sentence=say(decision.sentence_key),
        ),
        reasons=tuple(f"{rule} : {say(f'rule.{rule}')}" for rule in _leading_rules(decision)),
    )


def draw_graphique(situation: Situation, decision: Decision, texts: Texts, language: str) -> str:
    """The drawing as one standalone SVG."""
    return _Drawing(situation, decision, texts, language).svg()


class _Drawing:
    """Adds parts from top to bottom, then closes the frame at the height reached."""

    def __init__(self, situation: Situation, decision: Decision, texts: Texts, language: str) -> None:
        self._situation = situation
        self._decision = decision
        self._texts = texts
        self._language = language
        self._y = _MARGIN
        self._parts: list[str] = []

    def svg(self) -> str:
        self._needs()
        self._scale()
        self._reasons()
        table = graphique_table(self._situation, self._decision, self._texts, self._language)
        described = [table.level, *(_row_in_words(row) for row in table.rows), *table.reasons]
        direction = "rtl" if self._language in _RIGHT_TO_LEFT else "ltr"
        return "".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" role="img" lang={quoteattr(self._language)} ',
                f'aria-labelledby="graphique-title graphique-desc" viewBox="0 0 {WIDTH} {self._y + _MARGIN}" ',
                f'width="100%" direction="{direction}" ',
                'font-family="system-ui, sans-serif" font-size="12">',
                f'<title id="graphique-title">{escape(self._say("graphique.title"))}</title>',
                f'<desc id="graphique-desc">{escape(" ".join(described))}</desc>',
                _DEFINITIONS,
                f'<rect width="{WIDTH}" height="{self._y + _MARGIN}" fill="{_PAPER}"/>',
                *self._parts,
                "</svg>",
            ]
        )

    def _needs(self) -> None:
        self._heading("graphique.needs")
        needs = list(_shown_needs(self._situation))
        if not needs:
            self._text(self._say("graphique.no_needs"), colour=_SOFT)
        domain = None
        for need in needs:
            if need.domain and need.domain != domain:
                self._text(self._say(f"domain.{need.domain}"), colour=_SOFT, size=11)
            domain = need.domain
            self._need(need)

    def _need(self, need: Need) -> None:
        self._text(self._say(f"need.{need.thematique}"), bold=True)
        self._y += 2
        fill = _PATTERNS[_wish(need)]
        for step in range(3):
            reached = step < need.weight
            self._rect(_MARGIN + step * _BAR, _BAR - 3, fill=fill if reached else _PAPER, thick=reached)
        words = [self._say(f"graphique.weight.{need.weight}"), self._say(f"graphique.wanted.{_wish(need)}")]
        if need.days_left is not None:
            words.append(self._say("graphique.deadline", days=need.days_left))
        self._y += 16
        self._text(", ".join(words), size=11)
        self._y += 4

    def _scale(self) -> None:
        self._heading("graphique.scale")
        level = self._decision.level
        steps = [*SCORED_LEVELS] if level in SCORED_LEVELS else [level, *SCORED_LEVELS]
        width = _INNER / len(steps)
        for position, step in enumerate(steps):
            here = step == level
            x = _MARGIN + position * width
            if self._language in _RIGHT_TO_LEFT:
                x = WIDTH - x - width
            self._parts.append(
                f'<rect x="{x:.1f}" y="{self._y}" width="{width - 4:.1f}" height="26" rx="4" '
                f'fill="{_INK if here else _PAPER}" stroke="{_INK if here else _FRAME}"/>'
                f'<text x="{x + width / 2 - 2:.1f}" y="{self._y + 17}" text-anchor="middle" '
                f'font-weight="{700 if here else 400}" fill="{_PAPER if here else _SOFT}">{step}</text>'
            )
        self._y += 30
        self._text(f"{level} : {self._say(f'level.{level}')}", bold=True)
        self._text(self._say(self._decision.sentence_key))
        self._y += 4

    def _reasons(self) -> None:
        self._heading("graphique.rules")
        for rule in _leading_rules(self._decision):
            self._text(f"{rule} : {self._say(f'rule.{rule}')}")
        self._text(self._say("graphique.version", ruleset=self._decision.ruleset), colour=_SOFT, size=11)

    def _heading(self, key: str) -> None:
        self._y += 6
        self._text(self._say(key), bold=True, size=14)
        self._y += 2
        self._parts.append(f'<path d="M{_MARGIN} {self._y}h{_INNER}" stroke="{_FRAME}"/>')
        self._y += 4

    def _text(self, words: str, *, bold: bool = False, colour: str = _INK, size: int = 12) -> None:
        weight = ' font-weight="700"' if bold else ""
        for line in wrap(words, _LINE * 12 // size):
            self._y += size + 3
            anchor = WIDTH - _MARGIN if self._language in _RIGHT_TO_LEFT else _MARGIN
            self._parts.append(
                f'<text x="{anchor}" y="{self._y}" font-size="{size}"{weight} fill="{colour}">{escape(line)}</text>'
            )
        self._y += 3

    def _rect(self, x: int, width: int, *, fill: str, thick: bool) -> None:
        if self._language in _RIGHT_TO_LEFT:
            x = WIDTH - x - width
        self._parts.append(
            f'<rect x="{x}" y="{self._y}" width="{width}" height="12" rx="2" fill="{fill}" '
            f'stroke="{_INK if thick else _FRAME}"/>'
        )

    def _say(self, key: str, **values: object) -> str:
        return self._texts.say(key, language=self._language, form="web", **values)


_DEFINITIONS = (
    "<defs>"
    '<pattern id="later" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="6" height="6" fill="{_PAPER}"/><rect width="3" height="6" fill="{_INK}"/></pattern>'
    '<pattern id="unknown" width="6" height="6" patternUnits="userSpaceOnUse">'
    f'<rect width="6" height="6" fill="{_PAPER}"/><circle cx="3" cy="3" r="1.2" fill="{_INK}"/></pattern>'
    "</defs>"
)


def _shown_needs(situation: Situation) -> Iterator[Need]:
    yield from sorted(situation.needs, key=lambda need: (need.domain, -need.weight, need.thematique))


def _leading_rules(decision: Decision) -> tuple[str, ...]:
    """The strongest rules, which stand last in the file, in its order."""
    return decision.fired[-_MOST_RULES:]


def _wish(need: Need) -> str:
    return need.wanted or "unknown"


def _row_in_words(row: GraphiqueRow) -> str:
    return f"{row.need} : {row.weight}, {row.wanted}."
