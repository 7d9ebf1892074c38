"""Logs without personal data: a key that is not listed here never leaves the process."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

#: The only fields a log line may carry. None of them can hold words, numbers or names of a person.
ALLOWED = frozenset(
    {
        "action",
        "attempt",
        "attempts",
        "catalogue",
        "channel",
        "code",
        "conversation",
        "count",
        "duration_ms",
        "error",
        "event",
        "exit_code",
        "function",
        "inbound",
        "kind",
        "level",
        "logger",
        "model",
        "notice",
        "pid",
        "port",
        "process",
        "request",
        "rule",
        "stage",
        "state",
        "status",
        "step",
        "timestamp",
        "url",
        "version",
    }
)


class UnlistedField(Exception):
    """A log line carries a field that is not listed in passerelle.foundation.log.ALLOWED."""


def keep_allowed(strict: bool) -> structlog.types.Processor:
    """A processor that drops unlisted fields, or in strict mode (tests) refuses them."""

    def processor(_logger: object, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        unlisted = set(fields) - ALLOWED
        if unlisted and strict:
            raise UnlistedField(f"{sorted(unlisted)}")
        return {key: value for key, value in fields.items() if key in ALLOWED}

    return processor


def configure_logs(*, strict: bool = False, level: int = logging.INFO) -> None:
    """Send every log of ours as one JSON line to standard error; libraries only warn."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed(strict),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(levelname)s", force=True)


def log() -> Any:
    """The logger of the calling module."""
    return structlog.get_logger()
