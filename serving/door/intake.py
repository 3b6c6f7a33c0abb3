"""Takes in the body of a request: its type, its size, its meaning, before anything else sees it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from starlette.datastructures import Headers

from features.errors import Fault
from serving.door.arriving import (
    FILE_TYPES,
    JSON,
    body_into_file,
    check_json,
    media_type_of,
    new_file_name,
    query_of,
    unknown_media_type,
    whole_body,
)
from serving.door.exchange import Asked, Taken, exchange_of
from serving.held_files import UPLOADS, remove_left_files
from serving.scoring.answers import REASONS_SHOWN
from serving.scoring.champion import NOT_READY
from serving.wire.problems import refuse
from serving.wire.strict_json import read_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from serving.access.key import Key
    from serving.door.route import Body, Route
    from serving.scoring.answers import Answerer
    from serving.scoring.champion import Champion
    from serving.settings import Settings

FORM_LIMIT_BYTES = 16 * 1024
ASIDE_BYTES = 64 * 1024
"""A larger body is read in a thread of its own, so that the others do not wait for it."""

_SMALLEST = b"{}"


class Intake:
    """Reads and checks what requests bring, and hands it on in the scope.

    BentoML writes bodies that it cannot use into its log. So it is never shown one: what passes on is the
    smallest valid body, and the endpoints take the leads from the scope.
    """

    def __init__(
        self, app: ASGIApp, settings: Settings, champion: Champion, clock: Callable[[], int]
    ) -> None:
        self._app = app
        self._champion = champion
        self._clock = clock
        self._uploads = settings.home / UPLOADS
        remove_left_files(self._uploads)
        self._limits: dict[Body, int] = {
            "score": settings.score_body_limit_bytes,
            "json": settings.score_body_limit_bytes,
            "batch": settings.batch_body_limit_bytes,
            "list": settings.batch_body_limit_bytes,
            "upload": settings.upload_limit_bytes,
            "form": FORM_LIMIT_BYTES,
            "none": 0,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the body in, and pass the request on with what it holds."""
        route = exchange_of(scope).route if scope["type"] == "http" else None
        if route is None or route.access != "key":
            if route is not None and route.body == "form":
                body = await whole_body(scope, receive, self._limits["form"])
                receive = _replayed(body, receive)
            await self._app(scope, receive, send)
        elif route.body in {"score", "batch"}:
            await self._score(route, scope, receive, send)
        else:
            exchange = exchange_of(scope)
            exchange.taken = taken = await self._take(route, scope, receive)
            try:
                await self._app(scope, receive, send)
            finally:
                if taken.upload is not None and taken.held is not None:
                    taken.upload.unlink(missing_ok=True)
                    taken.held.close()

    async def _score(self, route: Route, scope: Scope, receive: Receive, send: Send) -> None:
        answerer = self._champion.at_hand() or await anyio.to_thread.run_sync(self._champion.answerer)
        if answerer is None:
            raise refuse(503, NOT_READY, retry_after="30")
        check_json(scope)
        query = query_of(scope, route.query)
        shown = reasons_shown(query)
        is_recorded = _is_recorded(query, exchange_of(scope).key)
        body = await whole_body(scope, receive, self._limits[route.body])
        if is_recorded:
            exchange_of(scope).taken = await self._taken(query, body)
            await self._app(scope, receive, send)
            return
        asked = await self._asked(route.body, body, answerer, shown)
        exchange_of(scope).asked = replace(asked, explains=is_explained(query))
        inner = {**scope, "headers": [*_without_body(scope), (b"content-length", b"%d" % len(_SMALLEST))]}
        await self._app(inner, _replayed(_SMALLEST, receive), send)

    async def _asked(self, kind: Body, body: bytes, answerer: Answerer, shown: int | None) -> Asked:
        arrived_at = self._clock()

        def read() -> Asked:
            reader = answerer.reader
            if kind == "batch":
                return Asked(reader.read_batch(read_json(body), arrived_at), answerer, shown)
            return Asked([reader.take(body, arrived_at)], answerer, shown)

        return await anyio.to_thread.run_sync(read) if len(body) > ASIDE_BYTES else read()

    async def _take(self, route: Route, scope: Scope, receive: Receive) -> Taken:
        query = query_of(scope, route.query)
        if route.body == "none":
            return Taken(query, self._clock())
        expected = (JSON, *(FILE_TYPES if route.body == "upload" else ()))
        kind = media_type_of(scope, *expected)
        if route.body == "upload" and kind in FILE_TYPES:
            return await self._file(kind, query, scope, receive)
        if kind != JSON:
            raise unknown_media_type(scope, *expected)
        limit = self._limits["json" if route.body == "upload" else route.body]
        return await self._taken(query, await whole_body(scope, receive, limit))

    async def _taken(self, query: dict[str, str], body: bytes) -> Taken:
        value = (
            await anyio.to_thread.run_sync(read_json, body) if len(body) > ASIDE_BYTES else read_json(body)
        )
        digest = hashlib.sha256(body).hexdigest()
        return Taken(query, self._clock(), media_type=JSON, value=value, body_sha256=digest)

    async def _file(self, kind: str, query: dict[str, str], scope: Scope, receive: Receive) -> Taken:
        encoding = Headers(scope=scope).get("content-encoding", "identity").lower()
        if encoding != "identity":
            fault = Fault("Content-Encoding", "none", encoding[:80], "Send the file as it is.")
            raise refuse(415, "The file has to be sent as it is.", fault)
        path = self._uploads / new_file_name(FILE_TYPES[kind])
        more_time = exchange_of(scope).more_time
        held, digest = await body_into_file(scope, receive, self._limits["upload"], path, more_time)
        return Taken(query, self._clock(), media_type=kind, body_sha256=digest, upload=path, held=held)


def reasons_shown(query: dict[str, Any]) -> int | None:
    """Return how many reasons a query asks for, None for all. Raises ProblemError (422)."""
    if query.get("reasons", "all") != "all":
        raise refuse(
            422,
            "The query is not understood.",
            Fault("?reasons", "all", "something else", "Send ?reasons=all, or nothing for the five largest."),
        )
    return None if "reasons" in query else REASONS_SHOWN


def is_explained(query: dict[str, str]) -> bool:
    """Return whether a query asks for an explanation. Raises ProblemError (422)."""
    if query.get("explain", "true") != "true":
        fault = Fault("?explain", "true", "something else", "Send ?explain=true, or nothing.")
        raise refuse(422, "The query is not understood.", fault)
    return "explain" in query


def _is_recorded(query: dict[str, str], key: Key | None) -> bool:
    """Return whether what is sent is to be kept. Raises ProblemError: 403 for a key that may not."""
    if "record" not in query:
        return False
    if query["record"] != "true":
        fault = Fault("?record", "true", "something else", "Send ?record=true, or nothing.")
        raise refuse(422, "The query is not understood.", fault)
    if key is None or not key.allows("ingest"):
        raise refuse(403, "The key does not have the scope ingest, which ?record=true needs too.")
    return True


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
