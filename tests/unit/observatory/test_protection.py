"""No published table lets anyone find a small group."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.observatory.protection import K, protect

COUNTS = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")), st.integers(min_value=0, max_value=60), min_size=1
)


def test_the_worked_example_of_the_reference_hides_the_same_cells():
    table = {("C1", "A"): 34, ("C1", "B"): 12, ("C1", "C"): 7, ("C2", "A"): 15, ("C2", "B"): 22, ("C2", "C"): 18}
    table |= {("C3", "A"): 41, ("C3", "B"): 9, ("C3", "C"): 25}

    hidden = {cell for cell, count in protect(table).cells.items() if count is None}

    assert hidden == {("C1", "C"), ("C1", "B"), ("C3", "B"), ("C3", "C")}


@given(COUNTS)
def test_no_cell_from_one_to_ten_is_ever_shown(counts):
    assert all(count is None or count == 0 or count >= K for count in protect(counts).cells.values())


@given(COUNTS)
def test_no_hidden_cell_stands_alone_in_a_line_where_another_could_be_hidden(counts):
    table = protect(counts)
    lines = [[(row, column) for column in table.columns] for row in table.rows]
    lines += [[(row, column) for row in table.rows] for column in table.columns]

    assert all(sum(table.cells[cell] is None for cell in line) != 1 for line in lines if len(line) > 1)


@given(COUNTS)
def test_what_is_shown_is_true(counts):
    table = protect(counts)

    for cell in product(table.rows, table.columns):
        if table.cells[cell] is not None:
            assert table.cells[cell] == counts.get(cell, 0)


def test_the_floor_cannot_be_lowered():
    with pytest.raises(ValueError, match="below 11"):
        protect({("a", "b"): 3}, k=5)
