"""How every command ends when something is wrong: one sentence, and the exit status that says whose turn it is."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import typer

from orientation_catalogue.errors import CatalogueError
from passerelle.foundation.errors import PasserelleError

_Given = ParamSpec("_Given")


def plainly(command: Callable[_Given, None]) -> Callable[_Given, None]:
    """End with one sentence and the right exit status when something is wrong."""

    @wraps(command)
    def run(*args: _Given.args, **kwargs: _Given.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except PasserelleError as error:
            print(error, file=sys.stderr)
            raise typer.Exit(error.exit_code) from None
        except CatalogueError as error:
            # What the catalogue refuses is what it was given; its sentence already names the place.
            print(" ".join(str(error).split()), file=sys.stderr)
            raise typer.Exit(2) from None
        except BrokenPipeError:
            raise typer.Exit(0) from None

    return run
