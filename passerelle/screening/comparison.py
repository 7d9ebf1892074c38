"""Two evaluations of one situation side by side, domain by domain: what got lighter, heavier, or is gone.

Read like the graphique de gradation: by shape, pattern and words, never by colour.
"""

from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import Literal, Protocol
from xml.sax.saxutils import quoteattr

from passerelle.foundation.texts import Texts
from passerelle.screening.questions import Questionnaire
from passerelle.screening.rules import Decision
from passerelle.screening.situation import Situation

Evaluation = tuple[Situation, Decision]
Direction = Literal["new", "heavier", "same", "lighter", "gone"]

#: Width of the drawing, in its own units: a 320 px phone shows it at full size.
WIDTH = 320
_MARGIN = 12
_STEP, _BAR = 38, 34
_LABELS = 84
_INK, _SOFT, _PAPER, _FRAME = "#1b1b1b", "#5a5a5a", "#ffffff", "#b5b5b5"
_RIGHT_TO_LEFT = frozenset({"ar"})
#: Characters of 12-unit text that surely fit.
_LINE = 44
_SIGNS: dict[Direction, str] = {"new": "+", "heavier": "▲", "same": "=", "lighter": "▼", "gone": "✓"}


@dataclass(frozen=True, kw_only=True, slots=True)
class DomainChange:
    """One domain before and after: the weight of its heaviest need, 0 when there is none."""

    domain: str
    before: int
    after: int

    @property
    def direction(self) -> Direction:
        """Which way it went."""
        return direction(self.before, self.after)


def direction(before: int, after: int) -> Direction:
    """Which way the weight of a domain went; 0 is no need."""
    if before == after:
        return "same"
    if not before or not after:
        return "gone" if before else "new"
    return "heavier" if after > before else "lighter"


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Two evaluations of the same person, the older one first."""

    domains: tuple[DomainChange, ...]
    level_before: str
    level_after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparisonRow:
    """One line of the table that says the same as the drawing."""

    domain: str
    before: str
    after: str
    change: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparisonTable:
    """The table beside the drawing, then the two levels in one sentence."""

    columns: tuple[str, str, str, str]
    rows: tuple[ComparisonRow, ...]
    level: str


def compare(before: Evaluation, after: Evaluation, *, questionnaire: Questionnaire) -> Comparison:
    """What changed, domain by domain, in the order of the questionnaire; a need of no domain is left out."""
    weights = [_by_domain(situation) for situation, _ in (before, after)]
    known = {question.domain: None for question in questionnaire.questions.values()}
    domains = [domain for domain in known if any(domain in weight for weight in weights)]
    return Comparison(
        domains=tuple(
            DomainChange(domain=domain, before=weights[0].get(domain, 0), after=weights[1].get(domain, 0))
            for domain in domains
        ),
        level_before=before[1].level,
        level_after=after[1].level,
    )


def comparison_table(comparison: Comparison, texts: Texts, language: str) -> ComparisonTable:
    """What the drawing shows, in words, for an HTML table."""

    def say(key: str, **values: object) -> str:
        return texts.say(key, language=language, form="web", **values)

    return ComparisonTable(
        columns=(
            say("graphique.column.domain"),
            say("comparison.before"),
            say("comparison.after"),
            say("comparison.change"),
        ),
        rows=tuple(
            ComparisonRow(
                domain=say(f"domain.{change.domain}"),
                before=_weight(change.before, say),
                after=_weight(change.after, say),
                change=say(f"comparison.{change.direction}"),
            )
            for change in comparison.domains
        ),
        level=_levels(comparison, say),
    )


def draw_comparison(comparison: Comparison, texts: Texts, language: str) -> str:
    """The drawing as one standalone SVG."""
    return _Drawing(comparison, texts, language).svg()


class _Drawing:
    """Adds parts from top to bottom, then closes the frame at the height reached."""

    def __init__(self, comparison: Comparison, texts: Texts, language: str) -> None:
        self._comparison = comparison
        self._texts = texts
        self._language = language
        self._y = _MARGIN
        self._parts: list[str] = []

    def svg(self) -> str:
        for change in self._comparison.domains:
            self._domain(change)
        if not self._comparison.domains:
            self._text(self._say("graphique.no_needs"), colour=_SOFT)
        self._text(_levels(self._comparison, self._say), bold=True)
        table = comparison_table(self._comparison, self._texts, self._language)
        words = [table.level, *(f"{row.domain} : {row.before}, {row.after}, {row.change}." for row in table.rows)]
        height = self._y + _MARGIN
        direction = "rtl" if self._language in _RIGHT_TO_LEFT else "ltr"
        return "".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" role="img" lang={quoteattr(self._language)} ',
                f'aria-labelledby="comparison-title comparison-desc" viewBox="0 0 {WIDTH} {height}" width="100%" ',
                f'direction="{direction}" font-family="system-ui, sans-serif" font-size="12">',
                f'<title id="comparison-title">{escape(self._say("comparison.title"))}</title>',
                f'<desc id="comparison-desc">{escape(" ".join(words))}</desc>',
                f'<rect width="{WIDTH}" height="{height}" fill="{_PAPER}"/>',
                *self._parts,
                "</svg>",
            ]
        )

    def _domain(self, change: DomainChange) -> None:
        sign = f"{_SIGNS[change.direction]} {self._say(f'comparison.{change.direction}')}"
        self._text(f"{self._say(f'domain.{change.domain}')} : {sign}", bold=True)
        self._bars(self._say("comparison.before"), change.before, fill=_PAPER)
        self._bars(self._say("comparison.after"), change.after, fill=_INK)
        self._y += 6

    def _bars(self, label: str, weight: int, *, fill: str) -> None:
        """Three steps: before is drawn in outline, after is filled; a step not reached is a thin frame."""
        right = self._language in _RIGHT_TO_LEFT
        anchor = WIDTH - _MARGIN if right else _MARGIN
        self._parts.append(f'<text x="{anchor}" y="{self._y + 11}" font-size="11" fill="{_INK}">{escape(label)}</text>')
        for step in range(3):
            reached = step < weight
            start = _MARGIN + _LABELS + step * _STEP
            x = WIDTH - start - _BAR if right else start
            self._parts.append(
                f'<rect x="{x}" y="{self._y + 2}" width="{_BAR}" height="10" rx="2" '
                f'fill="{fill if reached else _PAPER}" stroke="{_INK if reached else _FRAME}" '
                f'stroke-width="{2 if reached else 1}"/>'
            )
        self._y += 16

    def _text(self, words: str, *, bold: bool = False, colour: str = _INK) -> None:
        weight = ' font-weight="700"' if bold else ""
        anchor = WIDTH - _MARGIN if self._language in _RIGHT_TO_LEFT else _MARGIN
        for line in wrap(words, _LINE):
            self._y += 15
            self._parts.append(f'<text x="{anchor}" y="{self._y}"{weight} fill="{colour}">{escape(line)}</text>')
        self._y += 3

    def _say(self, key: str, **values: object) -> str:
        return self._texts.say(key, language=self._language, form="web", **values)


def _by_domain(situation: Situation) -> dict[str, int]:
    weights: dict[str, int] = {}
    for need in situation.needs:
        if need.domain:
            weights[need.domain] = max(need.weight, weights.get(need.domain, 0))
    return weights


class _Say(Protocol):
    def __call__(self, key: str, **values: object) -> str:
        """A text in the language of the drawing."""


def _weight(weight: int, say: _Say) -> str:
    return say(f"graphique.weight.{weight}") if weight else say("comparison.none")


def _levels(comparison: Comparison, say: _Say) -> str:
    return say(
        "comparison.levels",
        before=comparison.level_before,
        after=comparison.level_after,
        after_name=say(f"level.{comparison.level_after}"),
    )
