"""`leadlens serve` follows what another promotes: every process that answers, and nobody fails meanwhile."""

import json
import sys
import time
from pathlib import Path

import pytest
from ports import free_port
from promotable import some_versions
from served import Served, served

from leadlens.champion_change import crown
from models.registry import CHAMPION
from serving.clock import utc_now
from serving.conditions import conditions_in
from serving.run import create_key

pytestmark = pytest.mark.slow

BODY = {"lead": {"lead_id": "a", "created_at": "2024-03-01T00:00:00Z"}, "as_of": "2024-06-01T00:00:00Z"}


def test_all_that_answer_follow_the_alias_wherever_it_is_moved(tmp_path: Path) -> None:
    made = some_versions(tmp_path)
    crown(made.home, made.registry, made.versions[0], over=None, tags={})
    key = create_key(made.home, "k", ["score"])[1]
    port = free_port()
    command = [
        *(sys.executable, "-m", "leadlens", "serve", "--home", str(made.home), "--port", str(port)),
        *("--no-worker", "--workers", "2"),
    ]
    with served(command, tmp_path, port, LEADLENS_FOLLOW_SECONDS="0.5") as server:
        _until(server, key, 1)
        client = made.registry._client()  # noqa: SLF001  # as MLflow's own page does
        for version in (2, 1):
            client.set_registered_model_alias("leadlens", CHAMPION, str(version))
            _until(server, key, version)
        told = {(one.part, one.program): one.level for one in conditions_in(made.home, utc_now())}
        assert told["registry", "follower"] == told["champion", "follower"] == "ok"
        assert {program for part, program in told if part == "champion"} >= {
            "follower",
            "server 1",
            "server 2",
        }
        log = server.log
    assert "Version 2 is champion, and prepared. Before: 1" in log


def _until(server: Served, key: str, version: int) -> None:
    """Ask until all of many answers are of a version; none may fail meanwhile."""
    until, alike = time.monotonic() + 100, 0
    while alike < 20:
        assert time.monotonic() < until, server.log
        answer = server.post("/score", BODY, key)
        assert answer.status == 200, answer.body
        alike = alike + 1 if json.loads(answer.body)["model"]["version"] == version else 0
        time.sleep(0.01)
