"""The interface on SQLite and on PostgreSQL, behind its layers, without BentoML between."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fake_scorer import FakeScorer
from served import put_champion
from service_here import NOW, TestClient
from starlette.applications import Starlette

from serving.access.key import SCOPES
from serving.app.layers import guarded
from serving.parts import open_parts
from serving.settings import Settings
from serving.store.database import StoreAwayError, StoreBusyError

CREATED = "2026-11-02T08:00:00Z"
AT = "2026-11-20T17:02:11Z"


@pytest.fixture
def client(tmp_path: Path, store_url: str | None) -> Iterator[TestClient]:
    put_champion(tmp_path)
    settings = Settings(home=tmp_path, store_url=store_url, key_limit_per_minute=0, waiting_jobs_limit=2)
    parts = open_parts(settings, load=FakeScorer.load, clock=lambda: NOW)
    _, text = parts.keys.create("test", SCOPES)
    headers = {"Authorization": f"Bearer {text}"}
    with TestClient(
        guarded(Starlette(), lambda: parts), base_url="http://127.0.0.1:3000", headers=headers
    ) as client:
        yield client
    parts.keys.settle()
    parts.store.close()


def test_the_life_of_a_lead(client: TestClient) -> None:
    lead = {
        "created_at": CREATED,
        "employees": "420",
        "email": "kim@acme.example.org",
        "note": "ö \U0001f600",
    }
    assert client.put("/v1/leads/a%2Fb", json={"lead": lead}).status_code == 201
    assert client.put("/v1/leads", json={"leads": [{"lead": {**lead, "lead_id": "L-2"}}]}).status_code == 200
    event = {
        "lead_id": "a/b",
        "type": "page_view",
        "occurred_at": AT,
        "event_id": "e",
        "properties": {"page": "ö"},
    }
    key = {"Idempotency-Key": "k"}
    kept = [client.post("/v1/events", json={"events": [event]}, headers=key).json() for _ in range(2)]
    assert kept[0] == kept[1]
    outcome = {"lead_id": "L-2", "outcome": "lost", "occurred_at": AT, "value": 1.5}
    assert client.post("/v1/outcomes", json={"outcomes": [outcome]}).status_code == 200
    assert client.get("/v1/leads/L-2/score").json()["stage"] == "lost"
    assert client.get("/v1/leads/a%2Fb/score").json()["score"] == 85
    foretold = client.post("/v1/leads/a%2Fb/what-if", json={"events": [{"type": "page_view"}]}).json()
    assert [foretold["score"], *(one["change"] for one in foretold["sent"])] == [85, 3]
    assert client.post("/v1/leads/L-2/what-if", json={}).json()["stage"] == "lost"
    past = client.get("/v1/leads/a%2Fb/score?as_of=2026-11-10").json()
    assert past["score"] == 40  # nothing was known here before it arrived
    assert client.get("/v1/leads/L-2").json()["columns"]["note"] == lead["note"]
    listed = client.get("/v1/leads?standing=open&order=score&score_from=80").json()["leads"]
    assert [one["lead_id"] for one in listed] == ["a/b"]
    merged = client.post("/v1/leads/a%2Fb/merge", json={"lead_ids": ["L-2"]})
    assert merged.json()["merged"] == ["L-2"]
    kinds = {one["kind"] for one in client.get("/v1/leads/L-2/timeline").json()["happenings"]}
    assert kinds == {"score", "merge", "outcome", "event", "change"}
    assert client.get("/v1/leads/L-2/history?limit=1").json()["next"] is not None
    assert len(client.get("/v1/leads/L-2/scores").json()["records"]) == 1
    assert client.get("/v1/health").json()["store"]["reachable"] is True
    job = client.post("/v1/score-jobs", content=b"lead_id\nx\n", headers={"Content-Type": "text/csv"}).json()
    assert client.get("/v1/score-jobs").json()["jobs"] == [job]
    assert "kim@acme" in json.dumps(client.get("/v1/leads/L-2/export").json())
    assert client.post("/v1/leads/a%2Fb/erase").json()["leads"] == 2
    assert client.get("/v1/leads/a%2Fb").status_code == 404


def test_many_who_write_at_once_are_all_answered(client: TestClient) -> None:
    statuses: list[int] = []

    def write(number: int) -> None:
        for lead in range(5):
            body = {"lead": {"created_at": CREATED, "employees": number}}
            statuses.append(client.put(f"/v1/leads/L-{lead}", json=body).status_code)
            events = [
                {
                    "lead_id": f"L-{lead}",
                    "type": "page_view",
                    "occurred_at": AT,
                    "event_id": f"{number}.{lead}",
                }
            ]
            statuses.append(client.post("/v1/events", json={"events": events}).status_code)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert set(statuses) <= {200, 201}
    assert statuses.count(201) == 5
    told = client.get("/v1/leads/L-0/timeline?limit=200").json()["happenings"]
    assert sum(one["kind"] == "event" for one in told) == 8


def test_a_store_that_is_out_of_reach_is_said(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlalchemy as sa

    def gone(*_: object) -> None:
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr("serving.api.model._waiting", gone)
    told = client.get("/v1/health").json()
    assert (told["store"]["reachable"], told["stale_leads"], told["champion"]["version"]) == (False, None, 7)


def test_a_cursor_that_no_text_column_can_hold_is_refused(client: TestClient) -> None:
    for path in ("score-jobs", "leads", "audit-log"):
        assert client.get(f"/v1/{path}?cursor=%00").status_code == 422


def test_only_so_many_files_of_a_key_wait_and_one_more_is_not_kept(
    client: TestClient, tmp_path: Path
) -> None:
    def sent() -> Any:
        return client.post("/v1/score-jobs", content=b"id\n1\n", headers={"Content-Type": "text/csv"})

    first, _ = sent(), sent()
    refused = sent()
    assert (refused.status_code, refused.json()["type"]) == (429, "urn:leadlens:problem:too-many")
    assert "2 score jobs of this key wait" in refused.json()["detail"]
    assert refused.headers["retry-after"] == "60"
    assert len(list((tmp_path / "score-jobs").iterdir())) == 2
    assert list((tmp_path / "uploads").iterdir()) == []
    assert client.delete(f"/v1/score-jobs/{first.json()['id']}").status_code == 200
    assert sent().status_code == 201


@pytest.mark.parametrize(("problem", "is_kept"), [(StoreBusyError, False), (StoreAwayError, True)])
def test_a_file_whose_job_was_not_made_is_not_kept_unless_it_may_have_been(
    client: TestClient, tmp_path: Path, problem: type[StoreBusyError], is_kept: bool
) -> None:
    def breaks(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO score_jobs"):
            raise problem("it is")

    sa.event.listen(sa.Engine, "before_cursor_execute", breaks)
    try:
        answer = client.post("/v1/score-jobs", content=b"id\n1\n", headers={"Content-Type": "text/csv"})
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", breaks)
    assert answer.status_code == 503
    assert bool(list((tmp_path / "score-jobs").iterdir())) == is_kept
