"""Small counts protected: no published cell lets anyone find a group under k (reference/observation.md §7.3)."""

from collections.abc import Mapping
from dataclasses import dataclass

#: Cells from 1 to k - 1 are hidden. May only be raised.
K = 11

Cell = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class ProtectedTable:
    """A table of counts that may be published: hidden cells are None."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[Cell, int | None]

    def hidden(self) -> int:
        """How many cells are hidden."""
        return sum(count is None for count in self.cells.values())


def protect(counts: Mapping[Cell, int], *, k: int = K) -> ProtectedTable:
    """Hide small cells, then enough others that none can be found by subtraction from the margins.

    Raises ValueError when k is below the floor.
    """
    if k < K:
        raise ValueError(f"k may not be below {K}.")
    rows = tuple(sorted({row for row, _ in counts}))
    columns = tuple(sorted({column for _, column in counts}))
    full = {(row, column): counts.get((row, column), 0) for row in rows for column in columns}
    hidden = {cell for cell, count in full.items() if 0 < count < k}
    while extra := _lone_cell_partner(full, hidden, rows, columns):
        hidden.add(extra)
    return ProtectedTable(
        rows=rows,
        columns=columns,
        cells={cell: None if cell in hidden else count for cell, count in full.items()},
    )


def _lone_cell_partner(
    full: Mapping[Cell, int], hidden: set[Cell], rows: tuple[str, ...], columns: tuple[str, ...]
) -> Cell | None:
    """The cell to hide beside one that stands alone in its row or column, or None when none does.

    The smallest visible one that is not zero: a zero says nothing about a group, and hiding it protects nobody.
    """
    lines = [[(row, column) for column in columns] for row in rows]
    lines += [[(row, column) for row in rows] for column in columns]
    for line in lines:
        if sum(cell in hidden for cell in line) == 1:
            visible = [cell for cell in line if cell not in hidden]
            if visible:
                return min(visible, key=lambda cell: (full[cell] == 0, full[cell], cell))
    return None
