"""Whatever is sent under /v1, the answer is what the interface says, and nothing fails inside."""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_scorer import FakeScorer
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from service_here import Service

from decisions.policy import Policy
from serving.app.layers import guarded
from serving.door.arriving import MIB, body_into_file
from serving.door.intake import Intake
from serving.held_files import new_held_file, remove_left_files
from serving.scoring.champion import Champion
from serving.settings import Settings

MARK = "jane.doe-7f3a@example.org"
AT = "2026-11-20T17:02:11Z"

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=8), inside, max_size=4),
    max_leaves=12,
)
_odd = st.sampled_from(
    [
        AT, "2026-11-20", "0000-00-00", "9999-12-31T23:59:59Z", "01-01-1899 00:00", "", "\0", "a\0", "\ud800",
        "x" * 513, 10**400, 1e308, -0.0, float("nan"), float("inf"), "won", "reversed", [], {}, [["a"]],
        {"a": "\0"},
    ]
)  # fmt: skip
_value = _json | _odd
_lead = st.dictionaries(
    st.sampled_from(["lead_id", "created_at", "created", "employees", "Prospect ID", "email", "phone", "\0"]),
    _value,
)
_row = st.dictionaries(
    st.sampled_from(
        ["lead_id", "user", "type", "kind", "occurred_at", "known_at", "event_id", "outcome_id", "outcome",
         "value", "properties", "page"]
    ),
    _value,
)  # fmt: skip
_put = st.fixed_dictionaries({}, optional={"lead": _lead | _value, "x": _value})
BODIES = {
    ("PUT", "/v1/leads/hostile"): _put | _value,
    ("PUT", "/v1/leads"): st.fixed_dictionaries({"leads": st.lists(_put | _value, max_size=4) | _value}),
    ("POST", "/v1/events"): st.fixed_dictionaries({"events": st.lists(_row | _value, max_size=4) | _value}),
    ("POST", "/v1/outcomes"): st.fixed_dictionaries(
        {"outcomes": st.lists(_row | _value, max_size=4) | _value}
    ),
    ("POST", "/v1/leads/hostile/merge"): st.fixed_dictionaries(
        {"lead_ids": st.lists(_value, max_size=3) | _value}
    ),
    ("POST", "/v1/leads/hostile/what-if"): st.fixed_dictionaries(
        {}, optional={"events": st.lists(_row | _value, max_size=4) | _value, "together": _value}
    ),
    ("POST", "/v1/score-jobs"): st.fixed_dictionaries(
        {}, optional={"path": _value, "events": _value, "as_of": _value, "result": _value}
    ),
}


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_no_value_anywhere_makes_the_interface_fail(
    service: Service, proof_size: Callable[[int, int], int], method: str, path: str
) -> None:
    headers = {**service.headers("admin"), "Content-Type": "application/json"}

    @examples(max_examples=proof_size(60, 5_000), deadline=None)
    @given(BODIES[method, path])
    def holds(body: Any) -> None:
        answer = service.client.request(method, path, content=json.dumps(body), headers=headers)
        assert answer.status_code in (200, 201, 400, 404, 422), answer.text
        if answer.status_code >= 400:
            well_shaped(answer.json())
        elif not isinstance(answer.json(), list):
            for item in next(iter(answer.json().values())) if path.endswith("s") and method != "GET" else ():
                if isinstance(item, dict) and "status" in item:
                    well_shaped(item)

    holds()


ADDRESSES = (
    "/v1/leads/{}/score", "/v1/leads/{}", "/v1/{}", "/v1/leads?cursor={}", "/v1/leads/x/score?as_of={}",
    "/v1/leads?{}", "/v1/score-jobs/{}/result",
)  # fmt: skip


@examples(deadline=None)
@given(st.binary(max_size=40))
def test_no_bytes_in_a_path_or_a_query_make_the_interface_fail(service: Service, noise: bytes) -> None:
    encoded = "".join(f"%{byte:02x}" for byte in noise)
    for address in ADDRESSES:
        answer = service.client.get(address.format(encoded), headers=service.headers("admin"))
        assert answer.status_code in (200, 404, 409, 422), (address, answer.text)


def well_shaped(problem: dict[str, Any]) -> None:
    assert list(problem)[:5] == ["type", "title", "status", "detail", "errors"]
    for error in problem["errors"]:
        assert list(error) == ["field", "expected", "found", "remedy"]
        assert len(error["found"]) <= 80


def test_a_failure_inside_tells_the_caller_nothing_and_the_log_its_place(
    service: Service, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(MARK)

    monkeypatch.setattr("serving.api.leads.keep_leads", broken)
    with caplog.at_level(logging.DEBUG):
        answer = service.client.put(f"/v1/leads/{MARK}", json={"lead": {}}, headers=service.headers("ingest"))
    assert (answer.status_code, answer.json()["errors"]) == (500, [])
    assert MARK not in answer.text
    ours = [record.getMessage() for record in caplog.records if record.name.partition(".")[0] == "leadlens"]
    assert "RuntimeError at test_hostile.py" in "\n".join(ours)
    assert MARK not in "\n".join(ours)


def test_a_store_that_is_held_by_others_is_busy_and_says_when_to_come_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    from serving.store.database import StoreBusyError

    def held(*_: object) -> None:
        raise StoreBusyError("held")

    monkeypatch.setattr("serving.api.leads.keep_leads", held)
    answer = service.client.put("/v1/leads/busy", json={"lead": {}}, headers=service.headers("ingest"))
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:leadlens:problem:busy")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("PUT", "/v1/leads/slow", "application/json"),
        ("POST", "/v1/events", "application/json"),
        ("POST", "/v1/score-jobs", "text/csv"),
    ],
)
def test_a_sender_that_never_ends_is_given_up(service: Service, method: str, path: str, kind: str) -> None:
    settings = service.parts.settings.model_copy(update={"answer_limit_seconds": 0.2})
    app = guarded(_nothing, lambda: replace(service.parts, settings=settings))
    sent: list[Any] = []
    key = service.headers("admin")["Authorization"].encode()
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [(b"authorization", key), (b"content-type", kind.encode())],
    }  # fmt: skip
    pieces = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> Any:
        if pieces:
            return pieces.pop()
        await asyncio.sleep(60)
        raise AssertionError("it was to be given up")

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 504
    assert json.loads(sent[1]["body"])["type"] == "urn:leadlens:problem:too-slow"
    folder = settings.home / "uploads"
    assert not folder.exists() or list(folder.iterdir()) == []


def test_a_file_that_moves_is_given_more_time_for_each_mebibyte(tmp_path: Path) -> None:
    bought: list[int] = []
    pieces = [{"type": "http.request", "body": b"x" * (MIB // 2), "more_body": left > 0} for left in range(7)]

    async def receive() -> Any:
        return pieces.pop()

    path = tmp_path / "uploads" / "file"
    file, _ = asyncio.run(body_into_file({"headers": []}, receive, 4 * MIB, path, lambda: bought.append(1)))
    with file:
        remove_left_files(path.parent)  # it is held, so it is none of those
    assert path.stat().st_size == 3 * MIB + MIB // 2
    assert len(bought) == 3
    remove_left_files(path.parent)
    assert not path.exists()


def test_a_start_removes_what_killed_servers_have_left_whatever_its_age(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    left, arrives = (tmp_path / "uploads" / name for name in ("left.csv", "arrives.csv"))
    new_held_file(left).close()
    with new_held_file(arrives):  # at another process that answers
        Intake(_nothing, settings, Champion(settings, Policy(), FakeScorer.load), lambda: 0)
        assert (left.exists(), arrives.exists()) == (False, True)


async def _nothing(*_: Any) -> None:
    raise AssertionError("nothing passes the interface")
