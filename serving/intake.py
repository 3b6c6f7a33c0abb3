"""Takes in the body of a request: its type, its size, its meaning, before anything else sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import anyio.to_thread
from starlette.datastructures import Headers

from features.errors import Fault
from serving.answers import REASONS_SHOWN
from serving.champion import NOT_READY
from serving.exchange import Asked, exchange_of
from serving.problems import refuse
from serving.strict_json import read_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from serving.answers import Answerer
    from serving.champion import Champion
    from serving.routes import Body
    from serving.settings import Settings

FORM_LIMIT_BYTES = 16 * 1024
ASIDE_BYTES = 64 * 1024
"""A larger body is read in a thread of its own, so that the others do not wait for it."""

_SMALLEST = b'{"lead":{}}'


class Intake:
    """Reads and checks the bodies of /score and /score_batch, and hands the checked leads on in the scope.

    BentoML writes bodies that it cannot use into its log. So it is never shown one: what passes on is the
    smallest valid body, and the endpoints take the leads from the scope.
    """

    def __init__(
        self, app: ASGIApp, settings: Settings, champion: Champion, clock: Callable[[], int]
    ) -> None:
        self._app = app
        self._champion = champion
        self._clock = clock
        self._limits: dict[Body, int] = {
            "score": settings.score_body_limit_bytes,
            "batch": settings.batch_body_limit_bytes,
            "form": FORM_LIMIT_BYTES,
            "none": 0,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the body in, and pass the request on with what it holds."""
        route = exchange_of(scope).route if scope["type"] == "http" else None
        if route is None or route.body == "none":
            await self._app(scope, receive, send)
            return
        limit = self._limits[route.body]
        if route.body == "form":
            body = await _whole_body(scope, receive, limit)
            await self._app(scope, _replayed(body, receive), send)
            return
        answerer = self._champion.answerer()
        if answerer is None:
            raise refuse(503, NOT_READY, retry_after="30")
        _check_media_type(scope)
        reasons_shown = _reasons_shown(scope)
        body = await _whole_body(scope, receive, limit)
        exchange_of(scope).asked = await self._asked(route.body, body, answerer, reasons_shown)
        inner = {**scope, "headers": [*_without_body(scope), (b"content-length", b"%d" % len(_SMALLEST))]}
        await self._app(inner, _replayed(_SMALLEST, receive), send)

    async def _asked(self, kind: Body, body: bytes, answerer: Answerer, shown: int | None) -> Asked:
        arrived_at = self._clock()

        def read() -> Asked:
            value = read_json(body)
            reader = answerer.reader
            if kind == "batch":
                return Asked(reader.read_batch(value, arrived_at), answerer, shown)
            return Asked([reader.read(value, arrived_at)], answerer, shown)

        return await anyio.to_thread.run_sync(read) if len(body) > ASIDE_BYTES else read()


def _check_media_type(scope: Scope) -> None:
    said = Headers(scope=scope).get("content-type", "")
    kind, _, parameters = said.partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if kind.strip().lower() != "application/json" or (parameters.strip() and charset != "utf-8"):
        fault = Fault("Content-Type", "application/json", said[:80] or "none", "Send JSON in UTF-8.")
        raise refuse(415, "The body has to be application/json.", fault)


def _reasons_shown(scope: Scope) -> int | None:
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    reasons = asked.pop("reasons", [])
    if asked:
        name = next(iter(asked))
        raise refuse(
            422,
            "The query is not understood.",
            Fault(f"?{name}"[:80], "only reasons", "an unknown parameter", "Remove it."),
        )
    if reasons not in ([], ["all"]):
        raise refuse(
            422,
            "The query is not understood.",
            Fault("?reasons", "all", "something else", "Send ?reasons=all, or nothing for the five largest."),
        )
    return None if reasons else REASONS_SHOWN


async def _whole_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    said = Headers(scope=scope).get("content-length", "0")
    if said.isdecimal() and len(said) < 20 and int(said) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise refuse(400, "The body did not arrive whole.")
        size += len(message.get("body", b""))
        if size > limit:
            raise _too_large(limit)
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


def _too_large(limit: int) -> Exception:
    fault = Fault("body", f"at most {limit} bytes", "more", "Send less, or several requests.")
    return refuse(413, f"The body may hold at most {limit} bytes.", fault)


def _without_body(scope: Scope) -> list[tuple[bytes, bytes]]:
    dropped = {b"content-length", b"content-encoding", b"transfer-encoding", b"content-type"}
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in dropped]
    return [*kept, (b"content-type", b"application/json")]


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that brings the body once, and then whatever comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_replayed
