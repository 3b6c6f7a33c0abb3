"""The processes that a server starts: what they do, that they come back, and that none is left behind."""

import json
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa
from fake_recorder import put_leads
from ports import free_port
from served import Served, fake_server, put_champion, served
from waiting import until

from serving.clock import utc_now
from serving.history.stale import mark_stale
from serving.jobs.job_files import JobFiles
from serving.jobs.job_store import JobSource, find_job, make_job, new_job_id
from serving.jobs.workers import workers_seen
from serving.processes import Program
from serving.run import ADMIN_KEY
from serving.store.database import Store, open_store
from serving.store.schema import LEADS
from serving.telemetry.definitions import REQUESTS
from serving.telemetry.places import figures_in
from serving.telemetry.tally import sum_of

BODY = {"lead": {"lead_id": "L-1", "created_at": "2026-11-02T08:00:00Z", "employees": "420"}}


@contextmanager
def serving_at(home: Path, *settings: str) -> Iterator[Served]:
    put_champion(home)
    port = free_port()
    with served(fake_server(home, port, *settings), home.parent, port) as server:
        yield server


def children(server: Served) -> list[psutil.Process]:
    """What the server has started, but for Python's own tracker of resources."""
    started = []
    for child in psutil.Process(server.process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):  # it died while we looked
            if any("spawn_main" in word for word in child.cmdline()):
                started.append(child)
    return started


def scored(store: Store, number: int) -> bool:
    """Whether the worker scores a lead that is marked now."""
    moment = utc_now()
    store.write(lambda connection: mark_stale(connection, [number], moment))

    def is_scored() -> bool:
        with store.reading() as connection:
            row = connection.execute(sa.select(LEADS.c.scored_at).where(LEADS.c.number == number)).one()
        return row.scored_at is not None and row.scored_at >= moment

    until(is_scored, "a score by the worker")
    return True


def test_a_server_starts_its_worker_again_when_it_dies_and_stops_it_with_itself(tmp_path: Path) -> None:
    home = tmp_path / "home"
    store = open_store(home)
    [lead] = put_leads(store, 1, cells={"employees": 420})
    with serving_at(home, "worker=true") as server:
        assert scored(store, lead)
        [worker] = children(server)
        worker.kill()
        psutil.wait_procs([worker], timeout=10)
        assert scored(store, lead)
        assert "worker ended with code -9 and starts again in 0.5 s" in server.log
        job_id = new_job_id()
        with JobFiles(home).create(job_id, "input", "csv") as file:
            file.write(b"Prospect ID,created,employees\nL-1,01-11-2026 10:00,420\nL-2,31-31-2026 10:00,7\n")
        source = JobSource(uploaded=True, leads="input.csv")
        job = store.write(
            lambda connection: make_job(
                connection, job_id, key_id="k", source=source, as_of=utc_now(), now=utc_now()
            )
        )

        def is_over() -> bool:
            with store.reading() as connection:
                found = find_job(connection, job_id)
            return found is not None and found.finished_at is not None

        until(is_over, "the end of the job")
        lines = JobFiles(home).result(job).read_text().splitlines()
        assert lines[0].startswith("lead_id,score,probability")
        assert [line[:5] for line in lines[1:]] == ["L-1,8"]
        assert "input.csv, row 3, column created" in JobFiles(home).rejects(job).read_text()
        [worker] = children(server)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
        assert psutil.wait_procs([worker], timeout=5)[1] == []
        assert "Traceback" not in server.log
        assert "leadlens.worker: stopped, as it was told to" in server.log
    with store.reading() as connection:
        assert workers_seen(connection, utc_now()).alive == 1  # the one that was killed
    store.close()


def scores_counted(server: Served, key: str) -> float:
    """How many scores all processes have given, as the metrics say."""
    text = server.ask("GET", "/metrics", key=key).body.decode()
    found = re.search(r'^leadlens_requests_total\{.*route="/score",status="2xx"\} (\S+)$', text, re.MULTILINE)
    return float(found[1]) if found else 0


def scores_kept(home: Path) -> float:
    """How many of them have been written down, so that they outlive who gave them."""
    kept = sum_of(one.tally for one in figures_in(home)).counts
    of_scores = [series for series in kept if series[0] == REQUESTS.name and "/score" in series[1]]
    return sum(kept[series] for series in of_scores)


def logged(server: Served) -> list[dict[str, Any]]:
    """The lines of the log that are JSON objects."""
    return [json.loads(line) for line in server.log.splitlines() if line[:1] + line[-1:] == "{}"]


def serving(server: Served) -> list[str]:
    """The processes that have loaded the champion, each as often as it did."""
    return [line["program"] for line in logged(server) if line["logger"] == "leadlens.champion"]


def scores_told(server: Served) -> list[dict[str, Any]]:
    """The lines of the access log that tell of a score."""
    access = [line for line in logged(server) if line["logger"] == "leadlens.access"]
    return [line for line in access if (line["route"], line["status"]) == ("/score", 200)]


def test_several_processes_answer_and_a_killed_server_leaves_none_behind(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with serving_at(home, "workers=2", "worker=true", "log_format=json") as server:
        key = (home / ADMIN_KEY).read_text().strip()
        until(lambda: len(children(server)) == 3, "three processes")
        assert all(server.post("/score", BODY, key).status == 200 for _ in range(30))
        until(lambda: scores_counted(server, key) == 30, "the figures of both processes", every=0.3)
        until(lambda: scores_kept(home) == 30, "figures that a kill does not take with it")
        until(lambda: len(scores_told(server)) == 30, "lines that it does not take either", every=0.3)
        first = children(server)[0]
        first.kill()
        psutil.wait_procs([first], timeout=10)
        assert all(server.post("/score", BODY, key).status == 200 for _ in range(20))
        until(lambda: len(children(server)) == 3, "three processes again")
        until(lambda: serving(server).count("server 1") == 2, "the model of the new one", every=0.3)
        assert all(server.post("/score", BODY, key).status == 200 for _ in range(10))
        until(lambda: scores_counted(server, key) == 60, "the figures of all, the dead one's too", every=0.3)
        until(lambda: len(scores_told(server)) == 60, "the line of each", every=0.3)
        assert {line["program"] for line in scores_told(server)} <= {"server 1", "server 2"}
        assert {"server", "server 1", "server 2", "worker"} <= set(serving(server))
        assert server.log.count("LeadLens listens on") == server.log.count("There was no key") == 1
        assert "server 1 ended with code -9 and starts again" in server.log
        left = children(server)
        server.process.kill()
        server.process.wait(10)
        assert psutil.wait_procs(left, timeout=20)[1] == []


def test_a_process_that_keeps_dying_is_started_at_growing_intervals(caplog: pytest.LogCaptureFixture) -> None:
    from serving.processes import HEALTHY_SECONDS, LONGEST_PAUSE_SECONDS, _Child

    class Dead:
        exitcode = 1

        def is_alive(self) -> bool:
            return False

        def close(self) -> None:
            pass

    child = _Child(Program("worker", lambda: None))
    pauses, now = [], 0.0
    for _ in range(10):
        child.process, child.started_at = Dead(), now  # type: ignore[assignment]  # as good as a process that died
        child.look(now)
        pauses.append(child.starts_at - now)
        now = child.starts_at
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.5, LONGEST_PAUSE_SECONDS)
    child.process, child.started_at = Dead(), now - HEALTHY_SECONDS  # type: ignore[assignment]  # as above
    child.look(now)
    assert child.starts_at - now == 0.5
    assert "worker ended with code 1 and starts again in 30 s" in caplog.text
