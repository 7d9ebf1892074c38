"""What a text costs as SMS, and the text as it will be sent (reference/conversation.md §5.1)."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

#: GSM 03.38 without its escape character, which no text may hold.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Characters sent as an escape and a character: two septets that stay together.
_EXTENSION = frozenset("\f^{}\\[~]|€")

_SINGLE = {"GSM-7": 160, "UCS-2": 70}
_EACH_OF_SEVERAL = {"GSM-7": 153, "UCS-2": 67}

_TYPOGRAPHY = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "…": "...",
        "\u00a0": " ",
        "\u202f": " ",
        "²": "2",
        "œ": "oe",
    }
)
_NUMBER_SIGN = re.compile(r"(?<=[nN])°")
_CAPITAL_OE = re.compile(r"Œ(.?)", re.DOTALL)

_DOWNGRADE = str.maketrans(
    "çêëîïôûâÿÀÂÈÊËÎÏÔÙÛŸ" + "áíóúãõÁÍÓÚÃÕ" + "ışğİŞĞ" + "ăĂșȘțȚţŢ",
    "ceeiiouayAAEEEIIOUUY" + "aiouaoAIOUAO" + "isgISG" + "aAsStTtT",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SmsText:
    """A text as it will be sent."""

    encoding: Encoding
    #: SMS billed for it.
    parts: int
    text: str


def fit(text: str, *, keep_accents: bool = False) -> SmsText:
    """Rewrite a text so that it costs the fewest parts without losing a letter. Idempotent.

    `keep_accents` leaves ç, ê, ô… in a message that is one UCS-2 part anyway; it stays off until the three
    French networks have been tested.
    """
    plain = _flatten_typography(text)
    if _is_gsm(plain):
        return _measured(plain, "GSM-7")
    if keep_accents and _units(plain, "UCS-2") <= _SINGLE["UCS-2"]:
        return _measured(plain, "UCS-2")
    downgraded = plain.translate(_DOWNGRADE)
    # Losing accents is worth it only when it brings the whole message back to GSM-7.
    return _measured(downgraded, "GSM-7") if _is_gsm(downgraded) else _measured(plain, "UCS-2")


def measure(text: str) -> SmsText:
    """What a text costs exactly as it is, without rewriting a letter."""
    return _measured(text, "GSM-7" if _is_gsm(text) else "UCS-2")


def sms_json(text: str) -> dict[str, str | int]:
    """What `passerelle sms TEXT` prints."""
    fitted = fit(text)
    return {"encoding": fitted.encoding, "parts": fitted.parts, "text": fitted.text}


def _flatten_typography(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    numbered = _NUMBER_SIGN.sub("o", composed).replace("°", "deg")
    spelled = _CAPITAL_OE.sub(_spell_capital_oe, numbered)
    # A combining mark may follow a letter that has just been spelled out.
    return unicodedata.normalize("NFC", spelled.translate(_TYPOGRAPHY))


def _spell_capital_oe(found: re.Match[str]) -> str:
    following = found.group(1)
    return ("OE" if following.isupper() else "Oe") + following.replace("Œ", "OE")


def _is_gsm(text: str) -> bool:
    return all(character in _BASIC or character in _EXTENSION for character in text)


def _measured(text: str, encoding: Encoding) -> SmsText:
    return SmsText(encoding=encoding, parts=_parts(text, encoding), text=text)


def _parts(text: str, encoding: Encoding) -> int:
    if _units(text, encoding) <= _SINGLE[encoding]:
        return 1
    parts, used = 1, 0
    for weight in _weights(text, encoding):
        # A character that does not fit whole opens the next part: escapes and surrogate pairs are never cut.
        if used + weight > _EACH_OF_SEVERAL[encoding]:
            parts, used = parts + 1, 0
        used += weight
    return parts


def _units(text: str, encoding: Encoding) -> int:
    return sum(_weights(text, encoding))


def _weights(text: str, encoding: Encoding) -> Iterator[int]:
    if encoding == "GSM-7":
        return (2 if character in _EXTENSION else 1 for character in text)
    return (2 if ord(character) > 0xFFFF else 1 for character in text)
