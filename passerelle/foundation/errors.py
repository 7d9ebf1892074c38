"""Errors sorted by what to do next. The message of an error is its docstring, filled with its fields."""

from typing import ClassVar


class PasserelleError(Exception):
    """Something went wrong."""

    #: HTTP status a door answers with.
    status: ClassVar[int] = 500
    #: Exit status of the command line.
    exit_code: ClassVar[int] = 1
    #: Whether the same call may succeed later without being changed.
    retry: ClassVar[bool] = False

    def __init__(self, **fields: object) -> None:
        self.fields = fields
        super().__init__(str(self))

    def __str__(self) -> str:
        sentence = " ".join((type(self).__doc__ or "").split())
        return sentence.format_map({key: str(value) for key, value in self.fields.items()})


class BadInput(PasserelleError):
    """{place}: {reason}"""

    status = 400
    exit_code = 2


class NotAllowed(PasserelleError):
    """This is not allowed here."""

    status = 403
    exit_code = 2


class NotFound(PasserelleError):
    """There is nothing here."""

    status = 404
    exit_code = 2


class TryLater(PasserelleError):
    """This does not answer right now: {what}."""

    status = 503
    retry = True
