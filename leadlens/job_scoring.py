"""The file of a score job through the scorer: as `leadlens score` does, bad rows put aside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import pandas as pd

from features.errors import InputError
from features.processors import usable_processors
from features.reading.raw_columns import MissingColumnError
from features.reading.raw_tables import ONE_LINE
from leadlens.file_scoring import Request, Told, score_files
from leadlens.score_files import write_table
from leadlens.scoring import Work
from serving.clock import utc_now
from serving.jobs.job_limits import check_size
from serving.jobs.score_jobs import FileScored
from serving.wire.values import TEXT_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from features.mapping import Mapping
    from models.artifact import AnyScorer
    from models.scoring import Scorer
    from serving.jobs.score_jobs import FileToScore


def score_file(file: FileToScore, scorer: Scorer, decoded_limit_bytes: int) -> FileScored:
    """Write the scores of a file, in its order, and the rows that could not be read.

    A large file is scored in processes of its own, one for every other processor: the rest is for those who
    wait for an answer. Parts that an earlier attempt at the same file has finished are not done again.

    Raises InputError where the file as a whole cannot be read, or holds more than `decoded_limit_bytes`.
    """
    check_size(file.leads, file.events, decoded_limit_bytes)
    by = cast("AnyScorer", scorer)  # of which scoring a file uses no more than any scorer has
    chosen: list[datetime] = []

    def moment(newest: datetime | None) -> datetime:
        chosen.append(_moment(file.as_of) if file.as_of is not None else newest or _moment(utc_now()))
        return chosen[0]

    progress = _Progress(file.report)
    request = Request(
        out=file.result,
        parts=file.parts,
        as_of=None if file.as_of is None else _moment(file.as_of),
        skip_bad_rows=True,
        text_limit=TEXT_LIMIT,
    )
    told = Told(note=lambda _: None, step=lambda _: progress.tell(0), leads=progress.begin)
    work = Work(most=max(1, usable_processors() // 2), apart=True, tell=progress.tell)
    try:
        scored = score_files(file.leads, file.events, by, moment, request, work, told)
    except MissingColumnError as missing:
        raise _in_their_words(missing, by.mapping) from missing
    write_table(scored.rejects, file.rejects)
    as_of = pd.Timestamp(chosen[0]).value // 1_000
    return FileScored(leads=progress.total, rejected=scored.rejected_rows, as_of=as_of)


@dataclass(slots=True)
class _Progress:
    """How many leads are done. Telling it ends the work where the job is to end."""

    report: Callable[[int, int], None]
    done: int = 0
    total: int = 0

    def begin(self, total: int) -> None:
        self.total = total
        self.tell(0)

    def tell(self, more: int) -> None:
        self.done = min(self.done + more, self.total)
        self.report(self.done, self.total)


def _in_their_words(missing: MissingColumnError, mapping: Mapping) -> InputError:
    """Return what to say to who sent the file and knows of no mapping: which columns it needs."""
    names = ", ".join(map(repr, _needed(missing.section, mapping)))
    remedy = f"A file of {missing.section} needs the columns {names}: send one that has them."
    said = [f"{remedy} {ONE_LINE}" if ONE_LINE in fault.remedy else remedy for fault in missing.faults]
    return InputError(
        *(replace(fault, remedy=words) for fault, words in zip(missing.faults, said, strict=True))
    )


def _needed(section: str, mapping: Mapping) -> list[str]:
    leads, events = mapping.leads, mapping.events
    if section == "leads" or events is None:
        return [name for name in (leads.id, leads.created_at) if name is not None]
    named = (events.lead_id, events.occurred_at, events.type, events.known_at, events.event_id, events.value)
    return list(dict.fromkeys([name for name in named if isinstance(name, str)] + [*events.properties]))


def _moment(us: int) -> pd.Timestamp:
    return pd.Timestamp(us, unit="us", tz="UTC")
