"""Dates that cannot be, or that stand for none."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.durations import DAY_US
from features.history import microseconds_of
from features.quality.finding import Finding, Severity, Topic, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from features.mapping import Mapping
    from features.tables import Tables

EARLY_DAYS = 365
"""Events longer before the creation of their lead are odd: acts of a visitor are rarely known so long."""

BULK_SHARE, BULK_LEADS = 0.05, 20
"""Such a share of the leads, and so many, created in one microsecond were imported, not created."""

FAR_YEARS = 20
"""A creation so many years before the middle one is taken for a mistake, such as a date of birth."""

NO_DATES = ("1899-12-30", "1900-01-01", "1904-01-01", "1970-01-01", "1980-01-01")
"""Days on which the clocks of databases, spreadsheets and computers begin: dates that were left empty."""


def date_findings(tables: Tables, mapping: Mapping) -> Iterator[Finding]:
    """Yield impossible dates of leads, events, changes and outcomes, and dates that stand for none."""
    if not mapping.is_dated:
        return
    leads = tables.leads
    yield from _of_creations(leads, tables.extract_at)
    created = leads.drop_duplicates("lead_id").set_index("lead_id")["created_at"]
    if tables.events is not None:
        yield from _of_rows(tables.events, "events", "occurred_at", created, tables.extract_at)
    if tables.changes is not None:
        yield from _of_rows(tables.changes, "changes", "changed_at", created, tables.extract_at)
    if tables.outcomes is not None:
        yield from _of_rows(tables.outcomes, "outcomes", "occurred_at", created, tables.extract_at)


def _of_creations(leads: pd.DataFrame, extract_at: pd.Timestamp) -> Iterator[Finding]:
    ids, created = leads["lead_id"], leads["created_at"]
    found = partial(_found, ids=ids, of="leads")
    yield from found(created > extract_at, "created_later", "were created after extract_at", severity="bad")
    empty = _stands_for_none(created)
    yield from found(
        empty, "created_never", f"were created on a day such as {NO_DATES[3]}: a date left empty"
    )
    us = microseconds_of(created)
    middle = np.median(us) if len(us) else 0
    far = pd.Series(us < middle - FAR_YEARS * 365 * DAY_US, index=created.index) & ~empty
    yield from found(far, "created_long_ago", f"were created {FAR_YEARS} years before most others")
    common = created.value_counts()
    if len(common) and common.iloc[0] >= max(BULK_LEADS, BULK_SHARE * len(leads)) and len(common) > 1:
        yield from found(
            created == common.index[0],
            "created_at_once",
            "were created in one and the same moment: perhaps that of an import, and not of their arrival",
        )


def _of_rows(
    rows: pd.DataFrame, table: str, column: str, created: pd.Series[Any], extract_at: pd.Timestamp
) -> Iterator[Finding]:
    ids, at = rows["lead_id"], rows[column]
    found = partial(_found, ids=ids, of=table)
    yield from found(at > extract_at, f"{table}_later", "are of after extract_at", severity="bad")
    empty = _stands_for_none(at)
    yield from found(empty, f"{table}_never", f"are of a day such as {NO_DATES[3]}: a date left empty")
    if "known_at" in rows:
        early = rows["known_at"] < at
        yield from found(early, f"{table}_foreknown", "were known before they occurred")
    since = microseconds_of(ids.map(created))
    if table == "events":
        ahead = (microseconds_of(at) < since - EARLY_DAYS * DAY_US) & ~empty.to_numpy()
        said = f"are of more than {EARLY_DAYS} days before their lead was created"
        yield from found(pd.Series(ahead, index=ids.index), "events_long_before", said, severity="note")
    if table == "outcomes":
        ahead = microseconds_of(at) < since
        yield from found(
            pd.Series(ahead, index=ids.index), "outcomes_before", "are of before their lead was created"
        )


def _stands_for_none(times: pd.Series[Any]) -> pd.Series[bool]:
    days = [pd.Timestamp(day, tz="UTC") for day in NO_DATES]
    empty: pd.Series[bool] = times.dt.floor("D").isin(days)
    return empty


def _found(
    wrong: pd.Series[bool],
    name: str,
    said: str,
    *,
    ids: pd.Series[str],
    of: str,
    severity: Severity = "warn",
    topic: Topic = "dates",
) -> Iterator[Finding]:
    count = int(wrong.sum())
    if count:
        yield Finding(
            topic=topic,
            name=name,
            severity=severity,
            text=f"{count:,} of {len(ids):,} {of} {said}",
            count=count,
            of=len(ids),
            examples=some(ids[wrong].drop_duplicates()),
        )
