"""Files of leads, or a prepared history, through the scorer: small ones at once, large ones in parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from features.cluster import Local
from features.counted import counted
from features.prepared.parted_files import part_files
from leadlens.arrivals import SMALL_LEADS, is_small, newest_time, notes_of_parted, read_arrivals
from leadlens.score_faults import Findings
from leadlens.score_inputs import inputs_of_files, inputs_of_prepared
from leadlens.score_kept import kept_parts
from leadlens.score_sources import held_parts, parts_of_files, parts_of_prepared
from leadlens.scoring import refuse_another_mapping, score_here, score_in_parts

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from features.prepared import Prepared
    from leadlens.scoring import Scored, Work
    from models.artifact import AnyScorer

_PARTS_A_WORKER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who hears of the work: `note` what was decided, `step` what is done now, `leads` how many there are."""

    note: Callable[[str], None]
    step: Callable[[str], None]
    leads: Callable[[int], None] = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for. `parts` is the folder in which whole parts are kept until `out` is.

    `as_of`: the moment that was asked for, None where what is scored tells it. With `again` what is in it
    from an earlier run is left out.
    """

    out: Path
    parts: Path
    as_of: datetime | None
    skip_bad_rows: bool
    text_limit: int | None = None
    again: bool = False


def score_files(
    leads: Path,
    events: Path | None,
    scorer: AnyScorer,
    moment: Callable[[datetime | None], datetime],
    request: Request,
    work: Work,
    told: Told,
) -> Scored:
    """Score every lead of a file at one moment, which `moment` chooses, given the newest time in the files.

    Large files are parted on disk, and whole parts are kept: a run after one that was killed goes on with
    them. Raises InputError where a row cannot be read, unless such rows are to be skipped.
    """
    told.step("reading")
    if not is_small(leads, events) or (work.workers or 1) > 1:
        return _score_large(leads, events, scorer, moment, request, work, told)
    arrivals = read_arrivals(
        leads, events, scorer.mapping, skip_bad_rows=request.skip_bad_rows, text_limit=request.text_limit
    )
    for note in arrivals.notes:
        told.note(note)
    as_of = moment(newest_time(arrivals))
    count = len(arrivals.leads.frame)
    told.leads(count)
    told.step(f"scoring {counted(count, 'lead')}")
    read = tuple(table.rejects for table in (arrivals.leads, arrivals.events) if table is not None)
    found = Findings(arrivals.leads.rejects.said_of, read)
    skip = request.skip_bad_rows
    if work.on is None or isinstance(work.on, Local):
        [part] = held_parts(arrivals, 1)
        return score_here(part, scorer, as_of, request.out, found, skip_bad_rows=skip, tell=work.tell)
    parts = list(held_parts(arrivals, _PARTS_A_WORKER * work.on.workers))
    options = f"{request.text_limit} in {len(parts)} parts"
    inputs = inputs_of_files(leads, events, scorer, request.as_of, options=options)
    with kept_parts(request.parts, inputs, again=request.again) as (kept, earlier):
        if earlier:
            told.note(earlier)
        return score_in_parts(
            parts, scorer, as_of, request.out, found, kept.at(as_of), skip_bad_rows=skip, work=work
        )


def _score_large(
    leads: Path,
    events: Path | None,
    scorer: AnyScorer,
    moment: Callable[[datetime | None], datetime],
    request: Request,
    work: Work,
    told: Told,
) -> Scored:
    inputs = inputs_of_files(leads, events, scorer, request.as_of, options=f"{request.text_limit}")
    with kept_parts(request.parts, inputs, again=request.again) as (kept, earlier):
        if earlier:
            told.note(earlier)
        tables = kept.tables()
        files = part_files(
            leads,
            events,
            scorer.mapping,
            tables,
            skip_bad_rows=request.skip_bad_rows,
            text_limit=request.text_limit,
            report=told.step,
        )
        for note in notes_of_parted(files, scorer.mapping):
            told.note(note)
        as_of = moment(None if files.newest is None else files.newest.to_pydatetime())
        told.leads(files.leads.rows)
        told.step(f"scoring {counted(files.leads.rows, 'lead')}")
        found = Findings(files.leads.said_of, files.rejects)
        return score_in_parts(
            parts_of_files(files), scorer, as_of, request.out, found, kept.at(as_of),
            skip_bad_rows=request.skip_bad_rows, work=work,
        )  # fmt: skip


def score_prepared(prepared: Prepared, scorer: AnyScorer, request: Request, work: Work, told: Told) -> Scored:
    """Score the leads of a prepared history, as they were known at one moment, bucket by bucket.

    The moment is by default that of the extract. Rows are in the order of the file that was prepared. Raises
    RefusedError where it was prepared with another understanding of the files than the model has, InputError
    as `score_files` does.
    """
    as_of = request.as_of or prepared.manifest.extract_at.to_pydatetime()
    refuse_another_mapping(prepared.mapping, scorer.mapping)
    found = Findings(prepared.mapping.leads.path or "query")
    parts = parts_of_prepared(prepared)
    count = sum(prepared.manifest.tables["leads"].rows)
    told.leads(count)
    skip = request.skip_bad_rows
    if work.workers is None and work.on is None and count <= SMALL_LEADS:
        work = replace(work, workers=1)
    if len(parts) == 1 and work.on is None and count <= SMALL_LEADS:
        return score_here(parts[0], scorer, as_of, request.out, found, skip_bad_rows=skip, tell=work.tell)
    inputs = inputs_of_prepared(prepared, scorer, as_of)
    with kept_parts(request.parts, inputs, again=request.again) as (kept, earlier):
        if earlier:
            told.note(earlier)
        return score_in_parts(
            parts, scorer, as_of, request.out, found, kept.at(as_of), skip_bad_rows=skip, work=work
        )
