"""The service in this process, with a scorer that needs no training."""

import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from fake_scorer import DATED, FakeScorer
from served import put_champion, put_leads
from service_here import NOW, Service, TestClient

from features.mapping import mapping_from
from serving.access.key import SCOPES
from serving.parts import open_parts
from serving.scoring.requests import RequestReader
from serving.settings import Settings


@pytest.fixture(scope="session")
def service_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("service") / "home"
    put_champion(home)
    put_leads(home)
    return home


@pytest.fixture(scope="session")
def service(service_home: Path) -> Iterator[Service]:
    from serving.app.asgi import leadlens_app

    settings = Settings(
        home=service_home,
        batch_limit_leads=20,
        event_limit=50,
        score_body_limit_bytes=64 * 1024,
        wrong_key_limit_per_minute=0,
        key_limit_per_minute=0,
        upload_limit_bytes=1024 * 1024,
        waiting_jobs_limit=100_000,
    )
    parts = cache(lambda: open_parts(settings, load=FakeScorer.load, clock=lambda: NOW))
    keys = {scope: parts().keys.create(scope, [scope])[1] for scope in SCOPES}
    client = TestClient(
        leadlens_app(parts),
        base_url="http://127.0.0.1:3000",
        raise_server_exceptions=False,
        follow_redirects=False,
    )
    with client:
        logging.getLogger("leadlens").setLevel(logging.INFO)
        yield Service(client, parts(), keys)


@pytest.fixture
def reader() -> RequestReader:
    return RequestReader(mapping_from(DATED), event_limit=50, batch_limit=20)
