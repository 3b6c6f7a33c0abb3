"""How long giving a stored lead to a rep takes, with its transaction, at a steady pace on SQLite.

    python benchmarks/bench_assigning.py --leads 3000 --a-second 100 --reps 50 --open 10000

A store in a folder (with fsync at each commit, as always) holds reps with working hours, territories and
capacities, and leads that are with them already. Then leads are assigned at a pace, one transaction each, by
weighted round robin under the default policy: locked, routed, written with trace, turn and timers. As the
measure, between any two a row as long as an assignment's is inserted into a bare table of the same file, in a
transaction of its own. Both are timed from their beginning to the return of their commit; `late` is from the
moment that the pace gave a lead, so waiting in a line would show there.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from decisions.policy import Policy
from decisions.routing.policy import CHOICES, QueueRules, Routing
from serving.selling.giving.assigning import assign
from serving.selling.giving.reps import put_rep
from serving.store.database import Store, open_store
from serving.store.schema import LEADS
from serving.store.schema_selling import ASSIGNMENTS, LEAD_STATES

NOW = 1_790_000_000_000_000
SECOND_US = 1_000_000
BARE = sa.Table(
    "bare", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("content", sa.Text)
)
COUNTRIES = ("DE", "FR", "US", "GB", "NL")


def main() -> None:
    """Fill a store, assign leads at a pace, and print how long that took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leads", type=int, default=3_000)
    parser.add_argument("--a-second", type=float, default=100.0)
    parser.add_argument("--reps", type=int, default=50)
    parser.add_argument("--open", type=int, default=10_000)
    parser.add_argument("--choose", choices=CHOICES, default="weighted_round_robin")
    parser.add_argument(
        "--folder", type=Path, help="where the store is made; default: that for temporary files"
    )
    asked = parser.parse_args()
    policy = Policy(routing=Routing(queues={"sales": QueueRules(choose=asked.choose)}))
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        store = open_store(Path(name))
        fill(store, asked.reps, asked.open, asked.leads)
        took, late, bare, given = paced(store, policy, asked.open, asked.leads, asked.a_second)
        store.close()
    print(
        f"{asked.leads:,} leads to {asked.reps} reps by {asked.choose} at {asked.a_second:.0f} a second,"
        f" {asked.open:,} open before; {given:,} got a rep"
    )
    for what, seconds in (("assignment", took), ("late", late), ("bare insert", bare)):
        p50, p99, most = (1_000 * np.quantile(seconds, q) for q in (0.5, 0.99, 1.0))
        print(f"{what:12} p50 {p50:7.2f} ms   p99 {p99:7.2f} ms   most {most:7.2f} ms")
    for q in (0.5, 0.99):
        ratio = np.quantile(took, q) / np.quantile(bare, q)
        print(f"assignment / bare insert at p{100 * q:.0f}: {ratio:.1f}")


def fill(store: Store, reps: int, open_before: int, leads: int) -> None:
    """Keep reps, leads that are with them, and leads that are to be assigned."""
    numbers = range(1, open_before + leads + 1)

    def put(connection: sa.Connection) -> None:
        for number in range(reps):
            content: dict[str, Any] = {
                "queues": {"sales": 1 + number % 3},
                "zone": "Europe/Berlin",
                "territories": [COUNTRIES[number % 5], COUNTRIES[(number + 1) % 5]],
                "capacity_open": 10_000,
                "capacity_a_day": 5_000,
            }
            put_rep(connection, f"rep{number}", f"Rep {number}", "active", content, NOW)
        connection.execute(
            LEADS.insert(),
            [
                {"number": n, "lead_id": f"L-{n}", "arrived_at": NOW, "updated_at": NOW, "cells": {}}
                for n in numbers
            ],
        )
        connection.execute(LEAD_STATES.insert(), [state_of(n) for n in numbers])
        if open_before:
            rows = [before_of(n, f"rep{n % reps}") for n in range(1, open_before + 1)]
            connection.execute(ASSIGNMENTS.insert(), rows)
        BARE.create(connection)

    store.write(put)


def state_of(number: int) -> dict[str, Any]:
    """Return the state of a lead that goes to sales."""
    return {
        "lead": number,
        "decision_id": f"d{number}",
        "decided_at": NOW,
        "decided_as": "d",
        "policy_sha256": "0" * 64,
        "action": "route",
        "stage": "SQL",
        "temperature": "warm",
        "queue": "sales",
        "rule": "routes.sales",
        "segments": {"industry": "software", "size": "mid", "source": "web"},
        "attributes": {"country": COUNTRIES[number % 5].lower(), "email_domain": f"company{number}.example"},
    }


def before_of(number: int, rep: str) -> dict[str, Any]:
    """Return the assignment of a lead that a rep has since a week."""
    return {
        "id": f"a{number}",
        "lead": number,
        "rep": rep,
        "queue": "sales",
        "state": "accepted",
        "segments": {"industry": "software"},
        "assigned_at": NOW - 7 * 86_400 * SECOND_US + number,
        "by": "policy",
        "trace": [],
        "account": f"company{number}.example",
    }


def paced(
    store: Store, policy: Policy, open_before: int, leads: int, a_second: float
) -> tuple[list[float], list[float], list[float], int]:
    """Assign at a pace; return seconds of each assignment, after its moment, of each insert, and how many."""
    took, late, bare, given = [], [], [], 0
    store.write(lambda connection: assign(connection, open_before + leads, policy, NOW))  # what is made once
    line = json.dumps(before_of(1, "rep1") | {"trace": ["x" * 500]})
    began = time.perf_counter()
    for number in range(leads - 1):
        due = began + number / a_second
        if (wait := due - time.perf_counter()) > 0:
            time.sleep(wait)
        lead, now = open_before + 1 + number, NOW + round(number / a_second * SECOND_US)
        start = time.perf_counter()
        made = store.write(lambda connection, lead=lead, now=now: assign(connection, lead, policy, now))
        end = time.perf_counter()
        given += made.rep is not None
        took.append(end - start)
        late.append(end - due)
        store.write(lambda connection: connection.execute(BARE.insert(), {"content": line}) and None)
        bare.append(time.perf_counter() - end)
    return took, late, bare, given


if __name__ == "__main__":
    main()
