"""The five tables in their canonical form: what every later step relies on.

All times are `datetime64[us, UTC]`. All ids are text, as they were written (leading zeros stay).
Cells of lead columns stay as they were read (text, or the typed values of Parquet and SQL); what
they mean is decided by one parser, `features.cells`, for files and requests alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd
import pandera.pandas as pa

TIME = pd.DatetimeTZDtype("us", "UTC")

LEADS = pa.DataFrameSchema(
    {"lead_id": pa.Column(str, nullable=False), "created_at": pa.Column(TIME, nullable=True)},
    name="leads",
)
"""`lead_id` (may repeat: `score` keeps duplicates, training takes the first), `created_at` (NaT where
the data are flat), and every column of the company under its own name, as raw cells."""

EVENTS = pa.DataFrameSchema(
    {
        "lead_id": pa.Column(str),
        "occurred_at": pa.Column(TIME),
        "known_at": pa.Column(TIME),
        "type": pa.Column("category"),
        "detail": pa.Column("category", nullable=True),
        "is_touch": pa.Column(bool),
        "value": pa.Column("float64", nullable=True),
        "event_id": pa.Column(str, nullable=True),
    },
    name="events",
    strict=True,
)
CHANGES = pa.DataFrameSchema(
    {
        "lead_id": pa.Column(str),
        "column": pa.Column(str),
        "changed_at": pa.Column(TIME),
        "value": pa.Column(object, nullable=True),
    },
    name="changes",
    strict=True,
)
OUTCOMES = pa.DataFrameSchema(
    {
        "lead_id": pa.Column(str),
        "occurred_at": pa.Column(TIME),
        "known_at": pa.Column(TIME),
        "outcome": pa.Column(str, pa.Check.isin(["won", "lost", "disqualified"])),
        "value": pa.Column("float64", nullable=True),
    },
    name="outcomes",
    strict=True,
)
ACCOUNTS = pa.DataFrameSchema(
    {"key": pa.Column(str), "known_from": pa.Column(TIME, nullable=True)}, name="accounts"
)
"""`key` (lower-case domain or account id), `known_from` (NaT: always known), and the
accounts' own columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """A company's history. `accounts` stand in order of precedence.

    `label` (float64, 0 or 1, one for each lead row) stands for flat data only.
    """

    leads: pd.DataFrame
    events: pd.DataFrame | None = None
    changes: pd.DataFrame | None = None
    outcomes: pd.DataFrame | None = None
    accounts: tuple[pd.DataFrame, ...] = ()
    label: pd.Series[float] | None = None
    person: pd.Series[str] | None = None
    """For flat data, one for each lead row: rows with the same text are one person's. None: each its own."""
    borrowed: tuple[str, ...] = ()
    """Columns whose only rows of `changes` are values that merging took from a duplicate."""
    extract_at: pd.Timestamp
    notes: tuple[str, ...] = field(default=())
    """What the reader decided or counted, in words: ambiguous local times, guessed delimiters, …"""
