"""The first page: in the demonstration, six doors and three conversations to try; elsewhere, who runs the service."""

from collections.abc import Sequence

from fastapi import APIRouter, Response

from passerelle.foundation.phone import spoken
from passerelle.portal.web_pages import Pages, route_class


def start_router(
    *, pages: Pages, demonstration: bool, operator: str, number: str, examples: Sequence[tuple[str, str]]
) -> APIRouter:
    """The page at `/`. `examples` are (language, first message) of the conversations to try."""
    router = APIRouter(tags=["everyone"], route_class=route_class(pages))

    @router.get("/")
    async def start() -> Response:
        if not demonstration:
            return pages.render("about.html", operator=operator, number=spoken(number))
        return pages.render("start.html", operator=operator, number=spoken(number), examples=examples)

    return router
