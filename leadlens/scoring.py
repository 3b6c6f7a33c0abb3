"""Files of leads through the scorer: the same path that a request takes, many leads at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.errors import Fault, InputError
from features.events import NO_TIME
from features.history import History, microseconds_of
from features.reading import read_events, read_leads
from features.tables import Tables
from models.score import Score, Unscorable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from features.mapping import Mapping
    from features.reading.raw_columns import ReadTable
    from models.scorer import LeadScorer

CHUNK = 5_000
"""So many leads are scored at a time, which bounds memory."""

REASONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Leads that came in files, with what they did."""

    leads: ReadTable
    events: ReadTable | None
    mapping: Mapping

    @property
    def notes(self) -> tuple[str, ...]:
        """What reading decided or counted."""
        return (*self.leads.notes, *(self.events.notes if self.events else ()), *self._of_events())

    def _of_events(self) -> Iterator[str]:
        if self.events is None:
            if self.mapping.events is not None:
                yield "no events were given (--events): every lead counts as one that did nothing"
            return
        strangers = int((~self.events.frame["lead_id"].isin(self.leads.frame["lead_id"])).sum())
        if strangers:
            yield f"{self.events.rejects.said_of}: {strangers:,} events are of leads that are not in the file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """`rows`: one a scored lead, as `leadlens score` writes them; `rejects`: row, column, found, reason."""

    rows: pd.DataFrame
    rejects: pd.DataFrame
    rejected_rows: int
    warnings: Counter[str]


def read_arrivals(leads: Path, events: Path | None, mapping: Mapping, *, skip_bad_rows: bool) -> Arrivals:
    """Read files of leads and events. Raises InputError for a bad row, unless such rows are to be skipped."""
    return Arrivals(
        leads=read_leads(leads, mapping, skip_bad_rows=skip_bad_rows),
        events=None if events is None else read_events(events, mapping, skip_bad_rows=skip_bad_rows),
        mapping=mapping,
    )


def newest_time(arrivals: Arrivals) -> datetime | None:
    """Return the newest time in the files, or None where they hold no time."""
    columns = [arrivals.leads.frame["created_at"]]
    if arrivals.events is not None:
        columns.append(arrivals.events.frame["occurred_at"])
    newest = max((c.max() for c in columns if c.notna().any()), default=None)
    return None if newest is None else newest.to_pydatetime()


def score_all(arrivals: Arrivals, scorer: LeadScorer, as_of: datetime, *, skip_bad_rows: bool) -> Scored:
    """Score every lead at one moment. Raises InputError for one that cannot be read, unless to be skipped."""
    tables = Tables(
        leads=arrivals.leads.frame,
        events=None if arrivals.events is None else arrivals.events.frame,
        extract_at=pd.Timestamp(as_of),
    )
    history = History(tables, arrivals.mapping)
    now = int(microseconds_of(pd.Series([pd.Timestamp(as_of)]))[0])
    rows: list[dict[str, Any]] = []
    faults: list[tuple[int, Fault]] = []
    warnings: Counter[str] = Counter()
    for start in range(0, len(history), CHUNK):
        chunk = np.arange(start, min(start + CHUNK, len(history)))
        answers = scorer.score(history.at(chunk, np.full(len(chunk), now)), shown=REASONS)
        for position, answer in zip(chunk.tolist(), answers, strict=True):
            wrong = _faults(answer, int(history.created_at[position]), now)
            if wrong:
                faults.extend((int(arrivals.leads.rows[position]), fault) for fault in wrong)
            elif isinstance(answer, Score):
                rows.append(_row(answer, as_of))
                warnings.update(answer.warnings)
    name = arrivals.leads.rejects.said_of
    placed = [(row, _placed(fault, name, row)) for row, fault in faults]
    if placed and not skip_bad_rows:
        raise InputError(*_first(placed, name))
    typed = pd.DataFrame(rows, columns=COLUMNS).astype(
        {"engagement_score": "Int64", "model_version": "Int64"}
    )
    rejects = _rejects(arrivals, placed)
    return Scored(rows=typed, rejects=rejects, rejected_rows=_rejected_rows(rejects), warnings=warnings)


COLUMNS = [
    "lead_id", "score", "probability", "probability_low", "probability_high", "fit_score", "engagement_score",
    "grade", "rung", *(f"reason_{n}" for n in range(1, REASONS + 1)), "model_version", "as_of",
]  # fmt: skip
"""The columns of the scores, in order."""


def write_table(rows: pd.DataFrame, out: Path) -> None:
    """Write a table as CSV or Parquet, in one step: nobody sees half a file, and a failure leaves none."""
    partial = out.with_name(f".{out.name}.part")
    try:
        if out.suffix.lower() == ".parquet":
            rows.to_parquet(partial, index=False)
        else:
            rows.to_csv(partial, index=False)
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)


def _row(score: Score, as_of: datetime) -> dict[str, Any]:
    told = [reason.text for reason in score.reasons[:-1]]
    return {
        "lead_id": score.lead_id,
        "score": score.score,
        "probability": score.probability,
        "probability_low": score.probability_low,
        "probability_high": score.probability_high,
        "fit_score": score.fit_score,
        "engagement_score": score.engagement_score,
        "grade": score.grade,
        "rung": score.rung,
        **{f"reason_{n}": told[n - 1] if n <= len(told) else None for n in range(1, REASONS + 1)},
        "model_version": score.model_version,
        "as_of": as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").replace(".000000Z", "Z"),
    }


def _faults(answer: Score | Unscorable, created_at: int, now: int) -> tuple[Fault, ...]:
    wrong = answer.faults if isinstance(answer, Unscorable) else ()
    if created_at != NO_TIME and created_at > now:
        remedy = "Score it at a later moment, with --as-of."
        return (
            Fault("created_at", "a lead that was created at or before as_of", "a later one", remedy),
            *wrong,
        )
    return wrong


def _placed(fault: Fault, name: str, row: int) -> Fault:
    return Fault(f"{name}, row {row}, column {fault.where}", fault.expected, fault.found, fault.remedy)


def _first(placed: list[tuple[int, Fault]], name: str, shown_at_most: int = 20) -> list[Fault]:
    faults = [fault for _, fault in placed[:shown_at_most]]
    rest = len(placed) - len(faults)
    if rest:
        remedy = "Fix them, or leave the bad rows out with --skip-bad-rows."
        faults.append(Fault(name, "every row to be readable", f"{rest:,} more faults", remedy))
    return faults


def _rejects(arrivals: Arrivals, placed: list[tuple[int, Fault]]) -> pd.DataFrame:
    lines = [
        {
            "row": row,
            "column": fault.where.rpartition("column ")[2],
            "found": fault.found,
            "reason": str(fault),
        }
        for row, fault in placed
    ]
    mine = pd.DataFrame(lines, columns=["row", "column", "found", "reason"])
    tables = [read.rejects.table() for read in (arrivals.leads, arrivals.events) if read is not None]
    parts = [part for part in (*tables, mine) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else mine


def _rejected_rows(rejects: pd.DataFrame) -> int:
    """Return how many rows were rejected: a row is one of its file, which the reason begins with."""
    files = [reason.partition(", row ")[0] for reason in rejects["reason"].tolist()]
    return len(set(zip(files, rejects["row"].tolist(), strict=True)))
