"""Many who assign or claim the same leads at once.

Arguments: home, URL of the store or nothing, assign or claim, seed, threads.

Prints as JSON what each lead's winners were told, and how often a rep had more than there is room for.
"""

import json
import random
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sold_leads import NOW, policy

from serving.selling.giving.assigning import NoRoomError, assign, withdraw
from serving.selling.giving.claiming import TakenError, claim
from serving.store.database import Store, open_store
from serving.store.schema_selling import ASSIGNMENTS, LEAD_STATES

CAPACITY_OPEN, CAPACITY_A_DAY = 5, 12
POLICIES = {"assign": policy(), "claim": policy(claim=True)}


def counts(connection: sa.Connection) -> tuple[Counter[str], Counter[str]]:
    """Return how many leads each rep has now, and was given at all, as this transaction sees it."""
    rows = connection.execute(
        sa.select(ASSIGNMENTS.c.rep, ASSIGNMENTS.c.ended_at).where(ASSIGNMENTS.c.rep.is_not(None))
    ).all()
    return Counter(row.rep for row in rows if row.ended_at is None), Counter(row.rep for row in rows)


def is_too_much(connection: sa.Connection) -> bool:
    """Whether any rep has more leads than there is room for."""
    open_now, given = counts(connection)
    return (
        max(open_now.values(), default=0) > CAPACITY_OPEN or max(given.values(), default=0) > CAPACITY_A_DAY
    )


def one(store: Store, what: str, seed: int, told: list[Any]) -> None:
    """Go through all leads in an order of one's own; who assigns also withdraws some."""
    rng = random.Random(seed)  # noqa: S311 - the same order every time
    rules, rep = POLICIES[what], f"rep{seed % 10}"
    with store.reading() as connection:
        leads = list(connection.execute(sa.select(LEAD_STATES.c.lead)).scalars())
    rng.shuffle(leads)
    for lead in leads:
        gives_back = what == "assign" and rng.random() < 0.3

        def work(connection: sa.Connection, lead: int = lead, gives_back: bool = gives_back) -> Any:
            try:
                made = (
                    assign(connection, lead, rules, NOW)
                    if what == "assign"
                    else claim(connection, lead, rep, rules, NOW)
                )
            except (TakenError, NoRoomError):
                return None
            seen = (lead, made.rep, made.is_new, is_too_much(connection))
            if gives_back:
                withdraw(connection, lead, rules, NOW, "done")
            return seen

        if (seen := store.write(work)) is not None:
            told.append(seen)


def many(
    store: Store, what: str, seed: int, threads: int, ready: Callable[[], object]
) -> tuple[list[Any], list[str]]:
    """Let so many begin at once, after `ready`; return what they were told, and what went wrong."""
    told: list[Any] = []
    problems: list[str] = []

    def run(number: int) -> None:
        try:
            one(store, what, seed + number, told)
        except Exception as problem:  # noqa: BLE001 - the test shows it
            problems.append(repr(problem))

    waiting = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    ready()
    for thread in waiting:
        thread.start()
    for thread in waiting:
        thread.join()
    return told, problems


def told_to_go() -> None:
    """Wait for a line on standard input."""
    print("ready", flush=True)  # noqa: T201 - the test waits for it
    sys.stdin.readline()


def main(home: str, url: str, what: str, seed: int, threads: int) -> None:
    """Let so many begin at once, and print what was seen."""
    store = open_store(Path(home), url or None)
    told, problems = many(store, what, seed, threads, told_to_go)
    print(json.dumps({"told": told, "problems": problems}))  # noqa: T201 - the test reads it
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
