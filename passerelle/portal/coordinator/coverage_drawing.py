"""The grid of what a territory has and lacks: one square per need and intercommunalité, told by pattern, not colour."""

from collections.abc import Callable
from html import escape

from orientation_catalogue.coverage import Coverage

#: Side of a square, and room for the words of a need beside it.
_SIDE, _WORDS = 16, 330
_TOP, _MARGIN = 24, 8
_LONGEST_WORDS = 52

_INK, _PAPER, _FRAME = "#1b1b1b", "#ffffff", "#8a8f98"
_FILL = {"none": _PAPER, "part": "url(#part)", "whole": _INK}

_DEFINITIONS = (
    '<defs><pattern id="part" width="4" height="4" patternUnits="userSpaceOnUse">'
    f'<rect width="4" height="4" fill="{_PAPER}"/><path d="M0 4L4 0" stroke="{_INK}"/></pattern></defs>'
)


def draw_coverage(coverage: Coverage, need_name: Callable[[str], str], title: str, described: str) -> str:
    """The drawing as one standalone SVG; columns are numbered as the table beside it numbers them."""
    width = _WORDS + _SIDE * len(coverage.groups) + _MARGIN
    height = _TOP + _SIDE * len(coverage.needs) + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="coverage-title coverage-desc" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="11">',
        f'<title id="coverage-title">{escape(title)}</title><desc id="coverage-desc">{escape(described)}</desc>',
        _DEFINITIONS,
    ]
    for column in range(len(coverage.groups)):
        x = _WORDS + column * _SIDE + _SIDE / 2
        parts.append(f'<text x="{x:g}" y="{_TOP - 6}" text-anchor="middle" fill="{_INK}">{column + 1}</text>')
    for row, need in enumerate(coverage.needs):
        parts.append(_row(coverage, need, need_name(need), _TOP + row * _SIDE))
    return "".join([*parts, "</svg>"])


def _row(coverage: Coverage, need: str, name: str, y: int) -> str:
    shown = name if len(name) <= _LONGEST_WORDS else f"{name[: _LONGEST_WORDS - 1]}…"
    squares = [
        f'<rect x="{_WORDS + column * _SIDE + 1}" y="{y + 1}" width="{_SIDE - 2}" height="{_SIDE - 2}" '
        f'fill="{_FILL[coverage.cells[need, code].state]}" stroke="{_FRAME}"/>'
        for column, (code, _) in enumerate(coverage.groups)
    ]
    return f'<text x="{_MARGIN}" y="{y + _SIDE - 4}" fill="{_INK}">{escape(shown)}</text>{"".join(squares)}'
