"""A promotion keeps nobody waiting."""

import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

from fake_scorer import FakeScorer
from served import put_champion
from service_here import TestClient

from serving.app.asgi import leadlens_app
from serving.parts import open_parts
from serving.settings import Settings

BODY = {"lead": {"lead_id": "L-1", "created_at": "2026-06-20T08:00:00Z"}}


def test_the_champion_before_answers_while_the_next_is_loaded(tmp_path: Path) -> None:
    loading, go_on = threading.Event(), threading.Event()
    go_on.set()

    def slowly(home: Path) -> FakeScorer | None:
        loading.set()
        go_on.wait(20)
        return FakeScorer.load(home)

    put_champion(tmp_path, "v7", 7)
    settings = Settings(home=tmp_path, key_limit_per_minute=0)
    parts = cache(lambda: open_parts(settings, load=slowly))
    headers = {"Authorization": f"Bearer {parts().keys.create('k', ['score'])[1]}"}
    with TestClient(leadlens_app(parts), base_url="http://127.0.0.1:3000") as client:

        def version() -> Any:
            return client.post("/score", json=BODY, headers=headers).json()["model"]["version"]

        assert version() == 7
        loading.clear()
        go_on.clear()
        put_champion(tmp_path, "v8", 8)
        assert loading.wait(20)
        assert client.get("/readyz").status_code == 200
        assert (version(), version()) == (7, 7)
        go_on.set()
        until = time.monotonic() + 20
        while version() == 7:
            assert time.monotonic() < until
        assert version() == 8
