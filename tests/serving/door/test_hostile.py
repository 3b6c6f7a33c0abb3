"""Whatever is sent, the answer is a problem document or a score, and the log says nothing of it."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from service_here import Service

from serving.door.routes import ROUTES

MARK = "jane.doe-7f3a@example.org"
CREATED = "2026-11-02T08:00:00Z"

BODIES = {
    "empty": b"",
    "blank": b"  \n",
    "no json": b"lead=1",
    "cut": b'{"lead": {"lead_id": "' + MARK.encode(),
    "NaN": b'{"lead": NaN}',
    "Infinity": b'{"lead": {"lead_id": "a", "x": -Infinity}}',
    "a name twice": b'{"lead": {"lead_id": "a", "lead_id": "b"}}',
    "half a character": b'{"lead": {"lead_id": "\\ud800"}}',
    "half a character in a name": b'{"lead": {"\\uDFFFx": 1}}',
    "latin-1": '{"lead": {"lead_id": "é"}}'.encode("latin-1"),
    "utf-16": '{"lead": {}}'.encode("utf-16"),
    "byte-order mark": b'\xef\xbb\xbf{"lead": {}}',
    "nul": b"\x00",
    "deep lists": b"[" * 30_000,
    "deep and whole": b"[" * 30_000 + b"]" * 30_000,
    "deep objects": b'{"a":' * 200 + b"1" + b"}" * 200,
    "endless number": b'{"lead": {"lead_id": "a", "n": ' + b"9" * 5_000 + b"}}",
}


WITH_JSON = [
    (method, route.path.replace("{id}", "hostile"))
    for route in ROUTES
    for method in route.methods
    if route.body in {"score", "batch", "json", "list", "upload"}
]


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_cannot_be_read_is_a_400_with_a_problem(service: Service, name: str) -> None:
    assert len(WITH_JSON) >= 8
    for method, path in WITH_JSON:
        answer = _sent(service, BODIES[name], path, method=method)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "body"
        assert MARK not in answer.text


@pytest.mark.parametrize(("method", "path"), WITH_JSON)
def test_fifty_megabytes_are_refused_by_their_length_or_as_they_come(
    service: Service, method: str, path: str
) -> None:
    piece = b" " * (1024 * 1024)
    for body in (piece * 50, (piece for _ in range(50))):
        answer = _sent(service, body, path, method=method)
        assert (answer.status_code, answer.json()["type"]) == (413, "urn:leadlens:problem:too-large")


@pytest.mark.parametrize(
    "body",
    [
        b"1e999",
        b'"text"',
        b"null",
        b"[]",
        b"0",
        b'{"lead": {"lead_id": "a", "n": 1e999}}',
        b'{"lead": {"lead_id": "a", "n": 99999999999999999999}}',
    ],
)
def test_json_that_is_no_request_is_a_422_with_a_problem(service: Service, body: bytes) -> None:
    assert _sent(service, body).status_code == 422


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=8), inside, max_size=4),
    max_leaves=12,
)
_times = st.sampled_from(
    [CREATED, "2026-11-20", "0000-00-00", "9999-12-31T23:59:59.9999999Z", "", "1e5", "20261120"]
)
_field = st.sampled_from(
    ["lead_id", "type", "occurred_at", "known_at", "event_id", "properties", "value", "page", "user"]
)
_events = st.lists(st.dictionaries(_field, _json | _times, max_size=6) | _json, max_size=4)
_lead = st.dictionaries(
    st.sampled_from(["lead_id", "created_at", "created", "employees", "Prospect ID"]), _json | _times
)
_body = st.fixed_dictionaries(
    {}, optional={"lead": _lead | _json, "events": _events | _json, "as_of": _times | _json, "x": _json}
)


def test_no_value_anywhere_makes_the_service_fail(
    service: Service, proof_size: Callable[[int, int], int]
) -> None:
    @examples(max_examples=proof_size(150, 20_000), deadline=None)
    @given(_body, st.booleans())
    def holds(body: Any, in_batch: bool) -> None:
        sent, path = ({"leads": [body, body]}, "/score_batch") if in_batch else (body, "/score")
        _well_answered(_sent(service, json.dumps(sent).encode(), path))

    holds()


def test_no_bytes_make_the_service_fail(service: Service, proof_size: Callable[[int, int], int]) -> None:
    whole = json.dumps(
        {"lead": {"lead_id": "a", "created_at": CREATED}, "events": [], "as_of": CREATED}
    ).encode()

    @examples(max_examples=proof_size(150, 20_000), deadline=None)
    @given(st.binary(max_size=60), st.integers(0, len(whole)), st.integers(0, len(whole)))
    def holds(noise: bytes, start: int, stop: int) -> None:
        _well_answered(_sent(service, whole[:start] + noise + whole[stop:]))

    holds()


def test_no_personal_data_reach_the_log(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    person = {"lead_id": MARK, "created_at": CREATED, "email": MARK, "employees": MARK, MARK: MARK}
    bad_event = {"type": MARK, "occurred_at": MARK, "properties": {"page": MARK}}
    bodies: list[Any] = [
        {"lead": person},
        {"lead": {**person, "created_at": MARK}},
        {"lead": {**person, "deep": {"a": MARK}}},
        {"lead": person, "events": [bad_event], "as_of": MARK, MARK: 1},
        [MARK],
    ]
    with caplog.at_level(logging.DEBUG):
        for body in bodies:
            assert 400 <= _sent(service, json.dumps(body).encode()).status_code < 500
            _sent(service, json.dumps({"leads": [body]}).encode(), "/score_batch")
            for method, address in WITH_JSON[2:]:
                path, name = address.replace("hostile", MARK), address.rpartition("/")[2]
                _sent(service, json.dumps(body).encode(), path, method=method)
                _sent(service, json.dumps({name: [body, *bad_event.items()]}).encode(), path, method=method)
        for path in ("", "/score", "/history", "/timeline", "/export"):
            service.client.get(f"/v1/leads/{MARK}{path}?{MARK}", headers=service.headers("admin"))
            service.client.get(f"/v1/leads/{MARK}{path}", headers=service.headers("admin"))
        service.client.get(f"/leads/{MARK}")
        service.client.get(f"/{MARK}?{MARK}")
        service.client.post("/sign-in", data={"key": MARK})
    ours = [record for record in caplog.records if record.name.partition(".")[0] not in ("httpx", "httpcore")]
    assert len(ours) >= 13
    assert not [
        record for record in ours if MARK in f"{record.getMessage()} {record.exc_text} {record.exc_info}"
    ]


def test_a_failure_inside_tells_the_caller_nothing_and_the_log_its_place(
    service: Service, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(MARK)

    answerer = service.parts.champion.answerer()
    assert answerer is not None
    monkeypatch.setattr(type(answerer.scorer), "score", broken)
    body = json.dumps({"lead": {"lead_id": "a", "created_at": CREATED}}).encode()
    with caplog.at_level(logging.DEBUG):
        answers = [
            _sent(service, body),
            _sent(service, b'{"leads": [%b, %b]}' % (body, body), "/score_batch"),
        ]
    for answer in answers:
        assert answer.status_code == 500
        assert answer.json()["errors"] == []
        assert answer.headers["content-type"] == "application/problem+json"
        assert MARK not in answer.text
        assert "RuntimeError at test_hostile.py" in caplog.text
        assert answer.headers["x-request-id"] in caplog.text
    assert MARK not in caplog.text


def _sent(service: Service, body: Any, path: str = "/score", *, method: str = "POST") -> Any:
    headers = {**service.headers("admin"), "Content-Type": "application/json"}
    return service.client.request(method, path, content=body, headers=headers)


def _well_answered(answer: Any) -> None:
    assert answer.status_code in (200, 400, 422), answer.text
    said = answer.json()
    if answer.status_code != 200:
        assert list(said) == ["type", "title", "status", "detail", "errors"]
        assert said["errors"]
        for error in said["errors"]:
            assert list(error) == ["field", "expected", "found", "remedy"]
            assert error["expected"]
            assert len(error["found"]) <= 80
