"""Words heard alike share a key; the endings of gender and number are not heard."""

import pytest

from passerelle.foundation.text import fold
from passerelle.screening.sounds import sound


@pytest.mark.parametrize(
    ("written", "meant"),
    [("locatère", "locataire"), ("seule", "seul"), ("hébergées", "héberger"), ("cinc", "cinq"), ("uit", "huit")],
)
def test_words_heard_alike_share_a_key(written: str, meant: str) -> None:
    assert sound(fold(written)) == sound(fold(meant))


def test_words_heard_otherwise_do_not() -> None:
    assert sound("seul") != sound("sur")
    assert sound("deux") != sound("douze")
