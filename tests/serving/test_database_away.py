"""A service whose PostgreSQL hangs, stops, and comes back."""

import json
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from fake_scorer import FakeScorer
from ports import free_port
from postgres import Postgres, postgres, programs
from served import Answer, Served, fake_server, put_champion, served
from service_here import NOW, TestClient
from waiting import until

from serving.access.key import SCOPES
from serving.parts import open_parts
from serving.run import ADMIN_KEY
from serving.settings import Settings

BODY = {"lead": {"lead_id": "L-1", "created_at": "2026-11-02T08:00:00Z", "employees": "420"}}
LIMIT_SECONDS = 9


@pytest.fixture(scope="module")
def database() -> Iterator[Postgres]:
    """A server of this module's own, which may be stopped."""
    folder = programs()
    if folder is None:
        pytest.skip("no PostgreSQL here: scripts/install-test-tools installs its server programs")
    with postgres(folder) as server:
        yield server


@pytest.fixture(scope="module")
def server(database: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home, port = tmp_path_factory.mktemp("away") / "home", free_port()
    put_champion(home)
    settings = (f"store_url={database.database()}", f"answer_limit_seconds={LIMIT_SECONDS}")
    with served(fake_server(home, port, *settings), home.parent, port) as server:
        yield server


@pytest.fixture
def key(server: Served) -> str:
    return (server.log_path.parent / "home" / ADMIN_KEY).read_text().strip()


def timed(ask: Callable[[], Answer]) -> tuple[Answer, float]:
    began = time.monotonic()
    return ask(), time.monotonic() - began


def look(server: Served, key: str) -> None:
    """Ask for this and that while the database is away."""
    for ask in (
        lambda: server.post("/score", BODY, key),
        lambda: server.ask("GET", "/v1/leads", key=key),
        lambda: server.ask("GET", "/v1/health", key=key),
        lambda: server.ask(
            "POST", "/v1/events", key=key, body=b'{"events": []}', Content_Type="application/json"
        ),
    ):
        answer, seconds = timed(ask)
        assert seconds < LIMIT_SECONDS
        assert answer.status == 503, answer.body
        assert json.loads(answer.body)["type"] in (
            "urn:leadlens:problem:store-away",
            "urn:leadlens:problem:busy",
        )
        assert int(answer.headers["retry-after"]) > 0
        live, seconds = timed(lambda: server.ask("GET", "/livez"))
        assert (live.body, seconds < 2) == (b"live", True)


def is_well(server: Served, key: str) -> None:
    until(lambda: server.post("/score", BODY, key).status == 200, "a score once the database is back")
    assert json.loads(server.ask("GET", "/v1/health", key=key).body)["store"]["reachable"] is True
    assert (
        server.ask(
            "PUT", "/v1/leads/L-1", key=key, body=b'{"lead": {}}', Content_Type="application/json"
        ).status
        < 300
    )
    assert "Traceback" not in server.log


def test_a_database_that_hangs_freezes_nobody(server: Served, database: Postgres, key: str) -> None:
    is_well(server, key)
    with database.hanging():
        until(lambda: server.post("/score", BODY, key).status == 503, "the end of what is known of the key")
        look(server, key)
    is_well(server, key)


def test_a_database_that_is_stopped_is_said_and_missed_no_longer_than_it_is_gone(
    server: Served, database: Postgres, key: str
) -> None:
    is_well(server, key)
    database.stop()
    try:
        until(lambda: server.post("/score", BODY, key).status == 503, "the end of what is known of the key")
        look(server, key)
    finally:
        database.start()
    is_well(server, key)


def test_whose_key_is_known_is_told_by_interface_and_pages_that_the_database_is_away(
    database: Postgres, tmp_path: Path
) -> None:
    from serving.app.asgi import leadlens_app

    put_champion(tmp_path)
    settings = Settings(home=tmp_path, store_url=database.database())
    parts = cache(lambda: open_parts(settings, load=FakeScorer.load, clock=lambda: NOW))
    _, text = parts().keys.create("k", SCOPES)
    bearer = {"Authorization": f"Bearer {text}"}
    with TestClient(leadlens_app(parts), base_url="http://127.0.0.1:3000", follow_redirects=False) as client:
        client.post(
            "/sign-in", data={"key": text, "next": "/leads"}, headers={"Origin": "http://127.0.0.1:3000"}
        )
        assert client.get("/leads").status_code == 200
        parts().keys.settle()
        database.stop()
        try:
            health = client.get("/v1/health", headers=bearer)
            listed = client.get("/v1/leads", headers=bearer)
            put = client.put("/v1/leads/L-1", json={"lead": {}}, headers=bearer)
            page = client.get("/leads")
        finally:
            database.start()
        assert (health.status_code, health.json()["store"]) == (
            200,
            {"kind": "postgresql", "reachable": False},
        )
        for refused in (listed, put):
            assert (refused.status_code, refused.json()["type"]) == (503, "urn:leadlens:problem:store-away")
        assert page.status_code == 503
        assert "<h1>The store does not answer</h1>" in page.text
        assert {answer.headers["retry-after"] for answer in (listed, put, page)} == {"5"}
        assert client.get("/v1/leads", headers=bearer).status_code == 200
    parts().keys.close()
