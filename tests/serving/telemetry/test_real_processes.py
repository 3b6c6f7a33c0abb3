"""Two processes that answer and a worker: their figures add up through a kill, their lines are JSON."""

import json
from pathlib import Path

import psutil
from ports import free_port
from prometheus_client.parser import text_string_to_metric_families
from served import Served, fake_server, put_champion, served
from waiting import until

from serving.run import ADMIN_KEY

BODY = {"lead": {"lead_id": "L-1", "created_at": "2026-11-02T08:00:00Z", "employees": "420"}}


def figures(server: Served, key: str) -> dict[tuple[str, str], float]:
    """The scores by status, and what each program says of itself."""
    text = server.ask("GET", "/metrics", key=key).body.decode()
    return {
        (sample.name, sample.labels.get("program") or sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.labels.get("route") == "/score" or sample.name == "leadlens_process_start_time_seconds"
        if "status" in sample.labels or "program" in sample.labels
    }


def test_figures_and_lines_of_several_processes_are_complete_through_a_kill(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    put_champion(home)
    command = fake_server(home, port, "workers=2", "worker=true", "log_format=json")
    with served(command, tmp_path, port) as server:
        key = (home / ADMIN_KEY).read_text().strip()

        def scored() -> float:
            return figures(server, key).get(("leadlens_requests_total", "2xx"), 0)

        def started() -> dict[str, float]:
            return {program: at for (name, program), at in figures(server, key).items() if "start" in name}

        until(lambda: set(started()) == {"server 1", "server 2", "worker"}, "three processes")
        for _ in range(60):
            assert server.post("/score", BODY, key).status == 200
        until(lambda: scored() == 60, "the figures of both processes")
        before = started()
        children = psutil.Process(server.process.pid).children(recursive=True)
        first = next(one for one in children if abs(one.create_time() - before["server 1"]) < 0.05)
        first.kill()
        psutil.wait_procs([first], timeout=10)
        assert scored() == 60
        assert server.post("/score", {"lead": {}}, key).status == 422
        until(lambda: started().get("server 1", 0) > before["server 1"], "another in its place")
        for _ in range(40):
            assert server.post("/score", BODY, key).status == 200
        until(lambda: scored() == 100, "the figures of the new process too")
        assert figures(server, key)["leadlens_requests_total", "4xx"] == 1
    lines = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    access = [line for line in lines if line["logger"] == "leadlens.access" and line["route"] == "/score"]
    assert [line["status"] for line in access].count(200) == 100
    assert {line["program"] for line in access} == {"server 1", "server 2"}
    assert {line["program"] for line in lines} == {"server", "server 1", "server 2", "worker"}
    assert all({"time", "level", "message"} <= set(line) for line in lines)
    assert "Traceback" not in server.log
