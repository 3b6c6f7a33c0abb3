"""The whole job with the network closed: nothing of it speaks to anyone outside."""

import json
import subprocess
import time
from pathlib import Path

import pandas as pd
import pytest
from command_line import ROOT, program
from network import ClosedNetwork
from ports import free_port
from served import Answer, Served

pytestmark = pytest.mark.slow


def run(closed: ClosedNetwork, *words: object) -> str:
    done = subprocess.run(
        closed.command(program(*words)),
        env=closed.environment(),
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_generate_train_promote_score_and_serve_need_no_network(
    home: Path, closed_network: ClosedNetwork, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    run(closed_network, "generate", "--out", data, "--leads", 700, "--format", "csv")
    run(closed_network, "train", "--config", data / "leadlens.toml", "--home", home)
    run(closed_network, "promote", "--force", "--why", "it is small", "--home", home)
    files = ("--leads", data / "leads.csv", "--events", data / "events.csv")
    run(closed_network, "score", *files, "--out", tmp_path / "s.csv", "--home", home)
    assert len(pd.read_csv(tmp_path / "s.csv")) == 700
    key = run(closed_network, "keys", "create", "crm", "--home", home).strip()
    lead = {"lead_id": "L-1", "created_at": "2026-06-01"}
    events = [{"type": "page_view", "occurred_at": "2026-06-02T10:00:00Z"}]
    body = {"lead": lead, "events": events, "as_of": "2026-06-03T00:00:00Z"}
    answer = closed_network.inside(asked_of_a_server, closed_network, home, tmp_path, body, key)
    assert answer.status == 200, answer.body
    assert json.loads(answer.body)["model"] == {"name": "leadlens", "version": 1}
    assert closed_network.attempts == []


def asked_of_a_server(closed: ClosedNetwork, home: Path, folder: Path, body: object, key: str) -> Answer:
    port, log = free_port(), folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            closed.command(program("serve", "--home", home, "--port", port)),
            stdout=output,
            stderr=output,
            env=closed.environment(),
            cwd=ROOT,
        )
    server = Served(f"http://127.0.0.1:{port}", log, process)
    try:
        until = time.monotonic() + 90
        while time.monotonic() < until and process.poll() is None:
            try:
                if server.ask("GET", "/readyz").status == 200:
                    return server.post("/score", body, key)
            except OSError:
                time.sleep(0.2)
        raise AssertionError(server.log)
    finally:
        process.terminate()
        process.wait(20)
