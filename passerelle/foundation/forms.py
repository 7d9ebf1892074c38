"""Reading what the outside sends: bounded in size, strict in shape, before anything else looks at it."""

from collections import defaultdict
from urllib.parse import parse_qsl

from fastapi import Request

from passerelle.foundation.errors import PasserelleError

FORM_TYPE = "application/x-www-form-urlencoded"

#: Twilio sends about 25 fields; more than this is not Twilio.
MAX_FIELDS = 100


class TooLarge(PasserelleError):
    """The request is larger than {limit} bytes."""

    status = 413
    exit_code = 2


class WrongShape(PasserelleError):
    """The request does not have the expected shape."""

    status = 400
    exit_code = 2


class WrongType(PasserelleError):
    """Only {expected} is accepted here."""

    status = 415
    exit_code = 2


async def read_body(request: Request, *, limit: int) -> bytes:
    """Read at most `limit` bytes, whatever length the request announces. Compressed bodies are refused."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise WrongType(expected="an uncompressed body")
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > limit:
        raise TooLarge(limit=limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge(limit=limit)
    return bytes(body)


async def read_form(request: Request, *, limit: int) -> dict[str, list[str]]:
    """Read a form, keeping every value of a repeated name."""
    if media_type(request) != FORM_TYPE:
        raise WrongType(expected=FORM_TYPE)
    return parse_form(await read_body(request, limit=limit))


def parse_form(body: bytes, *, most: int = MAX_FIELDS) -> dict[str, list[str]]:
    """The fields of a form's body, every value of a repeated name kept. Raises WrongShape."""
    fields: dict[str, list[str]] = defaultdict(list)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=most,
        )
    except ValueError as error:
        raise WrongShape from error
    for name, value in pairs:
        fields[name].append(value)
    return dict(fields)


def only(form: dict[str, list[str]], name: str, default: str | None = None) -> str:
    """The one value of a field. Sent twice, it has no meaning and the form is refused."""
    values = form.get(name, [] if default is None else [default])
    if len(values) != 1:
        raise WrongShape
    return values[0]


def media_type(request: Request) -> str:
    """The type of the body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
