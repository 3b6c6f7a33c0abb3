"""Fifty who assign or claim at once, in several processes, give nobody too much, and no lead to two."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from many_assigners import CAPACITY_A_DAY, CAPACITY_OPEN, POLICIES, counts, is_too_much, many
from sold_leads import NOW, keep_leads_for_sales, keep_reps, write

from serving.selling.giving.assigning import assign
from serving.selling.giving.kept_turns import turns_kept
from serving.store.database import Store
from serving.store.schema_selling import ASSIGNMENTS

ASSIGNERS = 50
SCRIPT = Path(__file__).parents[3] / "support" / "many_assigners.py"


def at_once(store: Store, folder: Path, store_url: str | None, what: str, processes: int) -> list[Any]:
    """Let ASSIGNERS work here and in so many more processes, and return what all of them were told."""
    each = ASSIGNERS // (processes + 1)
    command = [sys.executable, SCRIPT, folder / "store", store_url or "", what]
    started = [
        subprocess.Popen(
            [*command, str(number * each), str(each)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    def go() -> None:
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()

    told, problems = many(store, what, processes * each, each, go)
    found = [{"told": told, "problems": problems}] + [
        json.loads(process.communicate()[0]) for process in started
    ]
    assert [problem for one in found for problem in one["problems"]] == []
    return [told for one in found for told in one["told"]]


@pytest.mark.proof(part="assigning")
def test_capacity_is_never_exceeded_and_no_lead_has_two_owners(
    store: Store,
    tmp_path: Path,
    store_url: str | None,
    proof_size: Callable[[int, int], int],
    record_property: Callable[[str, object], None],
) -> None:
    leads, processes = proof_size(4, 200), proof_size(1, 4)
    room = {"capacity_open": CAPACITY_OPEN, "capacity_a_day": CAPACITY_A_DAY}
    keep_reps(store, **{f"rep{n}": room for n in range(proof_size(1, 10))})
    keep_leads_for_sales(store, leads)
    told = at_once(store, tmp_path, store_url, "assign", processes)
    assert [one for one in told if one[3]] == []
    with store.snapshot() as connection:
        assert not is_too_much(connection)
        live = sa.select(ASSIGNMENTS.c.lead).where(ASSIGNMENTS.c.ended_at.is_(None))
        assert set(Counter(connection.execute(live).scalars()).values()) <= {1}
        _, given = counts(connection)
        turns = turns_kept(connection)
    new = [one for one in told if one[2] and one[1] is not None]
    assert Counter(rep for _, rep, _, _ in new) == given
    assert max(given.values()) == CAPACITY_A_DAY or given.total() == leads  # the limit was reached
    assert turns.queues["sales"].rounds <= given.total()
    kind = "sqlite" if store_url is None else "postgresql"
    record_property(f"{kind} assigned", given.total())
    record_property(f"{kind} asked", len(told))


@pytest.mark.proof(part="assigning")
def test_of_many_claims_of_a_lead_one_leaves_an_owner(
    store: Store, tmp_path: Path, store_url: str | None, proof_size: Callable[[int, int], int]
) -> None:
    leads, processes = proof_size(3, 200), proof_size(0, 4)
    keep_reps(store, **{f"rep{n}": {"capacity_open": CAPACITY_OPEN} for n in range(10)})
    numbers = keep_leads_for_sales(store, leads)
    for number in numbers:
        write(store, assign, number, POLICIES["claim"], NOW)
    told = at_once(store, tmp_path, store_url, "claim", processes)
    assert [one for one in told if one[3]] == []
    winners = Counter(lead for lead, _, is_new, _ in told if is_new)
    assert set(winners.values()) == {1}
    assert winners.total() == min(leads, 10 * CAPACITY_OPEN)
    with store.snapshot() as connection:
        query = sa.select(ASSIGNMENTS.c.lead, ASSIGNMENTS.c.rep).where(
            ASSIGNMENTS.c.ended_at.is_(None), ASSIGNMENTS.c.rep.is_not(None)
        )
        owners = connection.execute(query).all()
    assert Counter(row.lead for row in owners) == winners
    assert {(row.lead, row.rep) for row in owners} == {(lead, rep) for lead, rep, is_new, _ in told if is_new}
