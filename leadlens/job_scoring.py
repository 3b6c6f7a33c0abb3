"""The file of a score job through the scorer: as `leadlens score` does, bad rows put aside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pandas as pd

from features.errors import InputError
from features.reading.raw_columns import MissingColumnError
from features.reading.raw_tables import ONE_LINE
from leadlens.scoring import newest_time, read_arrivals, score_all, write_table
from serving.clock import utc_now
from serving.jobs.job_limits import check_size
from serving.jobs.score_jobs import FileScored
from serving.wire.values import TEXT_LIMIT

if TYPE_CHECKING:
    from features.mapping import Mapping
    from leadlens.scoring import Arrivals
    from models.artifact import AnyScorer
    from models.scoring import Scorer
    from serving.jobs.score_jobs import FileToScore


def score_file(file: FileToScore, scorer: Scorer, decoded_limit_bytes: int) -> FileScored:
    """Write the scores of a file, in its order, and the rows that could not be read.

    Raises InputError where the file as a whole cannot be read, or holds more than `decoded_limit_bytes`.
    """
    check_size(file.leads, file.events, decoded_limit_bytes)
    by = cast("AnyScorer", scorer)  # of which scoring a file uses no more than any scorer has
    arrivals = _read(file, by.mapping)
    moment = _moment(file.as_of) if file.as_of is not None else newest_time(arrivals) or _moment(utc_now())
    leads = len(arrivals.leads.frame)
    file.report(0, leads)
    scored = score_all(arrivals, by, moment, skip_bad_rows=True, report=file.report)
    write_table(scored.rejects, file.rejects)
    write_table(scored.rows, file.result)
    as_of = pd.Timestamp(moment).value // 1_000
    return FileScored(leads=leads, rejected=scored.rejected_rows, as_of=as_of)


def _read(file: FileToScore, mapping: Mapping) -> Arrivals:
    """Read the files. Who sent them knows of no mapping: he is told which columns they need."""
    try:
        return read_arrivals(file.leads, file.events, mapping, skip_bad_rows=True, text_limit=TEXT_LIMIT)
    except MissingColumnError as missing:
        names = ", ".join(map(repr, _needed(missing.section, mapping)))
        remedy = f"A file of {missing.section} needs the columns {names}: send one that has them."
        said = [f"{remedy} {ONE_LINE}" if ONE_LINE in fault.remedy else remedy for fault in missing.faults]
        faults = (replace(fault, remedy=words) for fault, words in zip(missing.faults, said, strict=True))
        raise InputError(*faults) from missing


def _needed(section: str, mapping: Mapping) -> list[str]:
    leads, events = mapping.leads, mapping.events
    if section == "leads" or events is None:
        return [name for name in (leads.id, leads.created_at) if name is not None]
    named = (events.lead_id, events.occurred_at, events.type, events.known_at, events.event_id, events.value)
    return list(dict.fromkeys([name for name in named if isinstance(name, str)] + [*events.properties]))


def _moment(us: int) -> pd.Timestamp:
    return pd.Timestamp(us, unit="us", tz="UTC")
