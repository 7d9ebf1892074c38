"""How a JSON door says no: the status and the sentence of the error, nothing of the request."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from passerelle.foundation.errors import PasserelleError


class RefusingRoute(APIRoute):
    """A route whose errors of ours become answers."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, with its errors caught."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except PasserelleError as error:
                return refusal(error)

        return answer


def refusal(error: PasserelleError, **more: str | None) -> JSONResponse:
    """The answer to a request that failed so."""
    headers = {"Retry-After": "5"} if error.retry else {}
    return JSONResponse({"detail": str(error)} | more, status_code=error.status, headers=headers)
