"""The file of a score job through the scorer: as `leadlens score` does, bad rows put aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pandas as pd

from leadlens.job_limits import check_size
from leadlens.scoring import newest_time, read_arrivals, score_all, write_table
from serving.clock import utc_now
from serving.wire.values import TEXT_LIMIT

if TYPE_CHECKING:
    from models.scorer import LeadScorer
    from serving.jobs.score_jobs import FileToScore
    from serving.scoring.answers import Scorer


def score_file(file: FileToScore, scorer: Scorer, decoded_limit_bytes: int) -> int:
    """Write the scores of a file, in its order, and return how many rows could not be read.

    Raises InputError where the file as a whole cannot be read, or holds more than `decoded_limit_bytes`.
    """
    check_size(file.leads, file.events, decoded_limit_bytes)
    by = cast("LeadScorer", scorer)  # of which scoring a file uses no more than any scorer has
    arrivals = read_arrivals(file.leads, file.events, by.mapping, skip_bad_rows=True, text_limit=TEXT_LIMIT)
    moment = newest_time(arrivals) if file.as_of is None else _moment(file.as_of)
    file.report(0, len(arrivals.leads.frame))
    scored = score_all(arrivals, by, moment or _moment(utc_now()), skip_bad_rows=True, report=file.report)
    if len(scored.rejects):
        write_table(scored.rejects, file.rejects)
    write_table(scored.rows, file.result)
    return scored.rejected_rows


def _moment(us: int) -> pd.Timestamp:
    return pd.Timestamp(us, unit="us", tz="UTC")
