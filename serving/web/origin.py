"""Whether a form was sent from the service's own pages.

The session's cookie is SameSite=Strict already; this keeps other sites from signing a browser in or out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.requests import Request


def is_own_form(request: Request) -> bool:
    """Whether the browser says that the form came from this host. Programs that send no Origin may pass."""
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "none") in {"same-origin", "none"}
    try:
        return origin != "null" and urlsplit(origin).netloc == request.headers.get("host")
    except ValueError:  # it is no address at all
        return False
