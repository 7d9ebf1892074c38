"""Identifiers that cannot be guessed, and short codes a person can type."""

import secrets


def new_id() -> str:
    """A random identifier of 128 bits, as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def new_secret() -> str:
    """A random secret of 256 bits that fits in a link."""
    return secrets.token_urlsafe(32)


def new_code(digits: int) -> str:
    """A random number of that many digits, zeros first allowed."""
    return "".join(secrets.choice("0123456789") for _ in range(digits))
