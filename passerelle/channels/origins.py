"""Which web pages may speak to us: exact origins per site key, never a resemblance (A8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from fastapi import Request

from passerelle.foundation.errors import NotAllowed

#: A form post or a link is a navigation; the widget only ever fetches.
_FETCH_MODES = frozenset({"cors", "same-origin"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Origins:
    """The list of sites, as configured."""

    #: Site key → the origins that may embed the widget under it, written as browsers send them.
    sites: Mapping[str, frozenset[str]]
    #: Our own origin.
    own: str

    @classmethod
    def configured(cls, sites: Mapping[str, str], public_url: str) -> Self:
        """The list from the settings: site key → its one origin, and the address people reach us at."""
        public = urlsplit(public_url)
        return cls(
            sites={site: frozenset({origin}) for site, origin in sites.items()},
            own=f"{public.scheme}://{public.netloc}",
        )

    def known(self, origin: str | None) -> bool:
        """Whether any site lists this origin."""
        return origin is not None and any(origin in origins for origins in self.sites.values())

    def require_site(self, request: Request, site: str) -> None:
        """Refuse a call that changes something unless it comes from a page of this site."""
        origin = request.headers.get("origin")
        if origin is None or origin not in self.sites.get(site, frozenset()):
            raise NotAllowed
        self._require_fetch(request, origin)

    def require_reader(self, request: Request, site: str) -> None:
        """The same for a GET: browsers send no Origin to the page's own host, and say same-origin instead."""
        if request.headers.get("origin") is not None:
            self.require_site(request, site)
        elif request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise NotAllowed

    def require_own_page(self, request: Request) -> None:
        """Refuse a form that was not posted by a page of ours."""
        from_here = request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
        if request.headers.get("origin") != self.own or not from_here:
            raise NotAllowed

    def _require_fetch(self, request: Request, origin: str) -> None:
        if request.headers.get("sec-fetch-mode", "cors") not in _FETCH_MODES:
            raise NotAllowed
        # A browser that says "cross-site" from our own origin contradicts itself.
        if origin == self.own and request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise NotAllowed
