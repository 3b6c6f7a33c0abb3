"""What the gate says to those who ask too often, or are wrong too often."""

from pathlib import Path
from typing import Any

import pytest
from service_here import Service, TestClient
from starlette.responses import PlainTextResponse

from serving.access.key_ring import KeyRing
from serving.access.look_ups import LookUps
from serving.access.rate_limits import Guesses, KeyLimits
from serving.door.gate import Gate
from serving.door.watch import Watch
from serving.store.database import open_store
from serving.telemetry.telemetry import Telemetry


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(open_store(tmp_path), lambda: 1_000)


@pytest.fixture
def client(ring: KeyRing) -> Any:
    """A gate before nothing much, which allows three requests a minute a key, and three wrong keys."""
    look_ups = LookUps(ring)
    gate = Gate(PlainTextResponse("through"), look_ups, Guesses(look_ups, 3), KeyLimits(3))
    return TestClient(Watch(gate, 10, Telemetry()), base_url="http://127.0.0.1")


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def until_refused(client: Any, text: str) -> tuple[list[int], Any]:
    """Ask until the answer is 429; return the statuses before it, and that answer."""
    before: list[int] = []
    while (answer := client.get("/docs.json", headers=bearer(text))).status_code != 429:
        before.append(answer.status_code)
        assert len(before) < 10
    return before, answer


def test_a_key_that_asks_too_often_is_told_when_to_come_again(client: Any, ring: KeyRing) -> None:
    _, text = ring.create("k", ["read"])
    before, refusal = until_refused(client, text)
    assert set(before) == {200}
    assert len(before) in (3, 4)
    assert refusal.json()["type"] == "urn:leadlens:problem:too-many"
    assert f"Try again in {refusal.headers['retry-after']} s." in refusal.json()["detail"]


def test_a_key_that_may_not_is_counted_too(client: Any, ring: KeyRing) -> None:
    _, text = ring.create("k", ["score"])
    before, _ = until_refused(client, text)
    assert set(before) == {403}


def test_too_many_wrong_keys_shut_out_no_right_one(client: Any, ring: KeyRing) -> None:
    _, known = ring.create("k", ["read"], limit_per_minute=0)
    _, unknown = ring.create("new", ["read"], limit_per_minute=0)
    assert client.get("/docs.json", headers=bearer(known)).status_code == 200
    before, refusal = until_refused(client, "ll_00000000_wrong")
    assert set(before) == {401}
    assert 1 <= int(refusal.headers["retry-after"]) <= 60
    assert client.get("/docs.json", headers=bearer(unknown)).status_code == 200
    assert client.get("/docs.json", headers=bearer(known)).status_code == 200
    assert client.get("/livez").status_code == 200


def test_a_request_without_any_key_is_no_guess(client: Any) -> None:
    assert {client.get("/docs.json").status_code for _ in range(10)} == {401}


def test_a_session_counts_as_its_key(service: Service) -> None:
    _, text = service.ring.create("k", ["read"], limit_per_minute=2)
    service.client.cookies.clear()
    service.client.post("/sign-in", data={"key": text, "next": "/leads"})
    statuses = [service.client.get("/leads").status_code for _ in range(4)]
    assert statuses[:2] == [200, 200]
    assert statuses[-1] == 429
