"""Pages of leads from a store of a million, generated: the slowest page of each query.

    python benchmarks/bench_listing.py --leads 1000000 --pages 20

SQLite in a temporary folder, or in that of --keep, where it is made once and used again. Each query is paged
from its front, from its middle, and through its end. Of each page the whole time is taken: the transaction,
the statements, the leads read. What was made: leads of three years, the older the more often closed and the
lower their score, so that filters and orders pull against each other; 2 % announced, 1 % deleted, 5 % without
a score, cells of about 400 bytes.

Promised: each page within 100 ms. Exit code 1 where the promise is not kept.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from serving.history.listing import LeadQuery, asked_of, list_leads, walk_of
from serving.store.database import Store, open_store
from serving.store.paging import write_cursor
from serving.store.schema import ALIASES, LEADS

DAY_US = 86_400_000_000
START_US = 1_700_000_000_000_000
DAYS = 1_095
_PROMISED_MS = 100.0
_AIM_MS = 20.0
_AT_ONCE = 20_000

FILTERS: dict[str, dict[str, Any]] = {
    "": {},
    "standing=open": {"standing": "open"},
    "standing=won": {"standing": "won"},
    "standing=disqualified": {"standing": "disqualified"},
    "score>=95": {"score_from": 95},
    "score=3": {"score_from": 3, "score_to": 3},
    "score 40-60": {"score_from": 40, "score_to": 60},
    "grades A1,A2": {"grades": ("A1", "A2")},
    "grade D4": {"grades": ("D4",)},
    "grade that none has": {"grades": ("D9",)},
    "action=route": {"action": "route"},
    "action=nurture": {"action": "nurture"},
    "created in first month": {"created_from": START_US, "created_to": START_US + 30 * DAY_US},
    "created in one hour": {
        "created_from": START_US + 500 * DAY_US,
        "created_to": START_US + 500 * DAY_US + DAY_US // 24,
    },
    "created in last year": {"created_from": START_US + 730 * DAY_US},
    "updated in last hour": {"updated_since": START_US + DAYS * DAY_US - DAY_US // 24},
    "updated in last month": {"updated_since": START_US + (DAYS - 30) * DAY_US},
}
PAIRS = [
    ("standing=open", "score>=95"),
    ("standing=open", "grades A1,A2"),
    ("standing=open", "action=route"),
    ("standing=open", "created in first month"),
    ("standing=open", "created in last year"),
    ("standing=open", "updated in last month"),
    ("standing=won", "created in last year"),
    ("standing=disqualified", "grade D4"),
    ("action=route", "score 40-60"),
    ("grades A1,A2", "created in first month"),
    ("score>=95", "updated in last hour"),
]
ORDERS = ("created", "updated", "score")


def main() -> int:
    """Make the store, page through every query in every order, and print the slowest page of each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--pages", type=int, default=20, help="pages from each place of an order")
    parser.add_argument("--keep", type=Path, help="a folder for the store, used again where it is there")
    parser.add_argument(
        "--store-url", help="a PostgreSQL to use instead; it must be empty, or of this benchmark"
    )
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as made,
        closing(open_store(chosen.keep or Path(made), chosen.store_url)) as store,
    ):
        fill(store, chosen.leads)
        return _report(store, chosen.leads, chosen.pages)


def _report(store: Store, leads: int, pages: int) -> int:
    print(f"{leads:,} leads (generated), {store.engine.dialect.name}, pages of 50, milliseconds")
    print(f"{'filter':45} " + " ".join(f"{order:>9}" for order in ORDERS))
    worst: list[float] = []
    names = [*((name,) for name in FILTERS), *PAIRS]
    for name in names:
        asked = {key: value for part in name for key, value in FILTERS[part].items()}
        times = [slowest_page(store, LeadQuery(order=order, **asked), pages) for order in ORDERS]  # type: ignore[arg-type]  # of ORDERS
        print(f"{' & '.join(name) or 'all':45} " + " ".join(f"{taken:9.1f}" for taken in times))
        worst.extend(times)
    slow = sum(taken > _AIM_MS for taken in worst)
    verdict = "kept" if max(worst) <= _PROMISED_MS else "NOT kept"
    print(f"{slow} of {len(worst)} are over {_AIM_MS:.0f} ms")
    print(f"the slowest page took {max(worst):.1f} of the promised {_PROMISED_MS:.0f} ms: {verdict}")
    return int(max(worst) > _PROMISED_MS)


def slowest_page(store: Store, query: LeadQuery, pages: int) -> float:
    """Return the milliseconds of the slowest page: from the front, from the middle, and through the end."""
    with store.reading() as connection:
        places = walk_of(query).places(connection, None, 10**9)
    last = max(len(places) - (pages - 1) * query.limit, 0)
    starts = [
        write_cursor(asked_of(query), places[at]) for at in (len(places) // 2, last) if at < len(places)
    ]
    return max(taken for start in (None, *starts) for taken in _paged(store, query, start, pages))


def _paged(store: Store, query: LeadQuery, cursor: str | None, pages: int) -> Iterator[float]:
    """Yield the milliseconds of each page, the best of two tries, because others use the machine as well."""
    for _ in range(pages):
        tries = []
        for _ in range(2):
            began = time.perf_counter()
            with store.reading() as connection:
                page = list_leads(connection, replace(query, cursor=cursor))
            tries.append((time.perf_counter() - began) * 1_000)
        yield min(tries)
        cursor = page.next
        if cursor is None:
            return


def fill(store: Store, leads: int) -> None:
    """Write the leads, unless they are there."""
    with store.reading() as connection:
        if connection.execute(LEADS.select().limit(1)).first():
            return
    rng = np.random.default_rng(7)
    for first in range(1, leads + 1, _AT_ONCE):
        rows = _rows(rng, np.arange(first, min(first + _AT_ONCE, leads + 1)), leads)
        aliases = [{"lead_id": row["lead_id"], "lead": row["number"]} for row in rows]
        store.write(lambda connection, rows=rows: connection.execute(LEADS.insert(), rows))  # type: ignore[misc]  # bound now
        store.write(lambda connection, aliases=aliases: connection.execute(ALIASES.insert(), aliases))  # type: ignore[misc]  # bound now


def _rows(rng: np.random.Generator, numbers: np.ndarray[Any, Any], leads: int) -> list[dict[str, Any]]:
    count = len(numbers)
    created = START_US + ((numbers / leads) * DAYS * DAY_US).astype(np.int64)
    updated = np.minimum(
        created + (rng.exponential(20.0, count) * DAY_US).astype(np.int64), START_US + DAYS * DAY_US
    )
    age = 1 - numbers / leads
    is_open = rng.random(count) > np.minimum(3 * age, 0.95)
    closed = rng.choice(["won", "lost", "disqualified"], count, p=[0.12, 0.868, 0.012])
    score = np.clip((rng.random(count) * 60 + 40 * (1 - age)).astype(int), 0, 99)
    unscored = rng.random(count) < 0.05
    engaged = rng.integers(1, 5, count)
    chance = rng.random(count)
    words = rng.integers(0, 1_000, (count, 15))
    return [
        {
            "number": int(number),
            "lead_id": f"L-{number}",
            "created_at": int(created[at]),
            "arrived_at": None if chance[at] < 0.02 else int(created[at]),
            "updated_at": int(updated[at]),
            "touched_at": int(updated[at]),
            "cells": {f"column {place}": f"value {word}" for place, word in enumerate(words[at].tolist())},
            "deleted_at": int(updated[at]) if chance[at] > 0.99 else None,
            "standing": "open" if is_open[at] else str(closed[at]),
            **_scored(int(score[at]), int(engaged[at]), int(updated[at]), is_known=not unscored[at]),
        }
        for at, number in enumerate(numbers.tolist())
    ]


def _scored(score: int, engaged: int, at: int, *, is_known: bool) -> dict[str, Any]:
    if not is_known:
        return dict.fromkeys(("score", "probability", "grade", "action", "scored_at", "scored_by"))
    return {
        "score": score,
        "probability": score / 400,
        "grade": f"{'DCBA'[score // 25]}{engaged}",
        "action": "route" if score >= 70 else "nurture",
        "scored_at": at,
        "scored_by": "leadlens 1, policy 0",
    }


if __name__ == "__main__":
    sys.exit(main())
