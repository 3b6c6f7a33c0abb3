"""A home with a generated history in its store, as it would stand there after years of events.

The leads and their events are those of `leadlens generate`. Rows go in as the store keeps them: changes as an
upsert writes them, events in the order in which they arrived, the leads of one moment far apart. SQLite
without waiting for the disk, and without the indexes that can be made at the end; what is left is the real
schema, made by the real migrations.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import served_here  # noqa: F401 - puts tests/support on the path
from real_home import make_real_home

from serving.store.database import FILE, open_store
from training.synthetic.engine import generate
from training.synthetic.recipe import History

_AT_ONCE = 100_000
_CELLS = (
    "email", "job_title", "country", "industry", "company_kind", "employees", "technologies", "channel",
    "campaign", "utm_source", "consent", "owner_region", "form_seconds",
)  # fmt: skip
_GRADES = [letter + figure for letter in "ABCD" for figure in "1234"]
Say = Callable[[str], None]


def make_home(home: Path, leads: int, say: Say) -> None:
    """Make a home with a small real model as champion and `leads` stored leads, unless it is there already.

    A home of another number of leads, or one that was not finished, raises SystemExit.
    """
    mark = home / "made-of.json"
    made_of = {"leads": leads, "seed": 7}
    if mark.exists():
        if json.loads(mark.read_text()) != made_of:
            raise SystemExit(f"{home} was made of {mark.read_text()}, not {made_of}: choose another folder")
        return
    if (home / FILE).exists():
        raise SystemExit(f"{home} was not finished: remove it, or choose another folder")
    say("a small model, trained on generated leads")
    make_real_home(home)
    say(f"{leads:,} leads and their events, generated")
    made = generate(History(leads=leads, seed=7), home / "history", format="parquet")
    open_store(home).close()
    _fill(home, made.mapping.parent, say)
    mark.write_text(json.dumps(made_of))


def mark_scored(home: Path, scored_by: str, now: int) -> None:
    """Give every open lead a score of the given model and policy, made now, so that no sweep is due.

    The scores are drawn by chance: lists need them, and whoever asks for one lead's score gets the real one.
    """
    with closing(sqlite3.connect(home / FILE)) as store:
        store.execute("PRAGMA journal_mode = WAL")
        [[largest]] = store.execute("SELECT max(number) FROM leads").fetchall()
        rng = np.random.default_rng(7)
        scores, chances = rng.integers(0, 100, largest + 1), rng.random(largest + 1) * 0.3
        grades = rng.integers(0, 16, largest + 1)
        ages = rng.integers(0, 3_600_000_000, largest + 1)
        rows = (
            (
                int(scores[number]), float(chances[number]), _GRADES[grades[number]],
                "route" if scores[number] >= 70 else "nurture", now - int(ages[number]), scored_by, number,
            )
            for (number,) in store.execute("SELECT number FROM leads WHERE standing = 'open'").fetchall()
        )  # fmt: skip
        update = "UPDATE leads SET score = ?, probability = ?, grade = ?, action = ?, scored_at = ?"
        store.executemany(f"{update}, scored_by = ? WHERE number = ?", rows)
        store.commit()
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        store.commit()


def bytes_of(home: Path) -> dict[str, int]:
    """Return the bytes of each table and index, as SQLite counts its pages."""
    with closing(sqlite3.connect(home / FILE)) as store:
        return dict(store.execute("SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE").fetchall())


def _fill(home: Path, history: Path, say: Say) -> None:
    store = sqlite3.connect(home / FILE, isolation_level=None)
    # Nothing is promised of this file before it is finished, so nothing waits for the disk.
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -4000000", "temp_store = MEMORY"):
        store.execute(f"PRAGMA {pragma}")
    indexes = store.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN "
        "('leads', 'aliases', 'changes', 'events', 'outcomes', 'accounts')"
    ).fetchall()
    for name, _ in indexes:
        store.execute(f'DROP INDEX "{name}"')
    store.execute("BEGIN")
    for what, fill in {
        "leads": _leads, "changes": _changes, "events": _events, "outcomes": _outcomes, "accounts": _accounts,
    }.items():  # fmt: skip
        began = time.perf_counter()
        rows = fill(store, history)
        took = time.perf_counter() - began
        say(f"{rows:,} rows of {what} in {took:.0f} s")
    store.execute("COMMIT")
    for name, sql in indexes:
        began = time.perf_counter()
        store.execute(sql)
        say(f"index {name} in {time.perf_counter() - began:.0f} s")
    store.execute("PRAGMA journal_mode = WAL")
    store.close()


def _leads(store: sqlite3.Connection, history: Path) -> int:
    won = _standings(history)
    changed = _last_changes(history)

    def rows() -> Iterator[tuple[Any, ...]]:
        for number, lead in enumerate(_rows(history / "leads.parquet"), 1):
            cells = {name: lead[name] for name in _CELLS if lead[name] is not None}
            cells |= changed.get(lead["lead_id"], {})
            said = json.dumps(cells, separators=(",", ":"))
            at = lead["created_at"]
            yield number, lead["lead_id"], at, at, at, at, said, won.get(lead["lead_id"], "open")

    insert = (
        "INSERT INTO leads "
        "(number, lead_id, created_at, arrived_at, updated_at, touched_at, cells, standing) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    )
    count = _insert(store, insert, rows())
    store.execute("INSERT INTO aliases (lead_id, lead) SELECT lead_id, number FROM leads ORDER BY lead_id")
    return count


def _changes(store: sqlite3.Connection, history: Path) -> int:
    """Write what each lead brought when it arrived, and what changed later."""
    numbers = _numbers(store)
    later = pq.read_table(history / "changes.parquet")
    dated = {(row["lead_id"], row["column"]) for row in later.select(["lead_id", "column"]).to_pylist()}

    def rows() -> Iterator[tuple[Any, ...]]:
        for lead in _rows(history / "leads.parquet"):
            number, at = numbers[lead["lead_id"]], lead["created_at"]
            for name in _CELLS:
                if lead[name] is not None and (lead["lead_id"], name) not in dated:
                    yield number, name, at, json.dumps(lead[name])
        for row in _rows(history / "changes.parquet"):
            yield numbers[row["lead_id"]], row["column"], row["changed_at"], json.dumps(row["value"])

    insert = 'INSERT INTO changes (lead, "column", changed_at, value) VALUES (?, ?, ?, ?)'
    return _insert(store, insert, rows())


def _events(store: sqlite3.Connection, history: Path) -> int:
    numbers = _numbers(store)
    file = history / "events.parquet"

    def rows() -> Iterator[tuple[Any, ...]]:
        for row in _rows(file, sorted_by="known_at"):
            properties = {name: row[name] for name in ("page", "campaign") if row[name] is not None}
            said = json.dumps(properties, separators=(",", ":")) if properties else None
            yield (
                numbers[row["lead_id"]], row["occurred_at"], row["known_at"], row["type"], row["event_id"],
                row["value"], said,
            )  # fmt: skip

    # The generated file holds repeated events, as real ones do.
    insert = (
        "INSERT OR IGNORE INTO events (lead, occurred_at, known_at, type, event_id, value, properties) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)"
    )
    return _insert(store, insert, rows())


def _outcomes(store: sqlite3.Connection, history: Path) -> int:
    numbers = _numbers(store)
    rows = (
        (numbers[row["lead_id"]], row["occurred_at"], row["known_at"], row["outcome"], row["value"])
        for row in _rows(history / "outcomes.parquet")
    )
    insert = "INSERT INTO outcomes (lead, occurred_at, known_at, outcome, value) VALUES (?, ?, ?, ?, ?)"
    return _insert(store, insert, rows)


def _accounts(store: sqlite3.Connection, history: Path) -> int:
    def rows() -> Iterator[tuple[Any, ...]]:
        for row in _rows(history / "accounts.parquet"):
            key, known_from = row.pop("domain"), row.pop("known_from")
            cells = {name: value for name, value in row.items() if value is not None}
            yield 0, key, known_from, json.dumps(cells, separators=(",", ":"))

    return _insert(store, "INSERT INTO accounts (place, key, known_from, cells) VALUES (?, ?, ?, ?)", rows())


def _standings(history: Path) -> dict[str, str]:
    """Return how leads ended: their last outcome, but a won one stays won."""
    standings: dict[str, str] = {}
    for row in _rows(history / "outcomes.parquet", sorted_by="occurred_at"):
        if standings.get(row["lead_id"]) != "won":
            standings[row["lead_id"]] = row["outcome"]
    return standings


def _last_changes(history: Path) -> dict[str, dict[str, Any]]:
    last: dict[str, dict[str, Any]] = {}
    for row in _rows(history / "changes.parquet", sorted_by="changed_at"):
        if row["value"] is not None:
            last.setdefault(row["lead_id"], {})[row["column"]] = row["value"]
    return last


def _numbers(store: sqlite3.Connection) -> dict[str, int]:
    return dict(store.execute("SELECT lead_id, number FROM leads").fetchall())


def _rows(file: Path, sorted_by: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file, times as microseconds UTC."""
    table = pq.read_table(file)
    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            moments = table.column(place).cast(pa.timestamp("us", "UTC")).cast(pa.int64())
            table = table.set_column(place, field.name, moments)
    if sorted_by is not None:
        table = table.sort_by(sorted_by)
    for batch in table.to_batches(max_chunksize=_AT_ONCE):
        yield from batch.to_pylist()


def _insert(store: sqlite3.Connection, insert: str, rows: Iterable[tuple[Any, ...]]) -> int:
    return store.executemany(insert, rows).rowcount
