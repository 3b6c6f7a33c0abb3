"""A store of a million leads and twenty million events: lists, scores and writes over HTTP.

    python benchmarks/bench_store.py --folder /var/tmp/stored --leads 1000000
    python benchmarks/bench_store.py --folder /var/tmp/stored --leads 1000000 --requests 5000

The store is made once in --folder (about 22 events and 11 changes a lead, generated; see stored_history.py)
and used again. `leadlens serve` answers on the loopback, one client asks; a small real model is the champion.

- Lists: each order, alone and with filters that leave much and little, from the front and from far behind:
  `--deep` pages further, of 200 leads each.
- A lead's score: leads at random. The first score of a lead is recorded, so it waits for the disk; the
  second of the same lead is not. The peer is the same lead scored without a store: POST /score with the cells
  and events in the request, which is what the store saves its callers.
- Writes: one changed column of a lead, one event.

Promised: a lead's score within 20 ms (99 of 100). Exit code 1 where the promise is not kept.
"""

import argparse
import json
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from served_here import Client, new_key, serving, spread
from stored_history import bytes_of, make_home, mark_scored

from serving.clock import utc_now
from serving.store.database import FILE

_PROMISED_MS = 20.0
_ORDERS = ("created", "updated", "score")
_FILTERS = {
    "all": "",
    "open": "standing=open",
    "won": "standing=won",
    "score 70-99": "score_from=70",
    "score 3": "score_from=3&score_to=3",
    "grades A1,A2": "grade=A1,A2",
    "to route": "action=route",
    "created in a week": "created_from=2025-11-03&created_to=2025-11-09",
    "open, routed, A1, in a month": "standing=open&action=route&grade=A1"
    "&created_from=2026-02-01&created_to=2026-02-28",
}


def main() -> int:
    """Make the store where it is missing, measure, and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="where the store is made; default: a temporary folder")
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=2_000, help="of each kind")
    parser.add_argument("--deep", type=int, default=40, help="pages that are turned from the front")
    parser.add_argument("--workers", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = chosen.folder or Path(name) / "home"
        make_home(home, chosen.leads, lambda line: print(f"made: {line}", flush=True))
        _say_size(home)
        key = new_key(home)
        mark_scored(home, _scored_by(home), utc_now())
        with serving(home, "--workers", str(chosen.workers)) as port:
            client = Client(port, key)
            _lists(client, chosen.deep)
            slowest = _scores(home, client, chosen.requests)
            _writes(home, client, chosen.requests)
    verdict = "kept" if slowest < _PROMISED_MS else "NOT kept"
    print(
        f"a lead's score, p99: {slowest / _PROMISED_MS:.2f} of the promised {_PROMISED_MS:.0f} ms: {verdict}"
    )
    return int(slowest >= _PROMISED_MS)


def _say_size(home: Path) -> None:
    with closing(sqlite3.connect(home / FILE)) as store:
        counts = {
            name: store.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - two fixed names
            for name in ("leads", "events", "changes")
        }
        whose = dict(store.execute("SELECT name, tbl_name FROM sqlite_master").fetchall())
    bytes_by_table: dict[str, int] = {}
    for name, size in bytes_of(home).items():
        table = whose.get(name, name)
        bytes_by_table[table] = bytes_by_table.get(table, 0) + size
    total = (home / FILE).stat().st_size
    print(f"{counts['leads']:,} leads, {counts['events']:,} events, {total / 2**30:.2f} GiB (generated)")
    of_leads = bytes_by_table["leads"] + bytes_by_table["aliases"]
    print(
        f"bytes with indexes: {of_leads / counts['leads']:.0f} a lead, "
        f"{bytes_by_table['changes'] / counts['changes']:.0f} a change, "
        f"{bytes_by_table['events'] / counts['events']:.0f} an event",
        flush=True,
    )


def _scored_by(home: Path) -> str:
    """Return what the store calls the champion and the policy of a home."""
    from serving.parts import policy_of  # noqa: PLC0415 - as above
    from serving.scoring.champion import Champion, load_local  # noqa: PLC0415 - a second, which --help need not wait
    from serving.settings import settings_from  # noqa: PLC0415 - as above

    settings = settings_from({}, home=home)
    answerer = Champion(settings, policy_of(settings), load_local).answerer()
    if answerer is None:
        raise SystemExit(f"{home} has no champion: remove it, and have it made again")
    return answerer.scored_by


def _lists(client: Client, deep: int) -> None:
    """Turn pages of every order under every filter."""
    worst: list[tuple[float, str]] = []
    for order in _ORDERS:
        for name, filters in _FILTERS.items():
            query = "&".join(part for part in (f"order={order}&limit=200", filters) if part)
            times = [took for took, _ in _pages(client, query, deep)]
            worst.append((max(times), f"{name} by {order}"))
            print(f"list {name:28} by {order:8} {spread(times)}", flush=True)
    slowest, name = max(worst)
    print(f"the slowest page of all took {slowest:.1f} ms: {name}")


def _pages(client: Client, query: str, deep: int) -> Iterator[tuple[float, Any]]:
    cursor = ""
    for _ in range(deep):
        took, page = client.timed("GET", f"/v1/leads?{query}{cursor}")
        yield took, page
        if page["next"] is None:
            return
        cursor = f"&cursor={page['next']}"


def _scores(home: Path, client: Client, requests: int) -> float:
    """Ask for scores of leads at random; return the 99th percentile of the slower kind in milliseconds."""
    lead_ids = _some_open(home, requests)
    first = [client.timed("GET", f"/v1/leads/{lead_id}/score")[0] for lead_id in lead_ids]
    print(f"score, and recorded     {spread(first)}")
    again = [client.timed("GET", f"/v1/leads/{lead_id}/score")[0] for lead_id in lead_ids]
    print(f"score, recorded before  {spread(again)}")
    pure = [client.timed("POST", "/score", body)[0] for body in _bodies(home, lead_ids)]
    ratio = np.median(again) / np.median(pure)
    print(f"POST /score with all    {spread(pure)}; from the store {ratio:.2f} x as long", flush=True)
    return float(max(np.quantile(first, 0.99), np.quantile(again, 0.99)))


def _bodies(home: Path, lead_ids: list[str]) -> Iterator[dict[str, Any]]:
    """Return what a caller without a store would send of each lead."""
    with closing(sqlite3.connect(home / FILE)) as store:
        for lead_id in lead_ids:
            [(number, cells, created_at)] = store.execute(
                "SELECT number, json(cells), created_at FROM leads WHERE lead_id = ?", [lead_id]
            ).fetchall()
            events = store.execute(
                "SELECT type, occurred_at, event_id, json(properties) FROM events WHERE lead = ?", [number]
            ).fetchall()
            yield _body(lead_id, cells, created_at, events)


def _body(lead_id: str, cells: str, created_at: int, events: list[Any]) -> dict[str, Any]:
    sent = [
        {
            "type": kind,
            "occurred_at": _moment(at),
            "event_id": event_id,
            "properties": json.loads(said or "{}"),
        }
        for kind, at, event_id, said in events
    ]
    return {
        "lead": {"lead_id": lead_id, "created_at": _moment(created_at), **json.loads(cells)},
        "events": sent,
    }


def _writes(home: Path, client: Client, requests: int) -> None:
    lead_ids = _some_open(home, requests)
    rng = random.Random(11)  # noqa: S311 - the same every time
    put = [
        client.timed("PUT", f"/v1/leads/{lead_id}", {"lead": {"employees": rng.randint(1, 10_000)}})[0]
        for lead_id in lead_ids
    ]
    print(f"PUT one lead            {spread(put)}")
    run = f"{utc_now()}"
    posted = []
    for lead_id in lead_ids:
        event = {
            "lead_id": lead_id, "event_id": f"bench {run} {len(posted)}", "type": "page_view",
            "occurred_at": _moment(utc_now() - 5_000_000), "properties": {"page": "pricing"},
        }  # fmt: skip
        posted.append(client.timed("POST", "/v1/events", {"events": [event]})[0])
    print(f"POST one event          {spread(posted)}")


def _some_open(home: Path, many: int) -> list[str]:
    """Return ids of open leads at random, others at each run."""
    with closing(sqlite3.connect(home / FILE)) as store:
        [[largest, opened]] = store.execute(
            "SELECT max(number), sum(standing = 'open') FROM leads"
        ).fetchall()
        found: dict[str, None] = {}
        rng = random.Random()  # noqa: S311 - other leads each time: a lead's first score is recorded
        while len(found) < min(many, opened):
            row = store.execute(
                "SELECT lead_id FROM leads WHERE number = ? AND standing = 'open'", [rng.randint(1, largest)]
            ).fetchone()
            if row is not None:
                found[row[0]] = None
    return list(found)


def _moment(us: int) -> str:
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(us // 1_000_000))}.{us % 1_000_000:06}Z"


if __name__ == "__main__":
    sys.exit(main())
