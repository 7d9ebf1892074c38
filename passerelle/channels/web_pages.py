"""How a page of the doors is rendered and protected: escaped templates, strict headers, files of our own only."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

_ROOM = Path(__file__).parent

#: No inline script or style, nothing from elsewhere, never inside a frame.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)

PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    # Not no-referrer: with it, browsers post our own forms with the origin "null".
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Pages:
    """The templates of the doors."""

    environment: Environment

    def render(self, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """The page as a protected answer."""
        content = self.environment.get_template(name).render(**values)
        return HTMLResponse(content, status_code=status, headers=PAGE_HEADERS)


def load_pages() -> Pages:
    """Prepare the templates; a value a template names and nobody gave is an error, not a blank."""
    loader = FileSystemLoader(_ROOM / "pages")
    return Pages(
        Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    )


class SharedFiles(StaticFiles):
    """Our scripts and styles, which partner pages of other origins load too."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """The file, readable by any page: it is the same for everyone and says nothing about anyone."""
        response = super().file_response(*args, **kwargs)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-cache"
        return response


def static_files() -> SharedFiles:
    """The files to mount at /static."""
    return SharedFiles(directory=_ROOM / "static")
