"""Events taken in over HTTP, acknowledged once they are on disk, beside raw inserts into the same tables.

    python benchmarks/bench_ingest.py --seconds 20 --clients 3 --workers 2

`leadlens serve` on SQLite, which waits for the disk at each commit, with its worker; a small real model is
the champion. Clients are processes of their own on the loopback: first batches of 100 events, then single
ones. The peer is one process that puts the same rows into a store of the same form with Python's sqlite3, 100
a transaction, and does nothing else: no HTTP, no checks, no repeats, no marks for rescoring.

Then, on the store as it is: of leads one by one, an event and the score that follows, which has to see it;
and how long after an event the worker has written the lead's new score. The data are generated.

Promised: 5,000 events a second in batches. Exit code 1 where the promise is not kept, or a score did not see
its event.
"""

import argparse
import itertools
import multiprocessing
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from served_here import Client, new_key, serving, spread

from serving.store.database import FILE, open_store

_PROMISED = 5_000.0
_BATCH = 100
_TYPES = ("page_view", "email_opened", "form_submitted", "product_use")


@dataclass(frozen=True, slots=True)
class Task:
    """What one client is to do: send `size` events a request, for so many seconds."""

    port: int
    key: str
    number: int
    size: int
    seconds: float
    leads: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What one client sent: the milliseconds of each request, and when it began and ended."""

    times: list[float]
    began: float
    ended: float


def main() -> int:
    """Measure all of it and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=20, help="of each load")
    parser.add_argument("--clients", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--leads", type=int, default=5_000)
    parser.add_argument("--looks", type=int, default=300, help="leads that are scored after an event")
    parser.add_argument("--folder", type=Path, help="where the stores are made; default: a temporary folder")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        from real_home import make_real_home  # noqa: PLC0415 - put on the path by served_here

        home = Path(name) / "home"
        make_real_home(home)
        print(f"one fsync of 4 KiB takes {_fsync_ms(Path(name)):.2f} ms here (median)", flush=True)
        key = new_key(home)
        with serving(home, "--workers", str(chosen.workers)) as port:
            _put_leads(Client(port, key), chosen.leads)
            batches = _load(port, key, chosen, _BATCH)
            _say_caught_up(home)
            singles = _load(port, key, chosen, 1)
            _say_caught_up(home)
            unseen = _look(home, Client(port, key), chosen.leads, chosen.looks)
        raw = {size: _raw(Path(name), chosen, size) for size in (_BATCH, 1)}
    for size, ours in ((_BATCH, batches), (1, singles)):
        share = ours / raw[size]
        print(f"{size} a request: {ours:,.0f} events/s, {share:.3f} of raw sqlite3's {raw[size]:,.0f}")
    verdict = "kept" if batches >= _PROMISED else "NOT kept"
    print(f"{batches / _PROMISED:.2f} of the promised {_PROMISED:,.0f} events/s: {verdict}")
    return int(batches < _PROMISED or unseen > 0)


def _put_leads(client: Client, leads: int) -> None:
    """Put leads, 500 a request."""
    for start in range(0, leads, 500):
        sent = [
            {"lead": {"lead_id": _lead_id(n), "created_at": "2026-01-05T08:00:00Z", "country": "DE",
                      "industry": "retail", "employees": 10 + n % 900}}
            for n in range(start, min(start + 500, leads))
        ]  # fmt: skip
        client.timed("PUT", "/v1/leads", {"leads": sent})


def _load(port: int, key: str, chosen: argparse.Namespace, size: int) -> float:
    """Send events from all clients at once, print the delays, and return the events a second."""
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(chosen.clients), context.Queue()
    clients = [
        context.Process(
            target=_send,
            args=(Task(port, key, number, size, chosen.seconds, chosen.leads), barrier, answers),
        )
        for number in range(chosen.clients)
    ]
    for client in clients:
        client.start()
    sent: list[Sent] = [answers.get(timeout=120 + chosen.seconds) for _ in clients]
    for client in clients:
        client.join()
    times = [took for one in sent for took in one.times]
    seconds = max(one.ended for one in sent) - min(one.began for one in sent)
    print(f"{size:3} a request, {chosen.clients} clients: {spread(times)}", flush=True)
    return size * len(times) / seconds


def _send(task: Task, barrier: Any, answers: Any) -> None:
    """Send events for so many seconds, one request after the other. Runs in a process of its own."""
    client = Client(task.port, task.key)
    events = _events(f"{task.size}-{task.number}", task.leads)
    client.ask("GET", "/livez")
    barrier.wait()
    times: list[float] = []
    began = time.time()
    while time.time() - began < task.seconds:
        sent = list(itertools.islice(events, task.size))
        took, said = client.timed("POST", "/v1/events", {"events": sent})
        if {one.get("state") for one in said["events"]} != {"kept"}:
            raise SystemExit(f"an event was not kept: {said}")
        times.append(took)
    answers.put(Sent(times, began, time.time()))


def _events(name: str, leads: int) -> Iterator[dict[str, Any]]:
    """Make up events of leads, one after the other, each with an id of its own."""
    for number in itertools.count(1):
        yield {
            "lead_id": _lead_id(number * 7919 % leads),
            "event_id": f"{name}-{number:09}",
            "type": _TYPES[number % len(_TYPES)],
            "occurred_at": f"2026-{1 + number % 9:02}-{1 + number % 28:02}T{number % 24:02}:00:00Z",
            "properties": {"page": "pricing", "campaign": "spring"},
        }


def _say_caught_up(home: Path) -> None:
    """Wait until no lead waits to be scored again, and say how long that took."""
    began = time.monotonic()
    waiting = first = _stale(home)
    while waiting and time.monotonic() - began < 600:
        time.sleep(0.1)
        waiting = _stale(home)
    took = time.monotonic() - began
    print(f"    the worker then scored the {first:,} leads that waited within {took:.1f} s", flush=True)


def _look(home: Path, client: Client, leads: int, looks: int) -> int:
    """Send an event, and ask for the score that follows; wait for the worker too. Return what saw nothing."""
    scores, delays, unseen = [], [], 0
    events = _events("look", leads)
    posted: dict[str, float] = {}
    for number in range(min(looks, leads)):
        lead_id = _lead_id(number)
        before = client.timed("GET", f"/v1/leads/{lead_id}/score")[1]["features_sha256"]
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 2))
        client.timed(
            "POST", "/v1/events", {"events": [next(events) | {"lead_id": lead_id, "occurred_at": now}]}
        )
        posted[lead_id] = time.time()
        took, after = client.timed("GET", f"/v1/leads/{lead_id}/score")
        scores.append(took)
        unseen += after["features_sha256"] == before
        delays += _scored_since(home, posted)
    while posted:
        time.sleep(0.005)
        delays += _scored_since(home, posted)
    print(f"the score after an event: {spread(scores)}; {unseen} did not see it")
    print(f"the worker's new score:   {spread([delay * 1_000 for delay in delays])}", flush=True)
    return unseen


def _scored_since(home: Path, posted: dict[str, float]) -> list[float]:
    """Return the delays in seconds of leads that wait no longer, and take them out of `posted`."""
    with closing(sqlite3.connect(home / FILE)) as store:
        stale = store.execute("SELECT l.lead_id FROM stale_leads s JOIN leads l ON l.number = s.lead")
        waiting = {lead_id for (lead_id,) in stale}
    now = time.time()
    done = [lead_id for lead_id in posted if lead_id not in waiting]
    return [now - posted.pop(lead_id) for lead_id in done]


def _raw(folder: Path, chosen: argparse.Namespace, size: int) -> float:
    """Return the events a second that one process puts into a store with sqlite3, `size` a transaction."""
    home = folder / f"raw-{size}"
    open_store(home).close()
    insert = (
        "INSERT INTO events (lead, occurred_at, known_at, type, event_id, properties) "
        "VALUES (?, ?, ?, ?, ?, ?)"
    )
    rows = (
        (number * 7919 % chosen.leads, number * 1_000_000, number * 1_000_000, _TYPES[number % 4],
         f"raw-{number:09}", '{"page":"pricing","campaign":"spring"}')
        for number in itertools.count(1)
    )  # fmt: skip
    with closing(sqlite3.connect(home / FILE, isolation_level=None)) as store:
        store.execute("PRAGMA synchronous = FULL")
        events, began = 0, time.monotonic()
        while time.monotonic() - began < min(chosen.seconds, 10):
            store.execute("BEGIN IMMEDIATE")
            store.executemany(insert, itertools.islice(rows, size))
            store.execute("COMMIT")
            events += size
        return events / (time.monotonic() - began)


def _stale(home: Path) -> int:
    with closing(sqlite3.connect(home / FILE)) as store:
        return int(store.execute("SELECT count(*) FROM stale_leads").fetchone()[0])


def _fsync_ms(folder: Path) -> float:
    times = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(100):
            file.write(b"\0" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - began) * 1_000)
    return sorted(times)[50]


def _lead_id(number: int) -> str:
    return f"lead-{number:07}"


if __name__ == "__main__":
    sys.exit(main())
