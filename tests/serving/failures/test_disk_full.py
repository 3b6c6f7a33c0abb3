"""A service whose disk is full: a real file system of a few MiB, filled to its last byte."""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from ports import free_port
from served import SUPPORT, Served, served
from small_disk import may_mount
from waiting import until

from serving.run import ADMIN_KEY

BODY = {"lead": {"lead_id": "L-1", "created_at": "2026-11-02T08:00:00Z", "employees": "420"}}
FULL = "urn:leadlens:problem:disk-full"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    home, port = tmp_path / "home", free_port()
    home.mkdir()
    if not may_mount(home):
        pytest.skip("this system lets nobody but root mount a file system of their own")
    command = ["unshare", "-rm", sys.executable, str(SUPPORT / "small_disk.py"), str(home), "12", str(port)]
    with served(command, tmp_path, port) as server:
        yield server


def fill(filler: Path) -> None:
    """Write until not one byte more has room."""
    with filler.open("wb", buffering=0) as file:
        for size in (65_536, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))


def put_lead(server: Served, key: str, number: int, text: str = "x") -> tuple[int, str]:
    body = json.dumps({"lead": {"employees": number, "Job title": text}}).encode()
    answer = server.ask("PUT", f"/v1/leads/D-{number}", key=key, body=body, Content_Type="application/json")
    return answer.status, str(json.loads(answer.body).get("type", "")) if answer.body else ""


def test_scores_go_on_writes_are_refused_and_all_is_well_once_there_is_room(server: Served) -> None:
    home = Path(f"/proc/{server.process.pid}/root") / str(server.log_path.parent / "home").lstrip("/")
    key = (home / ADMIN_KEY).read_text().strip()
    assert put_lead(server, key, 1)[0] == 201
    filler = home / "filler"
    fill(filler)

    def is_refused() -> bool:  # what is left of the store's own pages is written first
        return any(put_lead(server, key, number, "word " * 400)[0] == 507 for number in range(2, 400))

    assert is_refused()
    assert put_lead(server, key, 1_000, "word " * 400) == (507, FULL)
    assert server.post("/score", BODY, key).status == 200
    upload = server.ask(
        "POST", "/v1/score-jobs", key=key, body=b"Prospect ID\n" + b"x\n" * 90_000, Content_Type="text/csv"
    )
    assert (upload.status, json.loads(upload.body)["type"]) == (507, FULL)

    def told() -> list[str]:
        health = json.loads(server.ask("GET", "/v1/health", key=key).body)
        return [one["level"] for one in health["conditions"] if one["part"] == "disk"]

    until(lambda: told() == ["failed"], "the word that the disk is full")
    assert server.ask("GET", "/readyz").body == b"ready"
    statuses = [server.post("/score", BODY, key).status for _ in range(20)]
    assert set(statuses) == {200}
    assert [path for path in (home / "uploads").glob("*") if path.stat().st_size] == []
    filler.unlink()
    assert put_lead(server, key, 1_000, "word " * 400)[0] == 201
    until(lambda: told() == ["ok"], "the word that there is room")
    assert "Traceback" not in server.log
