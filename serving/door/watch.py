"""The outermost layer: one log line, safe headers and one shape of refusal for whatever happens within."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from serving.door.exchange import Exchange, begin
from serving.places import place_of
from serving.store.reach import StoreBusyError, disk_full, has_no_room, problem_of
from serving.telemetry.served import Served
from serving.wire.problems import Problem, ProblemError, respond

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from serving.telemetry.telemetry import Telemetry

_log = logging.getLogger("leadlens.service")

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer, forms would say Origin: null
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Server": "LeadLens",
}
_WORDS = {"/livez": ("live", "dead"), "/readyz": ("ready", "unready")}
_DETAILS = {
    404: "Nothing is at this address.",
    405: "This address does not offer the method.",
    503: "The service is not ready.",
    504: "The answer took too long, and was given up.",
}
_INTERNAL = "The service failed. Its log says where, under the id in X-Request-ID."


class Watch:
    """Wraps everything that the service answers.

    Pages that ask for a session are refused by a page, `refusal_page` of the problem; all else by the
    problem document.

    The log says method, route, status, milliseconds, request id and key id: never a path, a query, a body
    or a message of an exception, which may all hold personal data.
    """

    def __init__(
        self,
        app: ASGIApp,
        limit_seconds: float,
        telemetry: Telemetry,
        refusal_page: Callable[[Problem], Response] = respond,
    ) -> None:
        self._app = app
        self._telemetry = telemetry
        self._limit_seconds = limit_seconds
        self._refusal_page = refusal_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, whatever happens within."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                self._telemetry.loop_delay.watch(asyncio.get_running_loop())
            await self._app(scope, receive, send)
            return
        began, started = time.time(), time.perf_counter()
        exchange = Exchange(secrets.token_hex(8))
        begin(scope, exchange)
        answer = _Answer(exchange, send, self._refusal_page)
        limit = asyncio.timeout(self._limit_seconds)
        exchange.more_time = lambda: _extend(limit, self._limit_seconds)
        try:
            async with limit:
                await self._app(scope, receive, answer.send)
        except ProblemError as refused:
            await answer.refuse(refused.problem, scope, receive)
        except StoreBusyError as away:
            await answer.refuse(problem_of(away), scope, receive)
        except Exception as problem:  # noqa: BLE001 - the last layer: whatever failed, the caller gets a problem document
            if limit.expired() and isinstance(problem, TimeoutError):
                refusal = Problem(status=504, detail=_detail(504))
            else:
                refusal = failure(problem, exchange.request_id)
            await answer.refuse(refusal, scope, receive)
        finally:
            self._telemetry.served(_served(scope["method"], exchange, began, time.perf_counter() - started))


class _Answer:
    """Sends what the layers within answer, and replaces refusals of any other shape by problem documents."""

    def __init__(self, exchange: Exchange, send: Send, refusal_page: Callable[[Problem], Response]) -> None:
        self._exchange = exchange
        self._refusal_page = refusal_page
        self._send = send
        self._replaced = False

    async def send(self, message: Message) -> None:
        """Pass a message on, or leave it out where the answer was replaced."""
        if message["type"] == "http.response.start":
            await self._start(message)
        elif not self._replaced:
            await self._send(message)

    async def refuse(self, problem: Problem, scope: Scope, receive: Receive) -> None:
        """Answer with a problem, unless an answer has begun."""
        if self._exchange.status is None:
            route = self._exchange.route
            is_page = route is not None and route.access == "session"
            refusal = self._refusal_page(problem) if is_page else respond(problem)
            await refusal(scope, receive, self.send)

    async def _start(self, message: Message) -> None:
        self._exchange.status = message["status"]
        word = self._word(message["status"])
        if word is not None:
            await self._replace(message["status"], word, "text/plain; charset=utf-8")
            return
        kind = Headers(raw=message["headers"]).get("content-type", "")
        if message["status"] >= 400 and not kind.startswith(("application/problem+json", "text/html")):
            refusal = respond(Problem(status=message["status"], detail=_detail(message["status"])))
            await self._replace(refusal.status_code, bytes(refusal.body), refusal.media_type or "")
            return
        self._add_headers(message)
        await self._send(message)

    def _word(self, status: int) -> bytes | None:
        """Return the one word that the probes answer with."""
        route = self._exchange.route
        if route is None or route.path not in _WORDS or status == 405:
            return None
        good, bad = _WORDS[route.path]
        return (good if status < 400 else bad).encode()

    async def _replace(self, status: int, body: bytes, kind: str) -> None:
        self._replaced = True
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        start: Message = {"type": "http.response.start", "status": status, "headers": headers}
        self._add_headers(start)
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})

    def _add_headers(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name in ("X-BentoML-Request-ID", "X-BentoML-Trace-ID"):
            del headers[name]
        for name, value in SAFE_HEADERS.items():
            headers[name] = value
        headers["X-Request-ID"] = self._exchange.request_id
        headers.setdefault("Cache-Control", "no-store")


def failure(problem: Exception, request_id: str) -> Problem:
    """Return how a caller is told that something failed, and say in the log where, without its message."""
    if has_no_room(problem):
        return disk_full()
    _log.error("%s at %s (request %s)", type(problem).__name__, place_of(problem), request_id)
    return Problem(status=500, detail=_INTERNAL)


def _extend(limit: asyncio.Timeout, seconds: float) -> None:
    if not limit.expired():
        limit.reschedule(asyncio.get_running_loop().time() + seconds)


def _detail(status: int) -> str:
    return _DETAILS.get(status, _INTERNAL if status >= 500 else "The request was refused.")


def _served(method: str, exchange: Exchange, began: float, seconds: float) -> Served:
    return Served(
        method=method if method.isalpha() and len(method) < 10 else "?",
        route=exchange.route.path if exchange.route else "-",
        status=exchange.status,
        began=began,
        seconds=seconds,
        request_id=exchange.request_id,
        key_id=exchange.key.id if exchange.key else "-",
        score=exchange.score,
        version=exchange.version,
    )
