"""The hot layer: a score of one lead in one pass, without a thread and without the layers behind.

What it cannot do at once it passes on as it came, so that each refusal has its one home.
"""

from __future__ import annotations

import secrets
import time
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from models.score import Unscorable
from serving.door.watch import SAFE_HEADERS, failure
from serving.hot.arrival import Arrival
from serving.scoring.answers import REASONS_SHOWN, problem_of
from serving.telemetry.served import Served
from serving.wire.problems import MEDIA_TYPE, respond

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from features.one_lead import OneLead
    from serving.access.key import Key
    from serving.parts import Parts
    from serving.scoring.answers import Answerer
    from serving.shadow.offering import Shadow
    from serving.wire.problems import Problem

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
        arrived_at = parts.clock()
        asked = None if body is None else answerer.reader.take_usual(body, arrived_at)
        if body is None or asked is None or not parts.key_limits.passes(key):
            await self._app(scope, arrival.receive, send)
            return
        read = time.perf_counter()
        request_id = f"{self._process}{next(self._numbers):08x}"
        answer = _answered(asked, answerer, _SHOWN[scope["query_string"]], request_id)
        status: int | None = None
        try:
            await send(_start(answer, request_id))
            await send({"type": "http.response.body", "body": answer.body})
            status = answer.status
        finally:
            ended = time.perf_counter()
            steps = (read - started, *answer.steps, ended - answer.scored_at) if answer.steps else None
            parts.telemetry.served(
                Served(
                    "POST", "/score", status, began, ended - started, request_id, key.id,
                    answer.score, answerer.scorer.version, steps,
                )
            )  # fmt: skip
        if self._shadow is not None and answer.score is not None:
            self._shadow.offer(body, arrived_at, answer.score, answerer.scorer.version)

    def _open(self) -> Parts:
        self._parts = parts = self._opened()
        self._limit_bytes = min(ASIDE_BYTES, parts.settings.score_body_limit_bytes)
        self._shadow = parts.shadow
        return parts


class _Answer(NamedTuple):
    """What is sent, and how it came about: seconds for features and score, and when there was a score."""

    status: int
    kind: bytes
    body: bytes
    score: int | None = None
    scored_at: float = 0.0
    steps: tuple[float, float] | None = None


def _key(headers: dict[bytes, bytes], parts: Parts) -> Key | None:
    """Return the key that may score, where it is at hand."""
    said = headers.get(b"authorization", b"")
    if said[:7].lower() != b"bearer ":
        return None
    key = parts.keys.at_hand(said[7:].decode("latin-1").strip(), parts.clock())
    return key if key is not None and key.allows("score") else None


def _answered(asked: OneLead, answerer: Answerer, shown: int | None, request_id: str) -> _Answer:
    """Return the answer for a lead: its score, what could not be read of it, or that something failed."""
    try:
        began = time.perf_counter()
        scorer = answerer.scorer
        vector = scorer.vectors.of_one(asked)
        made = time.perf_counter()
        score = scorer.score_one(asked, vector, shown=shown)
        scored_at = time.perf_counter()
        if isinstance(score, Unscorable):
            return _refused(problem_of(score))
        body = answerer.json(score)
    except Exception as problem:  # noqa: BLE001 - whatever failed, the caller gets a problem document
        return _refused(failure(problem, request_id))
    return _Answer(200, b"application/json", body, score.score, scored_at, (made - began, scored_at - made))


def _refused(problem: Problem) -> _Answer:
    response = respond(problem)
    return _Answer(response.status_code, MEDIA_TYPE.encode(), bytes(response.body))


def _start(answer: _Answer, request_id: str) -> Message:
    headers = [
        *_HEADERS,
        (b"content-type", answer.kind),
        (b"content-length", b"%d" % len(answer.body)),
        (b"x-request-id", request_id.encode()),
    ]
    return {"type": "http.response.start", "status": answer.status, "headers": headers}
