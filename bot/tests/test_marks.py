"""What a message is told by."""

from __future__ import annotations

import pytest
from components.marks import KnownMarks, marks_of
from components.topics import Topics


def test_marks_hold_words_pairs_groups_of_letters_and_topics() -> None:
    marks = marks_of("mon lit", Topics({"bed": ["lit"]}))

    assert {"mon", "lit", "mon lit", "# li", "#lit ", "@bed"} <= set(marks)


def test_marks_hold_the_first_and_last_words_the_length_the_question_and_the_ideas() -> None:
    marks = marks_of("c'est quoi manger ?", Topics({"family--food": ["manger"]}))

    assert {"^c'est", "$manger", "~words 3", "~?", "~thematiques 1", "~ideas 0"} <= set(marks)


def test_an_arabic_question_mark_asks_too() -> None:
    assert "~?" in marks_of("بشحال هاد الخدمة؟", Topics({}))


def test_a_rare_mark_weighs_more_and_every_row_is_as_long() -> None:
    known = KnownMarks.of([["loyer", "mon"], ["loyer", "mon"], ["mon"], ["mon"], ["seen once"]])
    rows = known.rows([["mon", "loyer", "never seen"], ["mon"]]).toarray()
    loyer, mon = known.names.index("loyer"), known.names.index("mon")

    assert set(known.names) == {"loyer", "mon"}
    assert rows[0][loyer] > rows[0][mon]
    assert (rows[0] ** 2).sum() == pytest.approx((rows[1] ** 2).sum())


def test_a_star_stands_for_any_ending_and_a_word_for_itself() -> None:
    topics = Topics({"cold": ["frigo*", "lit"]})

    assert topics.found_in("des frigos") == ["cold"]
    assert topics.found_in("un litige") == []


def test_a_phrase_is_found_word_by_word_whatever_joins_them() -> None:
    topics = Topics({"care": ["maison de retraite", "m'occup*"], "money": ["plus d'argent"]})

    assert topics.found_in("la maison de retraite m'occupe") == ["care", "care"]
    assert topics.found_in("je n'ai plus d'argent") == ["money"]
    assert topics.found_in("maison de repos") == []
