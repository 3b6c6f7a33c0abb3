"""A promotion keeps nobody waiting but who noticed it first."""

import threading
from concurrent.futures import ThreadPoolExecutor
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
    with (
        TestClient(leadlens_app(parts), base_url="http://127.0.0.1:3000") as client,
        ThreadPoolExecutor(1) as pool,
    ):

        def version() -> Any:
            return client.post("/score", json=BODY, headers=headers).json()["model"]["version"]

        assert version() == 7
        put_champion(tmp_path, "v8", 8)
        loading.clear()
        go_on.clear()
        first = pool.submit(version)
        assert loading.wait(20)
        assert client.get("/livez").status_code == 200
        assert (version(), first.done()) == (7, False)
        go_on.set()
        assert (first.result(), version()) == (8, 8)
