"""The hot layer, beside the ordinary way through all layers."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from score_bodies import BODIES, USUAL, mutated
from service_here import Service, TestClient

from serving.hot import layer
from serving.hot.layer import Hot

JSON = {"Content-Type": "application/json"}
QUERIES = ("", "reasons=all", "explain=true", "reasons=5", "record=true", "x=1")
BODY = json.dumps(USUAL).encode()


@pytest.fixture(scope="module")
def hot(service: Service) -> Hot:
    app = service.client.app
    assert isinstance(app, Hot)
    return app


@pytest.fixture(scope="module")
def ordinary(service: Service, hot: Hot) -> TestClient:
    """A client of the same service that goes round the hot layer."""
    app = hot._app  # noqa: SLF001 - what stands behind the layer
    return TestClient(app, base_url=str(service.client.base_url), raise_server_exceptions=False)


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The statuses of what the hot layer answers itself."""
    statuses: list[int] = []
    start = layer._start  # noqa: SLF001 - what each of its answers begins with

    def noted(answer: Any, request_id: str) -> Any:
        statuses.append(answer.status)
        return start(answer, request_id)

    monkeypatch.setattr(layer, "_start", noted)
    return statuses


def told(answer: Any) -> tuple[int, dict[str, str], bytes]:
    """What may not differ: all but the id of the request."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert len(headers.pop("x-request-id")) == 16
    return answer.status_code, headers, answer.content


def test_the_usual_request_is_answered_at_once_with_the_same_bytes(
    service: Service, ordinary: TestClient, answered: list[int]
) -> None:
    service.client.post("/score", content=BODY, headers=service.headers() | JSON)  # the key is at hand now
    answered.clear()
    for query in ("", "?reasons=all"):
        ways = [client.post(f"/score{query}", content=BODY, headers=service.headers() | JSON)
                for client in (service.client, ordinary)]  # fmt: skip
        assert told(ways[0]) == told(ways[1])
        assert ways[0].status_code == 200
    assert answered == [200, 200]


@pytest.mark.proof(part="bodies")
def test_whatever_is_sent_both_ways_say_the_same(
    service: Service, ordinary: TestClient, answered: list[int], proof_size: Callable[[int, int], int]
) -> None:
    @examples(max_examples=proof_size(130, 5_000), deadline=None, database=None)
    @given(BODIES.map(lambda body: json.dumps(body).encode()) | mutated(), st.sampled_from(QUERIES))
    @example(BODY, "")
    def holds(body: bytes, query: str) -> None:
        path = "/score" + (f"?{query}" if query else "")
        ways = [
            told(client.post(path, content=body, headers=service.headers() | JSON))
            for client in (service.client, ordinary)
        ]
        assert ways[0] == ways[1]

    holds()
    assert answered


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/score", {"Authorization": "Bearer ll_00000000_wrong"}),
        ("POST", "/score", {"Authorization": "Basic x"}),
        ("POST", "/score", {"Authorization": ""}),
        ("POST", "/score", {"Content-Type": "text/plain"}),
        ("POST", "/score", {"Content-Type": "application/json; charset=latin-1"}),
        ("POST", "/score", {"Content-Type": "Application/JSON; charset=UTF-8"}),
        ("HEAD", "/score", {}),
        ("PUT", "/score", {}),
        ("POST", "/score/", {}),
        ("POST", "/%73core", {}),
    ],
)
def test_what_is_not_usual_is_passed_on(
    service: Service,
    ordinary: TestClient,
    answered: list[int],
    method: str,
    path: str,
    headers: dict[str, str],
) -> None:
    ways = [
        client.request(method, path, content=BODY, headers=service.headers() | JSON | headers)
        for client in (service.client, ordinary)
    ]
    assert told(ways[0]) == told(ways[1])
    assert not answered


def test_a_key_that_may_not_score_is_passed_on(service: Service, answered: list[int]) -> None:
    for _ in range(2):
        refused = service.client.post("/score", content=BODY, headers=service.headers("read") | JSON)
        assert refused.status_code == 403
    assert not answered


def test_a_body_that_comes_in_pieces_is_put_together(
    service: Service, ordinary: TestClient, answered: list[int]
) -> None:
    def pieces() -> Iterator[bytes]:
        yield from (BODY[:10], BODY[10:300], BODY[300:])

    ways = [
        client.post("/score", content=pieces(), headers=service.headers() | JSON)
        for client in (service.client, ordinary)
    ]
    assert told(ways[0]) == told(ways[1])
    assert answered == [200]


def test_a_failure_is_told_without_what_it_says(
    service: Service, answered: list[int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ValueError("jane.doe@example.org")

    scorer: Any = service.parts.champion.answerer().scorer  # type: ignore[union-attr]  # one is loaded
    monkeypatch.setattr(type(scorer), "score_each", fail)
    with caplog.at_level(logging.INFO):
        answer = service.client.post("/score", content=BODY, headers=service.headers() | JSON)
    assert answered == [500]
    assert answer.headers["content-type"] == "application/problem+json"
    assert f"(request {answer.headers['x-request-id']})" in caplog.text
    assert "ValueError at test_layer.py:" in caplog.text
    assert "jane" not in caplog.text + answer.text


def test_what_a_model_cannot_read_is_named(
    service: Service, ordinary: TestClient, answered: list[int]
) -> None:
    body = BODY.replace(b"420", b'"many"')
    ways = [
        client.post("/score", content=body, headers=service.headers() | JSON)
        for client in (service.client, ordinary)
    ]
    assert told(ways[0]) == told(ways[1])
    assert answered == [422]


def test_a_revoked_key_scores_no_more(service: Service, answered: list[int]) -> None:
    key, text = service.ring.create("short", ["score"])
    headers = {"Authorization": f"Bearer {text}"} | JSON
    statuses = [service.client.post("/score", content=BODY, headers=headers).status_code for _ in range(2)]
    service.ring.revoke(key.id)
    statuses.append(service.client.post("/score", content=BODY, headers=headers).status_code)
    assert statuses == [200, 200, 401]
    assert answered == [200]


def test_a_key_that_asks_too_often_is_refused(service: Service, answered: list[int]) -> None:
    _, text = service.ring.create("often", ["score"], limit_per_minute=3)
    headers = {"Authorization": f"Bearer {text}"} | JSON
    statuses = [service.client.post("/score", content=BODY, headers=headers).status_code for _ in range(8)]
    assert statuses.count(200) in (3, 4)
    assert statuses[-1] == 429
    assert len(answered) >= 2
