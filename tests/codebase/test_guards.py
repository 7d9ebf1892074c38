"""The guards around the tests do guard."""

import socket

import pytest
import structlog
from pytest_socket import SocketConnectBlockedError

from passerelle.foundation.errors import PasserelleError
from passerelle.foundation.log import UnlistedField


@pytest.mark.filterwarnings("ignore:A test tried to use")
def test_no_test_reaches_the_network():
    somewhere = socket.socket()
    somewhere.settimeout(1)

    with somewhere, pytest.raises(SocketConnectBlockedError):
        somewhere.connect(("192.0.2.1", 80))


def test_a_log_line_with_an_unlisted_field_is_refused():
    with pytest.raises(UnlistedField):
        structlog.get_logger().info("turn", words="Bonjour")


def test_a_log_line_keeps_what_is_listed(logs):
    structlog.get_logger().info("turn", conversation="c1")

    assert '"conversation": "c1"' in logs.getvalue()


def _kinds_of_error(kind=PasserelleError):
    for below in kind.__subclasses__():
        yield below
        yield from _kinds_of_error(below)


def test_every_error_is_a_sentence():
    """The message of an error is its docstring: a person reads it."""
    assert [kind.__name__ for kind in _kinds_of_error() if not (kind.__doc__ or "").strip()] == []
