"""Reading what a form of the portal sends: small, each field once, from a page of ours."""

from collections.abc import Mapping
from hmac import compare_digest

from fastapi import Request

from passerelle.foundation.errors import BadInput, NotAllowed
from passerelle.foundation.forms import TooLarge, WrongShape, WrongType, parse_form, read_body

#: The longest form carries a token, a state and a reason.
_MAX_BYTES = 4096
_MAX_FIELDS = 10

#: A team's form ticks boxes: a field each, and a few short texts.
_LONG_BYTES = 24 * 1024
_LONG_FIELDS = 160

Form = Mapping[str, str]


class ForeignForm(NotAllowed):
    """This form does not come from a page of this desk session."""


class BadForm(BadInput):
    """The form does not have the expected shape."""


async def read_form(request: Request) -> Form:
    """The fields of a posted form. Raises ForeignForm or BadForm."""
    return await _read(request, _MAX_BYTES, _MAX_FIELDS)


async def read_long_form(request: Request) -> Form:
    """The fields of a long form of a team. Raises ForeignForm or BadForm."""
    return await _read(request, _LONG_BYTES, _LONG_FIELDS)


async def _read(request: Request, max_bytes: int, max_fields: int) -> Form:
    # Browsers that say where a request comes from are believed; older ones are held by the form token alone.
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise ForeignForm
    try:
        # A form without fields has no type either: only its shape is looked at.
        fields = parse_form(await read_body(request, limit=max_bytes), most=max_fields)
    except (TooLarge, WrongShape, WrongType):
        raise BadForm from None
    if any(len(values) != 1 for values in fields.values()):
        raise BadForm
    return {name: value for name, (value,) in fields.items()}


def require_form_token(form: Form, expected: str) -> None:
    """Raise ForeignForm unless the form carries the session's token."""
    if not compare_digest(form.get("form_token", "").encode(), expected.encode()):
        raise ForeignForm
