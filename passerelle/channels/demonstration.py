"""A partner's page as it could be: the demonstration's pharmacy, with the widget on it."""

from fastapi import APIRouter, Response

from passerelle.channels.web_pages import Pages


def demonstration_router(*, pages: Pages, site: str) -> APIRouter:
    """The pharmacy's page. For the demonstration only."""
    router = APIRouter(prefix="/demonstration", tags=["demonstration"])

    @router.get("/pharmacie")
    async def pharmacy() -> Response:
        return pages.render("pharmacy.html", language="fr", dir="ltr", site=site)

    return router
