"""Every address of the service, and what it asks of a caller: the one table that the gate goes by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from serving.keys import Scope

Access = Literal["open", "key", "session"]
Body = Literal["none", "score", "batch", "form"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address. `path` may end in a name in braces, which stands for all that follows, slashes too.

    `access`: open to all; a key in the header with `scope`; or a browser's session, whose key has `scope`.
    """

    methods: tuple[str, ...]
    path: str
    access: Access
    scope: Scope | None = None
    body: Body = "none"

    def matches(self, path: str) -> bool:
        """Whether the address is this route's."""
        fixed, brace, _ = self.path.partition("{")
        return path.startswith(fixed) and len(path) > len(fixed) if brace else path == self.path


_GET = ("GET", "HEAD")

ROUTES = (
    Route(methods=("POST",), path="/score", access="key", scope="score", body="score"),
    Route(methods=("POST",), path="/score_batch", access="key", scope="score", body="batch"),
    Route(methods=_GET, path="/docs.json", access="key", scope="read"),
    Route(methods=_GET, path="/livez", access="open"),
    Route(methods=_GET, path="/readyz", access="open"),
    Route(methods=_GET, path="/", access="open"),
    Route(methods=_GET, path="/sign-in", access="open"),
    Route(methods=("POST",), path="/sign-in", access="open", body="form"),
    Route(methods=("POST",), path="/sign-out", access="open", body="form"),
    Route(methods=_GET, path="/static/{file}", access="open"),
    Route(methods=_GET, path="/leads", access="session", scope="read"),
    Route(methods=_GET, path="/leads/{id}", access="session", scope="read"),
)


def at(path: str, routes: Iterable[Route] = ROUTES) -> list[Route]:
    """Return the routes of an address: none, or one for each set of methods."""
    return [route for route in routes if route.matches(path)]
