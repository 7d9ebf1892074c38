"""Phone numbers in one shape (E.164), and the ones we never write to."""

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from passerelle.foundation.errors import BadInput


class NotAPhoneNumber(BadInput):
    """{field}: this is not a phone number we can write to."""


#: SMS pumping goes to premium and foreign prefixes (reference/conversation.md §5.3); France and its territories only.
_ALLOWED_COUNTRIES = frozenset({33, 262, 590, 594, 596, 508, 681, 687, 689})
_NEVER = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN})


def e164(number: str, *, field: str = "number") -> str:
    """Return the number as +33…, or raise NotAPhoneNumber (the number itself is never repeated)."""
    try:
        parsed = phonenumbers.parse(number, "FR")
    except phonenumbers.NumberParseException:
        raise NotAPhoneNumber(field=field) from None
    if (
        parsed.country_code not in _ALLOWED_COUNTRIES
        or not phonenumbers.is_possible_number(parsed)
        or phonenumbers.number_type(parsed) in _NEVER
    ):
        raise NotAPhoneNumber(field=field)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def spoken(number: str) -> str:
    """Return the number as people read it in France: 01 99 00 12 34; short numbers as they are."""
    try:
        parsed = phonenumbers.parse(number, "FR")
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_possible_number(parsed):
        return number
    if parsed.country_code == 33:
        return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
