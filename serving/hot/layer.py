"""The hot layer: a score of one lead in one pass, without a thread and without the layers behind.

What it cannot do at once it passes on as it came, so that each refusal has its one home.
"""

from __future__ import annotations

import secrets
import time
from asyncio import get_running_loop
from itertools import count
from typing import TYPE_CHECKING

from serving.door.watch import SAFE_HEADERS
from serving.hot.arrival import Arrival
from serving.hot.together import Together, Waiting
from serving.scoring.answers import REASONS_SHOWN
from serving.telemetry.served import Served

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from serving.access.key import Key
    from serving.hot.answering import Answer
    from serving.parts import Parts
    from serving.shadow.offering import Shadow

ASIDE_BYTES = 64 * 1024
"""A larger body is read in a thread, which is not here."""

_JSON = (b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8")
_SHOWN = {b"": REASONS_SHOWN, b"reasons=all": None}
_HEADERS = [
    *((name.lower().encode(), value.encode()) for name, value in SAFE_HEADERS.items()),
    (b"cache-control", b"no-store"),
]


class Hot:
    """Answers the usual `POST /score`, and passes everything else on.

    Usual is: a key that was read a moment ago and may score, no more often than its limit; a champion that
    is loaded; JSON that is here and not large, and says what the typed reader understands.
    """

    def __init__(self, app: ASGIApp, parts: Callable[[], Parts]) -> None:
        self._app = app
        self._opened = parts
        self._parts: Parts | None = None
        self._limit_bytes = 0
        self._shadow: Shadow | None = None
        self._together = Together()
        self._process = secrets.token_hex(4)
        self._numbers = count(secrets.randbelow(2**31))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        if (
            scope["type"] != "http"
            or scope["method"] != "POST"
            or (scope.get("raw_path") or scope["path"].encode()) != b"/score"
            or scope["query_string"] not in _SHOWN
        ):
            await self._app(scope, receive, send)
            return
        began, started = time.time(), time.perf_counter()
        parts = self._parts or self._open()
        headers = dict(reversed(scope["headers"]))  # of two headers of one name the first counts
        key = _key(headers, parts)
        answerer = parts.champion.at_hand()
        if key is None or answerer is None or headers.get(b"content-type") not in _JSON:
            await self._app(scope, receive, send)
            return
        arrival = Arrival(receive)
        body = await arrival.body(self._limit_bytes)
        if body is None:
            await self._app(scope, arrival.receive, send)
            return
        one = Waiting(
            body,
            parts.clock(),
            f"{self._process}{next(self._numbers):08x}",
            lambda: parts.key_limits.passes(key),
            get_running_loop().create_future(),
        )
        self._together.join(one, answerer, _SHOWN[scope["query_string"]])
        await one.done
        answer = one.answer
        if answer is None:
            await self._app(scope, arrival.receive, send)
            return
        status: int | None = None
        try:
            await send(_start(answer, one.request_id))
            await send({"type": "http.response.body", "body": answer.body})
            status = answer.status
        finally:
            parts.telemetry.served(
                Served(
                    "POST", "/score", status, began, time.perf_counter() - started, one.request_id, key.id,
                    answer.score, answerer.scorer.version,
                    (one.read_seconds, *answer.steps) if answer.steps else None,
                )
            )  # fmt: skip
        if self._shadow is not None and answer.score is not None:
            self._shadow.offer(body, one.arrived_at, answer.score, answerer.scorer.version)

    def _open(self) -> Parts:
        self._parts = parts = self._opened()
        self._limit_bytes = min(ASIDE_BYTES, parts.settings.score_body_limit_bytes)
        self._shadow = parts.shadow
        return parts


def _key(headers: dict[bytes, bytes], parts: Parts) -> Key | None:
    """Return the key that may score, where it is at hand."""
    said = headers.get(b"authorization", b"")
    if said[:7].lower() != b"bearer ":
        return None
    key = parts.keys.at_hand(said[7:].decode("latin-1").strip(), parts.clock())
    return key if key is not None and key.allows("score") else None


def _start(answer: Answer, request_id: str) -> Message:
    headers = [
        *_HEADERS,
        (b"content-type", answer.kind),
        (b"content-length", b"%d" % len(answer.body)),
        (b"x-request-id", request_id.encode()),
    ]
    return {"type": "http.response.start", "status": answer.status, "headers": headers}
