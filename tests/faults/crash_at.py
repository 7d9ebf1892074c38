"""Kill this process with SIGKILL before or after the nth call of one function. No hook in the code itself.

A place is written `module:qualified.name:before|after:n`, for example
`passerelle.notices.outbox:Outbox.settle_sent:before:1`.

    python tests/faults/crash_at.py PLACE script.py [arguments]
"""

import functools
import importlib
import itertools
import os
import runpy
import signal
import sys
from typing import Any


def crash_at(place: str) -> None:
    """Wrap the function of the place; its nth call is the last thing this process does."""
    module, qualified, moment, count = place.split(":")
    owner: Any = importlib.import_module(module)
    *path, name = qualified.split(".")
    for part in path:
        owner = getattr(owner, part)
    function = getattr(owner, name)
    calls = itertools.count(1)

    @functools.wraps(function)
    def crashing(*args: Any, **kwargs: Any) -> Any:
        last = next(calls) == int(count)
        if last and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **kwargs)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, crashing)


if __name__ == "__main__":
    crash_at(sys.argv[1])
    sys.argv = sys.argv[2:]
    runpy.run_path(sys.argv[0], run_name="__main__")
