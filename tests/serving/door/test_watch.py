"""The outermost layer, around apps that misbehave."""

import asyncio
import logging
from typing import Any

import anyio
import pytest

from serving.door.exchange import exchange_of
from serving.door.routes import ROUTES
from serving.door.watch import Watch
from serving.telemetry.telemetry import Telemetry
from serving.web.rendering import render_refusal
from serving.wire.problems import ProblemError, named_problem, refuse

SCOPE = {"type": "http", "method": "GET", "path": "/jane", "headers": [], "query_string": b""}


def answered(app: Any, limit_seconds: float = 5) -> tuple[int, dict[str, str], bytes]:
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Watch(app, limit_seconds, Telemetry(), render_refusal)(dict(SCOPE), receive, send))
    start, *bodies = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, b"".join(message.get("body", b"") for message in bodies)


def answer_of(status: int, kind: bytes, *parts: bytes) -> Any:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        headers = [(b"content-type", kind), (b"X-BentoML-Request-ID", b"1"), (b"server", b"BentoML")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for place, part in enumerate(parts):
            await send({"type": "http.response.body", "body": part, "more_body": place + 1 < len(parts)})

    return app


def test_what_takes_too_long_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    async def app(*_: Any) -> None:
        await asyncio.sleep(60)

    with caplog.at_level(logging.INFO):
        status, headers, body = answered(app, 0.05)
    assert (status, headers["content-type"]) == (504, "application/problem+json")
    assert b"too long" in body
    assert "TimeoutError" not in caplog.text


@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if route.path not in ("/livez", "/readyz")],  # these answer with one word
    ids=lambda route: f"{route.methods[0]} {route.path}",
)
def test_a_page_is_refused_by_a_page_and_all_else_by_a_problem_document(route: Any) -> None:
    async def app(scope: Any, *_: Any) -> None:
        exchange_of(scope).route = route
        raise ProblemError(named_problem("store-away", "Gone & back <soon>.", retry_after="5"))

    status, headers, body = answered(app)
    assert (status, headers["retry-after"]) == (503, "5")
    if route.access == "session":
        assert headers["content-type"].startswith("text/html")
        assert b"<h1>The store does not answer</h1>" in body
        assert b"Gone &amp; back &lt;soon&gt;." in body
    else:
        assert headers["content-type"] == "application/problem+json"


def test_work_in_a_thread_is_given_up_too() -> None:
    import time

    async def app(*_: Any) -> None:
        await anyio.to_thread.run_sync(time.sleep, 0.3)

    assert answered(app, 0.05)[0] == 504


@pytest.mark.parametrize(
    "failure", [RuntimeError("jane"), TimeoutError("jane"), KeyError("jane"), OSError("jane")]
)
def test_a_failure_is_a_500_whose_message_nobody_sees(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(*_: Any) -> None:
        raise failure

    with caplog.at_level(logging.DEBUG):
        status, _, body = answered(app)
    assert status == 500
    assert b"jane" not in body
    assert f"{type(failure).__name__} at test_watch.py:" in caplog.text
    assert "jane" not in caplog.text


def test_a_failure_in_the_middle_of_an_answer_starts_no_second_one() -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    assert answered(app)[0] == 200


def test_a_refusal_of_any_other_shape_becomes_a_problem_document() -> None:
    for status in (400, 404, 405, 429, 500, 503):
        for kind, parts in (
            (b"text/plain", (b"no ", b"jane")),
            (b"application/json", (b'[{"error": "jane"}]',)),
        ):
            found, headers, body = answered(answer_of(status, kind, *parts))
            assert (found, headers["content-type"]) == (status, "application/problem+json")
            assert b"jane" not in body
            assert int(headers["content-length"]) == len(body)


def test_an_answer_of_the_right_shape_is_left_as_it_is() -> None:
    assert answered(answer_of(200, b"text/plain", b"a", b"b"))[2] == b"ab"
    assert answered(answer_of(404, b"text/html; charset=utf-8", b"<p>"))[2] == b"<p>"
    assert answered(answer_of(422, b"application/problem+json", b"{}"))[2] == b"{}"


def test_a_refusal_from_within_keeps_its_headers() -> None:
    async def app(*_: Any) -> None:
        raise refuse(405, "no", allow="POST")

    assert answered(app)[1]["allow"] == "POST"


def test_a_websocket_is_closed() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Watch(answer_of(200, b""), 1, Telemetry())({"type": "websocket"}, None, send))  # type: ignore[arg-type]  # never asked
    assert sent == [{"type": "websocket.close", "code": 1008}]
