"""How long one stored lead takes to be scored, by how many events the store holds.

    python benchmarks/bench_stored_lead.py --millions 20

Two stores of SQLite hold the same leads of a generated history with their events; in one of them stand
besides so many millions of events of other leads, all of them mixed as they would arrive. Leads are drawn at
random, each asked for once: read, and scored with all reasons by a model that was fitted to the history. What
recording adds, `bench_ledger.py` says.

Promised: under 20 ms at the median with 20 million events. Exit code 1 where the promise is not kept.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from decisions.policy import Policy
from features.durations import DAY_US
from features.history import microseconds_of
from features.mapping import read_mapping
from features.reading import read_tables
from features.tables import Tables
from models.artifact import save_scorer
from models.boosting import Boosting
from models.champion import champion_folder, point_to
from serving.history.leads import LeadSent, keep_leads
from serving.scoring.champion import Champion, load_local
from serving.scoring.recording import Recorder
from serving.settings import Settings
from serving.store.database import Store, open_store
from serving.store.schema import EVENTS
from training.examples import cut_examples
from training.fitting.fit import fit_scorer
from training.fitting.recipe import Recipe
from training.synthetic.engine import generate
from training.synthetic.recipe import History

PROMISED_MS = 20.0
OTHERS_FROM = 1_000_000
ROWS_AT_ONCE = 200_000
PRICING = '{"page":"/pricing"}'
INSERT = "INSERT INTO events (lead, occurred_at, known_at, type, properties) VALUES (?, ?, ?, ?, ?)"


def main() -> int:
    """Fill two stores, time both, and print median, 99th percentile and ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--millions", type=float, default=20)
    parser.add_argument("--leads", type=int, default=5_000)
    parser.add_argument("--calls", type=int, default=500)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        homes = [Path(name) / "few", Path(name) / "many"]
        made = generate(History(leads=asked.leads, seed=7), Path(name) / "data")
        mapping = read_mapping(made.mapping)
        tables = read_tables(mapping, made.mapping.parent)
        examples = cut_examples(tables, mapping)
        recipe = Recipe(boosting=Boosting(num_trees=300))
        scorer = fit_scorer(examples.history, examples.learned, examples.census, recipe)
        medians = []
        for home, millions in zip(homes, (0.0, asked.millions), strict=True):
            save_scorer(scorer, champion_folder(home, 1))
            point_to(home, name=scorer.name, version=1)
            store = open_store(home)
            put_in(store, tables, round(millions * 1e6))
            times = timed(store, home, tables, asked.calls)
            with store.reading() as connection:
                events = connection.execute(sa.select(sa.func.max(EVENTS.c.number))).scalar_one()
            wall, own = np.median(times, axis=0)
            medians.append(float(wall))
            print(
                f"{events:12,} events: median {wall:.2f} ms, of them {own:.2f} ms its own work, "
                f"p99 {np.quantile(times[:, 0], 0.99):.2f} ms"
            )
            store.close()
    verdict = "kept" if medians[1] < PROMISED_MS else "NOT kept"
    print(f"{medians[1] / medians[0]:.2f} of the time with few events")
    print(f"{medians[1] / PROMISED_MS:.2f} of the promised {PROMISED_MS:.0f} ms: {verdict}")
    return int(medians[1] >= PROMISED_MS)


def put_in(store: Store, tables: Tables, others: int) -> None:
    """Put in the leads of a history and their events, spread among `others` events, as they would arrive.

    The index of events by lead is made at the end, which is the quicker way.
    """
    numbers = put_leads(store, tables)
    own, rounds = events_of(tables, numbers), max(1, -(-others // ROWS_AT_ONCE))
    rng = np.random.default_rng(11)
    store.write(lambda connection: connection.exec_driver_sql("DROP INDEX events_of_lead"))
    for number in range(rounds):
        size = min(ROWS_AT_ONCE, others - number * ROWS_AT_ONCE)
        leads = rng.integers(OTHERS_FROM, OTHERS_FROM + 400_000, size).tolist()
        times = (np.sort(rng.integers(0, 700 * DAY_US, size)) + 20_000 * DAY_US).tolist()
        rows = [(lead, at, at, "page_view", PRICING) for lead, at in zip(leads, times, strict=True)]
        part = own[number::rounds] + rows
        store.write(lambda connection, part=part: connection.exec_driver_sql(INSERT, part))
    made = "CREATE INDEX events_of_lead ON events (lead, occurred_at)"
    store.write(lambda connection: connection.exec_driver_sql(made))


def put_leads(store: Store, tables: Tables) -> dict[str, int]:
    """Send the leads of a history, as a CRM would, and return their numbers."""
    names = [name for name in tables.leads.columns if name not in {"lead_id", "created_at"}]
    created = microseconds_of(tables.leads["created_at"]).tolist()
    rows = tables.leads[names].astype(object).where(tables.leads[names].notna(), None).to_dict("records")
    leads = [
        LeadSent(lead_id, at, {str(column): cell for column, cell in row.items() if cell is not None})
        for lead_id, at, row in zip(tables.leads["lead_id"], created, rows, strict=True)
    ]
    kept = store.write(lambda connection: keep_leads(connection, leads, max(created)))
    return {lead.lead_id: lead.number for lead in kept}


def events_of(tables: Tables, numbers: dict[str, int]) -> list[tuple[int, int, int, str, str | None]]:
    """Return the events of a history as rows of the store, in the order in which they occurred."""
    if tables.events is None:
        return []
    events = tables.events.sort_values("occurred_at")
    times = microseconds_of(events["occurred_at"]).tolist()
    return [
        (numbers[lead], at, at, str(kind), None if detail != detail else PRICING)  # noqa: PLR0124 - nan alone differs from itself
        for lead, at, kind, detail in zip(
            events["lead_id"], times, events["type"], events["detail"], strict=True
        )
    ]


def timed(store: Store, home: Path, tables: Tables, calls: int) -> np.ndarray:
    """Return the milliseconds of scores of so many leads, each with those of the thread's own work."""
    champion = Champion(Settings(home=home), Policy(), load_local)
    champion.answerer()
    recorder = Recorder(store, champion)
    now = int(microseconds_of(tables.leads["created_at"]).max()) + DAY_US
    chosen = np.random.default_rng(3).choice(tables.leads["lead_id"].to_numpy(object), calls, replace=False)
    times = np.empty((calls, 2))
    for number, lead_id in enumerate(chosen):
        began, worked = time.perf_counter_ns(), time.thread_time_ns()
        recorder.score_at(lead_id, now, None)
        times[number] = time.perf_counter_ns() - began, time.thread_time_ns() - worked
    return times / 1e6


if __name__ == "__main__":
    sys.exit(main())
