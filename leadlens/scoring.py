"""Files of leads through the scorer: the same path that a request takes, many leads at a time."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
import pandas as pd

from features.cluster import Local, each_bucket
from features.errors import Fault, InputError, RefusedError
from features.hashing import buckets_of
from features.reading import read_events, read_leads
from features.reading.rejects import COLUMNS as COLUMNS_OF_REJECTS
from features.tables import Tables
from leadlens.score_parts import COLUMNS, TYPES, Part, PartScores, score_part
from models.sent import SentScorer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from features.cluster import Engine
    from features.mapping import Mapping
    from features.prepared import Prepared
    from features.reading.raw_columns import ReadTable
    from features.reading.rejects import Rejects
    from models.artifact import AnyScorer

_PARTS_A_WORKER = 4
_REPORTED_LEADS = 2_000


class _How(TypedDict):
    skip_bad_rows: bool
    text_limit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Leads that came in files, with what they did."""

    leads: ReadTable
    events: ReadTable | None
    mapping: Mapping

    @property
    def notes(self) -> tuple[str, ...]:
        """What reading decided or counted."""
        return (
            *self.leads.notes,
            *(self.events.notes if self.events else ()),
            *self._of_history(),
            *self._of_events(),
        )

    def _of_history(self) -> Iterator[str]:
        left = [name for name in ("changes", "accounts") if getattr(self.mapping, name)]
        if left:
            yield (
                f"the {' and '.join(left)} of the mapping are not joined to files: their values have to be "
                "in the file of leads, or use leadlens prepare and --prepared"
            )

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
    """`rows`: one a scored lead, as `leadlens score` writes them; `rejects`: as of what could not be read."""

    rows: pd.DataFrame
    rejects: pd.DataFrame
    rejected_rows: int
    warnings: Counter[str]


def read_arrivals(
    leads: Path,
    events: Path | None,
    mapping: Mapping,
    *,
    skip_bad_rows: bool,
    text_limit: int | None = None,
) -> Arrivals:
    """Read files of leads and events. Raises InputError for a bad row, unless such rows are to be skipped.

    With a `text_limit` a row with a longer text is a bad one.
    """
    how: _How = {"skip_bad_rows": skip_bad_rows, "text_limit": text_limit}
    return Arrivals(
        leads=read_leads(leads, mapping, **how),
        events=None if events is None else read_events(events, mapping, **how),
        mapping=mapping,
    )


def newest_time(arrivals: Arrivals) -> datetime | None:
    """Return the newest time in the files, or None where they hold no time."""
    columns = [arrivals.leads.frame["created_at"]]
    if arrivals.events is not None:
        columns.append(arrivals.events.frame["occurred_at"])
    newest = max((c.max() for c in columns if c.notna().any()), default=None)
    return None if newest is None else newest.to_pydatetime()


def score_all(
    arrivals: Arrivals,
    scorer: AnyScorer,
    as_of: datetime,
    *,
    skip_bad_rows: bool,
    on: Engine | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Scored:
    """Score every lead at one moment. Raises InputError for one that cannot be read, unless to be skipped.

    On a cluster the leads are parted by a hash of their ids; the scores are the same. Here, `report` is told
    every few thousand leads how many are done, of how many; what it raises ends the work.
    """
    on = on or Local()
    parts = _parts(arrivals, as_of, 1 if isinstance(on, Local) else _PARTS_A_WORKER * on.workers)
    if report is None or not isinstance(on, Local):
        scored = on.each(score_part, parts, _sendable(scorer, on))
    else:
        scored = (score_part(part, scorer, report, _REPORTED_LEADS) for part in parts)
    read = [table for table in (arrivals.leads, arrivals.events) if table is not None]
    return _together(
        scored, arrivals.leads.rejects.said_of, [one.rejects for one in read], skip_bad_rows=skip_bad_rows
    )


def score_prepared(
    prepared: Prepared, scorer: AnyScorer, as_of: datetime, *, skip_bad_rows: bool, on: Engine
) -> Scored:
    """Score the leads of a prepared history, as they were known at one moment, bucket by bucket.

    Rows are in the order of the file that was prepared. Raises RefusedError where it was prepared with
    another understanding of the files than the model has, InputError as `score_all` does.
    """
    _refuse_another_mapping(prepared.mapping, scorer.mapping)
    scored = each_bucket(prepared, _score_bucket, on, (_sendable(scorer, on), as_of))
    return _together(scored, prepared.mapping.leads.path or "query", [], skip_bad_rows=skip_bad_rows)


def _score_bucket(
    prepared: Prepared, number: int, how: tuple[AnyScorer | SentScorer, datetime]
) -> PartScores:
    scorer, as_of = how
    tables = replace(prepared.bucket(number), extract_at=pd.Timestamp(as_of))
    return score_part(Part(tables=tables, rows=prepared.lead_rows(number)), scorer)


def _sendable(scorer: AnyScorer, on: Engine) -> AnyScorer | SentScorer:
    return scorer if isinstance(on, Local) else SentScorer.of(scorer)


def _parts(arrivals: Arrivals, as_of: datetime, count: int) -> Iterator[Part]:
    leads, events = arrivals.leads.frame, None if arrivals.events is None else arrivals.events.frame
    moment = pd.Timestamp(as_of)
    if count == 1:
        yield Part(tables=Tables(leads=leads, events=events, extract_at=moment), rows=arrivals.leads.rows)
        return
    part_of_lead = buckets_of(leads["lead_id"], count)
    part_of_event = None if events is None else buckets_of(events["lead_id"], count)
    for number in np.unique(part_of_lead).tolist():
        mine = part_of_lead == number
        tables = Tables(
            leads=leads[mine].reset_index(drop=True),
            events=None if events is None else events[part_of_event == number].reset_index(drop=True),
            extract_at=moment,
        )
        yield Part(tables=tables, rows=arrivals.leads.rows[mine])


def _together(parts: Iterable[PartScores], name: str, read: list[Rejects], *, skip_bad_rows: bool) -> Scored:
    rows: dict[int, dict[str, Any]] = {}
    faults: list[tuple[int, Fault]] = []
    warnings: Counter[str] = Counter()
    lead_ids: dict[int, str] = {}
    for part in parts:
        lead_ids |= part.lead_ids
        rows |= part.rows
        faults += part.faults
        warnings.update(part.warnings)
    placed = [(row, _placed(fault, name, row)) for row, fault in sorted(faults, key=itemgetter(0))]
    if placed and not skip_bad_rows:
        raise InputError(*_first(placed, name))
    typed = pd.DataFrame([rows[row] for row in sorted(rows)], columns=COLUMNS).astype(TYPES)
    rejects = _rejects(read, placed, lead_ids)
    return Scored(rows=typed, rejects=rejects, rejected_rows=_rejected_rows(rejects), warnings=warnings)


def _refuse_another_mapping(prepared: Mapping, learned: Mapping) -> None:
    """Raise RefusedError where cells and events were read by other rules than those of the model."""
    theirs, ours = (json.loads(mapping.frozen()) for mapping in (prepared, learned))
    for section in ("leads", "events", "changes", "accounts"):
        then, now = (_meaning(content.get(section)) for content in (theirs, ours))
        if then != now:
            keys = sorted(key for key in then.keys() | now.keys() if then.get(key) != now.get(key))
            raise RefusedError(
                f"The history was prepared with another [{section}] section than the model was trained with "
                f"({', '.join(keys)}). Prepare it again with the model's mapping, or train on this one."
            )


def _meaning(section: Any) -> dict[str, Any]:
    """Return the settings of a section, or of several of one name, that say how rows are understood."""
    if isinstance(section, list):
        return {str(number): _meaning(one) for number, one in enumerate(section)}
    return {key: value for key, value in (section or {}).items() if key not in _OF_NO_MEANING}


_OF_NO_MEANING = frozenset({"source", "path", "url", "query", "encoding", "delimiter", "exclude"})
"""Where a table came from, and columns that the model takes no notice of anyhow."""


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


def _placed(fault: Fault, name: str, row: int) -> Fault:
    return Fault(f"{name}, row {row}, column {fault.where}", fault.expected, fault.found, fault.remedy)


def _first(placed: list[tuple[int, Fault]], name: str, shown_at_most: int = 20) -> list[Fault]:
    faults = [fault for _, fault in placed[:shown_at_most]]
    rest = len(placed) - len(faults)
    if rest:
        remedy = "Fix them, or leave the bad rows out with --skip-bad-rows."
        faults.append(Fault(name, "every row to be readable", f"{rest:,} more faults", remedy))
    return faults


def _rejects(read: list[Rejects], placed: list[tuple[int, Fault]], lead_ids: dict[int, str]) -> pd.DataFrame:
    lines = [
        {
            "row": row,
            "lead_id": lead_ids.get(row),
            "column": fault.where.rpartition("column ")[2],
            "found": fault.found,
            "reason": str(fault),
        }
        for row, fault in placed
    ]
    mine = pd.DataFrame(lines, columns=COLUMNS_OF_REJECTS)
    tables = [rejects.table() for rejects in read]
    parts = [part for part in (*tables, mine) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else mine


def _rejected_rows(rejects: pd.DataFrame) -> int:
    """Return how many rows were rejected: a row is one of its file, which the reason begins with."""
    files = [reason.partition(", row ")[0] for reason in rejects["reason"].tolist()]
    return len(set(zip(files, rejects["row"].tolist(), strict=True)))
