"""Workers that are killed while they decide lose no decision, and leave no lead with half of one."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from recorded import HOUR, T0, Desk
from settled_leads import look, settle

from serving.history.stale import mark_stale
from serving.store.database import Store
from serving.store.schema import LEADS, STALE_LEADS
from serving.store.schema_selling import DECISIONS, LEAD_STATES

WORKER = Path(__file__).parents[3] / "support" / "deciding_worker.py"
LONGEST_SECONDS = 0.25


@pytest.mark.proof(part="deciding")
def test_whoever_is_killed_no_decision_is_lost(
    store: Store,
    tmp_path: Path,
    store_url: str | None,
    proof_size: Callable[[int, int], int],
    record_property: Callable[[str, object], None],
) -> None:
    kills = proof_size(3 if store_url is None else 1, 50)
    leads = proof_size(60, 400)
    rng = random.Random(5)  # noqa: S311 - the same kills every time
    desk = Desk(store, tmp_path / "home")
    numbers = [desk.lead(f"L-{at}", employees=str(10 * (at % 60))) for at in range(leads)]
    settle(desk, T0)
    amid, kept = 0, _decisions(store)
    for kill in range(kills):
        now = T0 + (kill + 1) * HOUR
        _change_all(store, numbers, kill, now)
        process = _worker(tmp_path, store_url, now)
        time.sleep(rng.random() * LONGEST_SECONDS)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        amid += 0 < _waiting(store) < leads
        assert kept <= _decisions(store), "a decision that was kept is gone"
        _look_at_halves(store, now)
        settle(desk, now + 1)
        assert (look(store), _waiting(store)) == (leads, 0)
        kept = _decisions(store)
    kind = "sqlite" if store_url is None else "postgresql"
    record_property(f"{kind} kills", kills)
    record_property(f"{kind} killed amid work", amid)
    record_property(f"{kind} decisions kept", len(kept))


def _change_all(store: Store, numbers: list[int], kill: int, now: int) -> None:
    """Give every lead other employees, so that each is scored and decided on otherwise than before."""

    def changed(connection: sa.Connection) -> None:
        to = sa.update(LEADS).where(LEADS.c.number == sa.bindparam("of"))
        rows = [
            {"of": number, "cells": {"employees": str((at * 10 + kill * 300) % 600)}}
            for at, number in enumerate(numbers)
        ]
        connection.execute(to.values(cells=sa.bindparam("cells", type_=LEADS.c.cells.type)), rows)
        mark_stale(connection, numbers, now)

    store.write(changed)


def _worker(folder: Path, store_url: str | None, now: int) -> "subprocess.Popen[bytes]":
    """Start a worker, and wait until it works."""
    command = [sys.executable, WORKER, folder / "home", folder / "store", store_url or "", str(now)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"working\n"
    return process


def _look_at_halves(store: Store, now: int) -> None:
    """Each lead is as before or as after, score and decision alike, and what is not done still waits."""
    with store.snapshot() as connection:
        look(store)
        query = sa.select(LEADS.c.number, LEADS.c.scored_at, LEAD_STATES.c.decided_at)
        rows = connection.execute(query.join(LEAD_STATES, LEAD_STATES.c.lead == LEADS.c.number)).all()
        waiting = set(connection.execute(sa.select(STALE_LEADS.c.lead)).scalars())
    for number, scored_at, decided_at in rows:
        assert scored_at == decided_at, "a score without its decision"
        assert scored_at >= now or number in waiting


def _decisions(store: Store) -> set[str]:
    with store.reading() as connection:
        return set(connection.execute(sa.select(DECISIONS.c.id)).scalars())


def _waiting(store: Store) -> int:
    with store.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(STALE_LEADS)).scalar_one()
