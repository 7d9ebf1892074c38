"""Twilio's webhook signature, verified over the configured public URL and never over what the request says."""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlparse

from twilio.request_validator import RequestValidator, add_port, remove_port

SIGNATURE_HEADER = "X-Twilio-Signature"

Algorithm = Literal["HMAC_SHA1", "HMAC_SHA256"]

#: The fields of a form; a name sent twice keeps both values, because Twilio signs both.
Form = Mapping[str, Sequence[str]]


class SignedFields:
    """A form in the shape RequestValidator reads."""

    def __init__(self, form: Form) -> None:
        self._form = form

    def __iter__(self) -> Iterator[str]:
        return iter(self._form)

    def __len__(self) -> int:
        return len(self._form)

    def getlist(self, name: str) -> list[str]:
        return list(self._form[name])


@dataclass(frozen=True, kw_only=True, slots=True)
class SignatureCheck:
    """Says whether Twilio signed a form sent to one of our addresses."""

    #: Scheme, host and port as Twilio calls us; proxies may change what the request shows.
    public_url: str
    #: Two during a rotation: the new one and the one about to be withdrawn.
    tokens: tuple[str, ...]
    #: Pinned here: the algorithm named by a header would let the sender choose a weaker one (A1).
    algorithm: Algorithm = "HMAC_SHA1"

    def accepts(self, path: str, form: Form, signature: str | None) -> bool:
        """Compare in constant time, with and without the port, as Twilio's own validator does."""
        if not signature:
            return False
        given = signature.encode("utf-8", "replace")
        expected = [
            sign(url, form, token=token, algorithm=self.algorithm).encode()
            for url in _spellings(self.public_url.rstrip("/") + path)
            for token in self.tokens
            if token
        ]
        # Every candidate is compared, so that the time taken does not tell which token is in use.
        return sum(hmac.compare_digest(given, candidate) for candidate in expected) > 0


def sign(url: str, form: Form, *, token: str, algorithm: Algorithm = "HMAC_SHA1") -> str:
    """The signature Twilio sends with this form to this URL."""
    return str(RequestValidator(token).compute_signature(url, SignedFields(form), algorithm))


def _spellings(url: str) -> tuple[str, ...]:
    parsed = urlparse(url)
    return tuple(dict.fromkeys((url, str(remove_port(parsed)), str(add_port(parsed)))))
