"""Cells that a spreadsheet would work out instead of showing (CSV injection): an apostrophe keeps them words."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "%", "|", "＝", "＋", "－", "＠", "％", "'")


def escaped(text: str) -> str:
    """The text as a cell that no spreadsheet runs; `unescaped` gives it back."""
    return f"'{text}" if text.startswith(FORMULA) else text


def unescaped(text: str) -> str:
    """The text of a cell written by `escaped`; any other cell as it is."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text
