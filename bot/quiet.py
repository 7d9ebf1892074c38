"""Settings that must come before Rasa is imported: no telemetry, no message text in any log, few threads."""

from __future__ import annotations

import importlib
import logging
import os
import sys

import structlog

#: Log events of Rasa carry message texts as fields; only these may be written.
KEPT_FIELDS = frozenset({"event", "level", "timestamp"})


def keep_quiet() -> None:
    """Call this before any import of rasa: an Agent without it prints the messages of people (reference §1.4)."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    # Rasa draws no progress bars at this level.
    os.environ["LOG_LEVEL"] = "WARNING"
    os.environ["SANIC_REGISTER"] = "false"
    # One message is small work: threads of the numeric libraries cost more than they bring.
    for name in (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_INTEROP_THREADS",
    ):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    # Not a filter: the libraries set their own while they are imported.
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            _only_kept_fields,
            structlog.processors.add_log_level,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # skops searches every module loaded so far when it is imported: 15 s after TensorFlow, 1 s before.
    importlib.import_module("skops.io")


def _only_kept_fields(logger: object, method: str, event: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in event.items() if name in KEPT_FIELDS}
