"""A service whose PostgreSQL hangs, stops, and comes back."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
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
from serving.access.key_memory import FILE
from serving.parts import open_parts
from serving.run import ADMIN_KEY
from serving.settings import Settings

BODY = {"lead": {"lead_id": "L-1", "created_at": "2026-11-02T08:00:00Z", "employees": "420"}}
LIMIT_SECONDS = 5


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
    """Ask for this and that while the database is away: scores go on, and what needs it is refused."""
    for ask in (
        lambda: server.ask("GET", "/v1/leads", key=key),
        lambda: server.post("/score?record=true", BODY, key),
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
        assert server.post("/score", BODY, key).status == 200
        assert server.post("/score", BODY, "ll_00000000_wrong").status == 503
        live, seconds = timed(lambda: server.ask("GET", "/livez"))
        assert (live.body, seconds < 2) == (b"live", True)
    health = json.loads(server.ask("GET", "/v1/health", key=key).body)
    assert health["store"]["reachable"] is False
    until(
        lambda: "leadlens_store_up 0.0" in server.ask("GET", "/metrics", key=key).body.decode(),
        "the figure of the store",
    )
    assert server.ask("GET", "/readyz").body == b"ready"


@contextmanager
def scoring(server: Served, key: str) -> Iterator[list[int]]:
    """Score again and again as long as the block lasts, and give the statuses of the answers."""
    statuses: list[int] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.02):
            answer, seconds = timed(lambda: server.post("/score", BODY, key))
            statuses.append(answer.status if seconds < 5 else 0)

    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(ask)
        try:
            yield statuses
        finally:
            over.set()
            asking.result()


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
        with scoring(server, key) as answers:
            look(server, key)
        assert set(answers) == {200}
    is_well(server, key)


def test_a_database_that_is_stopped_is_said_and_missed_no_longer_than_it_is_gone(
    server: Served, database: Postgres, key: str
) -> None:
    is_well(server, key)
    with scoring(server, key) as answers:
        for _ in range(2):
            database.stop()
            try:
                look(server, key)
            finally:
                database.start()
            is_well(server, key)
    assert set(answers) == {200}
    assert len(answers) > 20


def test_a_server_starts_while_the_database_is_away_scores_and_finds_it_when_it_comes(
    server: Served, database: Postgres, key: str
) -> None:
    home = server.log_path.parent / "home"
    is_well(server, key)
    until((home / FILE).exists, "what is kept of the key")
    assert (home / FILE).stat().st_mode & 0o777 == 0o600
    assert key not in (home / FILE).read_text()
    url, port = database.database(), free_port()
    database.stop()
    is_stopped = True
    try:
        with served(fake_server(home, port, f"store_url={url}"), home.parent, port) as late:
            assert late.ask("GET", "/readyz").body == b"ready"
            look(late, key)
            database.start()
            is_stopped = False
            until(lambda: late.ask("GET", "/v1/leads", key=key).status == 401, "its store, without the key")
            assert late.post("/score", BODY, key).status == 401
            assert "Traceback" not in late.log
    finally:
        if is_stopped:
            database.start()


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
