"""Words are sealed with a key per conversation; destroying the key erases them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passerelle.foundation import crypto
from passerelle.foundation.crypto import Erased, KeyStore, fernet_key, keyed_hash
from passerelle.foundation.database import Database

SAM, AWA = "a" * 32, "b" * 32


@pytest.fixture
def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'keys.db'}")
    yield database
    database.close()


@pytest.fixture
def keys(database, clock):
    keys = KeyStore(database)
    keys.create_tables()
    keys.make(SAM, clock.now())
    keys.make(AWA, clock.now())
    return keys


@given(text=st.text(max_size=200))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_sealed_can_be_opened(keys, text):
    text = text.encode("utf-8", "replace").decode()

    assert keys.open(SAM, keys.seal(SAM, text)) == text


def test_the_same_words_sealed_twice_look_different(keys):
    assert keys.seal(SAM, "oui") != keys.seal(SAM, "oui")


def test_another_conversations_words_cannot_be_opened(keys):
    with pytest.raises(Erased):
        keys.open(AWA, keys.seal(SAM, "oui"))


def test_words_changed_on_disk_are_not_read(keys):
    sealed = bytearray(keys.seal(SAM, "oui"))
    sealed[-1] ^= 1

    with pytest.raises(Erased):
        keys.open(SAM, bytes(sealed))


def test_without_the_key_nothing_can_be_read_or_written(keys):
    sealed = keys.seal(SAM, "oui")
    keys.destroy(SAM)

    with pytest.raises(Erased):
        keys.open(SAM, sealed)
    with pytest.raises(Erased):
        keys.seal(SAM, "non")


def test_a_key_destroyed_by_another_process_is_soon_forgotten_here(database, keys, monkeypatch):
    sealed = keys.seal(SAM, "oui")
    KeyStore(database).destroy(SAM)
    later = crypto.time.monotonic() + crypto._REMEMBERED_SECONDS + 1
    monkeypatch.setattr(crypto.time, "monotonic", lambda: later)

    with pytest.raises(Erased):
        keys.open(SAM, sealed)


def test_a_hash_needs_the_secret():
    assert keyed_hash("one", "+33639980001") == keyed_hash("one", "+33639980001")
    assert keyed_hash("one", "+33639980001") != keyed_hash("other", "+33639980001")


def test_the_key_of_the_spool_is_not_the_secret_itself():
    assert b"secret" not in fernet_key("secret")
    assert len(fernet_key("secret")) == 44
