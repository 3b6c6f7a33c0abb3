"""Workers that are killed at any moment neither lose a timer nor fire one twice."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sold_leads import NOW, keep_leads_for_sales, keep_reps
from timers_worker import POLICY, clocks_of

from serving.jobs.clocks import Clocks
from serving.selling.giving.assigning import assign
from serving.store.database import Store
from serving.store.schema_selling import ASSIGNMENTS, NOTICES, TIMERS

MINUTE_US = 60_000_000
HOPS = 2
WORKER = Path(__file__).parents[3] / "support" / "timers_worker.py"
OF_EACH_REP = ("acknowledge", "escalate", "reassign")


@pytest.mark.proof(part="clocks")
def test_whoever_is_killed_every_timer_fires_once(
    store: Store,
    tmp_path: Path,
    store_url: str | None,
    proof_size: Callable[[int, int], int],
    record_property: Callable[[str, object], None],
) -> None:
    leads, kills = proof_size(20, 400), proof_size(3, 50)
    rng = random.Random(3)  # noqa: S311 - the same kills every time
    keep_reps(store, ann={}, bob={}, cem={})
    numbers = keep_leads_for_sales(store, leads)

    def assign_all(connection: sa.Connection) -> None:
        for lead in numbers:
            assign(connection, lead, POLICY, NOW)

    store.write(assign_all)
    rounds = [2] * (kills // 2) + [1] * (kills % 2)  # so many workers at once, all of them killed
    under_way = 0
    for hop in range(HOPS + 1):
        now = NOW + (hop + 1) * 20 * MINUTE_US
        for count in rounds[hop :: HOPS + 1]:
            before = fired(store)
            workers = [worker(tmp_path, store_url, now) for _ in range(count)]
            for one in workers:
                time.sleep(rng.random() / proof_size(30, 8))
                one.send_signal(signal.SIGKILL)
            for one in workers:
                one.communicate()
            under_way += before < fired(store) < (hop + 1) * leads * len(OF_EACH_REP)
            look(store)
        work_off(clocks_of(store), now)
        look(store)
    everything(store, leads)
    kind = "sqlite" if store_url is None else "postgresql"
    record_property(f"{kind} kills", kills)
    record_property(f"{kind} rounds killed amid work", under_way)
    record_property(f"{kind} timers fired", fired(store))


def work_off(clocks: Clocks, now: int) -> None:
    while clocks.step(now):
        pass


def worker(folder: Path, store_url: str | None, now: int) -> "subprocess.Popen[bytes]":
    """Start a worker, and wait until it works."""
    command = [sys.executable, WORKER, folder / "store", store_url or "", str(now)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first == b"working\n", first + process.communicate()[0]
    return process


def fired(store: Store) -> int:
    with store.reading() as connection:
        counted = sa.select(sa.func.count()).select_from(TIMERS).where(TIMERS.c.fired_at.is_not(None))
        return connection.execute(counted).scalar_one()


def look(store: Store) -> None:
    """Every timer that has fired has its notice, no other has one, and each lead is with one rep at most."""
    with store.snapshot() as connection:
        timers = connection.execute(sa.select(TIMERS.c.id, TIMERS.c.fired_at)).all()
        told = Counter(connection.execute(sa.select(NOTICES.c.timer)).scalars())
        live = sa.select(ASSIGNMENTS.c.lead).where(ASSIGNMENTS.c.ended_at.is_(None))
        held = Counter(connection.execute(live).scalars())
    assert told == Counter({row.id: 1 for row in timers if row.fired_at is not None})
    assert set(held.values()) == {1}


def everything(store: Store, leads: int) -> None:
    """Each lead went through all reps and back, and each was reminded of each, once."""
    with store.reading() as connection:
        told = connection.execute(sa.select(NOTICES.c.lead, NOTICES.c.kind)).all()
        rows = connection.execute(ASSIGNMENTS.select().order_by(ASSIGNMENTS.c.assigned_at)).all()
        pending = TIMERS.c.fired_at.is_(None) & TIMERS.c.cancelled_at.is_(None)
        assert connection.execute(TIMERS.select().where(pending)).all() == []
    for lead in (1, leads):
        went = [row for row in rows if row.lead == lead]
        assert [row.state for row in went] == ["reassigned", "reassigned", "returned", "waiting"]
        assert {row.rep for row in went} == {"ann", "bob", "cem", None}
    assert len(rows) == leads * (HOPS + 2)
    of_lead = {"reminder": 3, "escalation": 3, "reassigned": 2, "returned": 1}
    assert Counter(kind for _, kind in told) == Counter({k: n * leads for k, n in of_lead.items()})
    assert set(Counter(lead for lead, _ in told).values()) == {sum(of_lead.values())}
