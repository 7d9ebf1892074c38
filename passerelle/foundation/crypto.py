"""Words and numbers sealed with a key per conversation; destroying the key erases them everywhere (DESIGN §5)."""

import base64
import hashlib
import hmac
import os
import time
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, LargeBinary, MetaData, String, Table, bindparam, delete, insert, select

from passerelle.foundation.database import Database, UtcDateTime
from passerelle.foundation.errors import PasserelleError

#: A key destroyed by another process is forgotten here within this many seconds.
_REMEMBERED_SECONDS = 30.0
_NONCE_BYTES = 12

#: The key store is a database of its own, never in the backups of the main one.
KEYS = MetaData()
_keys = Table(
    "conversation_key",
    KEYS,
    Column("conversation", String(32), primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)

# Statements made once: making one costs more than running it.
_KEEP = insert(_keys)
_SECRET = select(_keys.c.secret).where(_keys.c.conversation == bindparam("conversation"))


class Erased(PasserelleError):
    """These words were erased: their key is destroyed."""


class KeyStore:
    """One secret key per conversation, in a database apart."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._remembered: dict[str, tuple[float, AESGCM]] = {}

    def create_tables(self) -> None:
        """Make the one table of the key store."""
        KEYS.create_all(self._database.engine)

    def make(self, conversation: str, at: datetime) -> None:
        """Make the key of a new conversation."""
        secret = AESGCM.generate_key(bit_length=256)
        with self._database.writing() as connection:
            connection.execute(_KEEP, {"conversation": conversation, "secret": secret, "made_at": at})
        self._remember(conversation, secret)

    def destroy(self, conversation: str) -> None:
        """Destroy the key: nothing sealed with it can be read again, backups included."""
        with self._database.writing() as connection:
            connection.execute(delete(_keys).where(_keys.c.conversation == conversation))
        self._remembered.pop(conversation, None)

    def seal(self, conversation: str, text: str) -> bytes:
        """Encrypt a text for the conversation. Raises Erased when its key is gone."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher(conversation).encrypt(nonce, text.encode(), conversation.encode())

    def open(self, conversation: str, sealed: bytes) -> str:
        """Decrypt what `seal` made. Raises Erased when the key is gone or does not fit."""
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher(conversation).decrypt(nonce, body, conversation.encode()).decode()
        except InvalidTag:
            raise Erased() from None

    def _cipher(self, conversation: str) -> AESGCM:
        remembered = self._remembered.get(conversation)
        if remembered and time.monotonic() - remembered[0] < _REMEMBERED_SECONDS:
            return remembered[1]
        with self._database.reading() as connection:
            secret = connection.execute(_SECRET, {"conversation": conversation}).scalar()
        if secret is None:
            self._remembered.pop(conversation, None)
            raise Erased()
        return self._remember(conversation, secret)

    def _remember(self, conversation: str, secret: bytes) -> AESGCM:
        if len(self._remembered) > 10_000:
            self._remembered.clear()
        cipher = AESGCM(secret)
        self._remembered[conversation] = (time.monotonic(), cipher)
        return cipher


def keyed_hash(secret: str, value: str) -> str:
    """A hash nobody can make without the secret: finds the conversation of a number without keeping it."""
    return hmac.new(secret.encode(), value.encode(), hashlib.sha256).hexdigest()


def digest(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal: proof of the exact words without keeping them."""
    return hashlib.sha256(text.encode()).hexdigest()


def fernet_key(secret: str) -> bytes:
    """A key for files at rest, made from the program's secret and standing for nothing else."""
    return base64.urlsafe_b64encode(hmac.new(secret.encode(), b"passerelle spool 1", hashlib.sha256).digest())
