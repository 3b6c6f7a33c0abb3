"""Who may pass: the route table, keys in headers, and browsers' sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.datastructures import Headers, QueryParams
from starlette.responses import RedirectResponse

from serving.access.sessions import ids_of
from serving.door.exchange import exchange_of
from serving.door.route import matching
from serving.door.routes import ROUTES
from serving.wire.problems import refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from serving.access.key import Key
    from serving.access.look_ups import LookUps
    from serving.access.rate_limits import Guesses, KeyLimits
    from serving.door.route import Found, Route
    from serving.wire.problems import ProblemError


class Gate:
    """Lets a request through to its route, with the key that opened it.

    Raises ProblemError: 404 and 405 for what the table does not know, 401 without a key, 403 with one that
    may not, 429 with one that asks too often. Raises StoreAwayError where a key is only remembered, and the
    route needs the store. A browser without a session is sent to sign in.
    """

    def __init__(self, app: ASGIApp, look_ups: LookUps, guesses: Guesses, limits: KeyLimits) -> None:
        self._app = app
        self._look_ups = look_ups
        self._guesses = guesses
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, send it to sign in, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = exchange_of(scope)
        found = _route(scope["method"], _address(scope))
        route, exchange.params = found
        exchange.route = route
        if route.access == "key":
            exchange.key = await self._from_header(scope, route)
        elif route.access == "session":
            exchange.key = await self._from_session(scope)
            if exchange.key is None:
                await _to_sign_in(scope)(scope, receive, send)
                return
        if exchange.key is not None:
            self._limits.count(exchange.key)
            if route.scope is not None and not exchange.key.allows(route.scope):
                raise refuse(403, f"The key does not have the scope {route.scope}.")
        await self._app(_as_the_route(scope, route), receive, send)

    async def _from_header(self, scope: Scope, route: Route) -> Key:
        said = Headers(scope=scope).get("authorization", "")
        scheme, _, text = said.partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            raise _key_needed("Send a key: Authorization: Bearer KEY. Make one with: leadlens keys create")
        key = await self._guesses.verify(text.strip(), address_of(scope))
        if key is not None and key.is_remembered and _needs_store(scope, route):
            key = await self._look_ups.ask(text.strip())
        if key is None:
            raise _key_needed("The key is not known, was revoked, or has expired.")
        return key

    async def _from_session(self, scope: Scope) -> Key | None:
        ids = ids_of(scope["session"])
        return None if ids is None else await self._look_ups.find_session(*ids)


def _needs_store(scope: Scope, route: Route) -> bool:
    """Return whether the store has a part in what is asked: `record` has something kept."""
    return not route.does_without_store or "record" in QueryParams(scope["query_string"])


def address_of(scope: Scope) -> str:
    """Return the address that a request came from: the caller's, behind a proxy that the settings trust."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _address(scope: Scope) -> bytes:
    """Return the path as it came over the wire."""
    return scope.get("raw_path") or quote(scope["path"]).encode()


def _route(method: str, raw_path: bytes) -> Found:
    found = matching(raw_path, ROUTES)
    if not found:
        raise refuse(404, "Nothing is at this address.")
    for one in found:
        if method in one.route.methods:
            return one
    allowed = ", ".join(sorted({method for one in found for method in one.route.methods}))
    raise refuse(405, f"This address offers {allowed}.", allow=allowed)


def _key_needed(detail: str) -> ProblemError:
    return refuse(401, detail, www_authenticate='Bearer realm="LeadLens"')


def _as_the_route(scope: Scope, route: Route) -> Scope:
    """Return the scope of a page without the id in its path, which stands in the exchange.

    The routers within go by patterns, which end at a line break.
    """
    if route.access != "session":
        return scope
    return {**scope, "path": route.path, "raw_path": route.path.encode()}


def _to_sign_in(scope: Scope) -> RedirectResponse:
    wanted = quote(_address(scope), safe="")
    return RedirectResponse(f"/sign-in?next={wanted}", status_code=303)
