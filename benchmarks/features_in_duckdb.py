"""The features of `made_events.SPEC` at one moment in SQL, for DuckDB: a peer of LeadLens.

Active days are bits of a bit string; `count(DISTINCT day) FILTER` took twice the time and memory.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

DAY = 86_400_000_000
TODAY = 20_454
AS_OF = TODAY * DAY
WINDOWS = {"7d": 7, "30d": 30, "90d": 90, "ever": 1_000_000}
HALF_LIVES = (7, 28, 112)
_LN_2 = 0.6931471805599453


def in_one_query(folder: Path, names: list[str]) -> pa.Table:
    """Return the features of all leads with events, `lead_id` first, by one query."""
    with _connection() as connection:
        return connection.sql(_sql(folder / "events" / "*.parquet", names)).to_arrow_table()


def by_bucket(folder: Path, names: list[str]) -> pa.Table:
    """Return the same, file by file: what may be done where each file is known to hold whole leads."""
    with _connection() as connection:
        paths = sorted((folder / "events").iterdir())
        return pa.concat_tables([connection.sql(_sql(path, names)).to_arrow_table() for path in paths])


def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 2, "preserve_insertion_order": False})


def _sql(path: Path, names: list[str]) -> str:
    columns = dict(_columns())
    chosen = ", ".join(f'({columns[name]})::DOUBLE AS "{name}"' for name in names)
    # These are the benchmark's own texts and path: nothing here came from outside.
    return f"""
        SELECT lead_id, {chosen} FROM (
            SELECT *, pv OR fs AS web, NOT es AS act, CASE WHEN pv OR fs THEN 0 WHEN ec THEN 1 END AS channel,
                CASE WHEN pricing THEN 3 WHEN fs OR docs THEN 2 WHEN es THEN 0 ELSE 1 END AS step,
                {", ".join(f"exp(age * {-_LN_2 / (d * DAY)!r}) AS d{d}" for d in HALF_LIVES)},
                (({AS_OF} - age) // {DAY})::INT AS day
            FROM (
                SELECT lead_id, value, {AS_OF} - epoch_us(occurred_at) AS age,
                    type = 'page_view' AS pv, type = 'email_sent' AS es, type = 'email_clicked' AS ec,
                    type = 'form_submitted' AS fs, pv AND coalesce(detail = 'pricing', false) AS pricing,
                    pv AND coalesce(detail = 'docs', false) AS docs
                FROM read_parquet('{path}', hive_partitioning = false)
                WHERE epoch_us(occurred_at) <= {AS_OF} AND epoch_us(known_at) <= {AS_OF}
                    AND type IN ('page_view', 'email_sent', 'email_clicked', 'form_submitted')
            )
        ) GROUP BY lead_id"""  # noqa: S608


def _columns() -> Iterator[tuple[str, str]]:
    types = {"email_clicked": "ec", "email_sent": "es", "form_submitted": "fs", "page_view": "pv"}
    subjects = types | {
        "page_view.pricing": "pricing",
        "channel.web": "web",
        "activity": "act",
        "touches": "es",
    }
    for about, of in subjects.items():
        for window, days in WINDOWS.items():
            yield f"{about}.count.{window}", f"count(*) FILTER ({of} AND age < {days * DAY})"
        yield f"{about}.days_since", f"min(age) FILTER ({of}) / {DAY}"
        yield f"{about}.days_since_first", f"max(age) FILTER ({of}) / {DAY}"
        for days in HALF_LIVES:
            yield f"{about}.decayed.{days}d", f"coalesce(sum(d{days}) FILTER ({of}), 0)"
    for window, days in WINDOWS.items():
        bits = f"bitstring_agg(day, {TODAY - 500}, {TODAY}) FILTER (act AND age < {days * DAY})"
        yield f"activity.active_days.{window}", f"coalesce(bit_count({bits}), 0)"
    yield "form_submitted.value_sum.90d", f"coalesce(sum(value) FILTER (fs AND age < {90 * DAY}), 0)"
    yield "form_submitted.value_sum.ever", "coalesce(sum(value) FILTER (fs), 0)"
    yield "form_submitted.value_max", "max(value) FILTER (fs)"
    yield "activity.days_since_previous", f"(min(age, 2) FILTER (act))[2] / {DAY}"
    recent = f"count(*) FILTER (act AND age < {14 * DAY})"
    before = f"count(*) FILTER (act AND age >= {14 * DAY} AND age < {90 * DAY})"
    yield "activity.pace", f"{recent} / nullif({before}, 0) * {(90 - 14) / 14!r}"
    yield "channel.first", "(-max(age * 16 - channel) + (1::BIGINT << 60)) % 16"
    yield "channel.last", "min(age * 16 + channel) % 16"
    yield "buyer.step", "max(step)"
    since = ", ".join(f"max(age) FILTER (step = {step})" for step in (3, 2, 1))
    yield "buyer.step.days", f"coalesce({since}) / {DAY}"
