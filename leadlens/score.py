"""`leadlens score`: a file of leads scored with the champion."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from features.counted import counted
from features.errors import Fault, InputError, RefusedError
from leadlens.options import HOME, EngineName, Home, PreparedFolder, Scheduler

if TYPE_CHECKING:
    from leadlens.file_scoring import Request, Told
    from leadlens.scoring import Scored, Work
    from models.artifact import AnyScorer


def score(
    out: Annotated[Path, typer.Option(help="Where to write the scores: .csv or .parquet.")],
    leads: Annotated[
        Path | None, typer.Option(help="The leads to score, CSV or Parquet.", show_default=False)
    ] = None,
    events: Annotated[
        Path | None, typer.Option(help="What the leads did, CSV or Parquet.", show_default=False)
    ] = None,
    prepared: PreparedFolder = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help="The moment to score at (ISO 8601). Default: the newest time in the files.",
            show_default=False,
        ),
    ] = None,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Put rows that cannot be read into a rejects file.")
    ] = False,
    words: Annotated[
        Path | None,
        typer.Option(help="The words of the reasons. Default: words.toml in the home.", show_default=False),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How many processes share the work. Default: one a processor; one for few leads.",
            show_default=False,
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Begin anew where a run was not finished.")] = False,
    engine: EngineName = "local",
    scheduler: Scheduler = None,
    home: Home = HOME,
) -> None:
    """Score a file of leads, or a prepared history.

    The champion gives one row for each readable row, in the file's order. Where a home has none yet, the
    points scorecard does that comes with LeadLens.

    \b
    Examples:
      leadlens score --leads new.csv --out scores.csv
      leadlens score --leads leads.csv --events events.csv --as-of 2026-11-21 --out scores.parquet
      leadlens score --prepared prepared --engine dask --out scores.parquet
    """
    from features.cluster import engine as chosen_engine
    from features.words import phrasebook_of_home, read_words, strangers
    from leadlens.file_scoring import Request, Told
    from leadlens.score_files import write_table
    from leadlens.scoring import Work
    from leadlens.terminal import say, working
    from models.stand_in import load_serving

    _one_source(leads, events, prepared)
    _writable(out, leads, events)
    if not home.exists():  # a wrong name, most often: no reason to score by the scorecard
        raise RefusedError(
            f"{home} has no champion to score with. Run: leadlens train, then leadlens promote"
        )
    phrasebook = phrasebook_of_home(home) if words is None else read_words(words)
    scorer = load_serving(home, phrasebook)
    for stranger in strangers(phrasebook, scorer.spec):
        say(f"note: {stranger}")
    moment = _moment(as_of, scorer.mapping.training.time_zone) if as_of else None
    request = Request(
        out=out,
        parts=out.with_name(f".{out.name}.parts"),
        as_of=moment,
        skip_bad_rows=skip_bad_rows,
        again=again,
    )
    with working() as report, chosen_engine(engine, scheduler=scheduler) as on:
        told = Told(note=lambda said: say(f"note: {said}"), step=report)
        work = Work(workers=workers, on=None if engine == "local" else on)
        if prepared is not None:
            scored = _score_prepared(prepared, scorer, request, work, told)
        elif leads is not None:
            scored = _score_files(leads, events, scorer, request, work, told)
    for warning, count in scored.warnings.items():
        say(f"note: {warning} ({counted(count, 'lead')})")
    say(f"{out}: {counted(scored.rows, 'score')} by version {scorer.version}")
    if len(scored.rejects):
        path = out.with_name(f"{out.stem}.rejects.csv")
        write_table(scored.rejects, path)
        say(f"{path}: {counted(scored.rejected_rows, 'row')} that could not be read")


def _score_files(
    leads: Path, events: Path | None, scorer: AnyScorer, request: Request, work: Work, told: Told
) -> Scored:
    from leadlens.file_scoring import score_files
    from leadlens.terminal import say

    def moment(newest: datetime | None) -> datetime:
        if request.as_of is not None:
            return request.as_of
        if newest is None:
            now = datetime.now(UTC)
            say(f"as of {now:%Y-%m-%d %H:%M:%S} UTC, now: the files hold no time")
            return now
        say(f"as of {newest:%Y-%m-%d %H:%M:%S} UTC, the newest time in the files")
        return newest

    return score_files(leads, events, scorer, moment, request, work, told)


def _score_prepared(folder: Path, scorer: AnyScorer, request: Request, work: Work, told: Told) -> Scored:
    from features.prepared import Prepared
    from leadlens.file_scoring import score_prepared
    from leadlens.terminal import say

    history = Prepared.open(folder)
    if request.as_of is None:
        say(f"as of {history.manifest.extract_at:%Y-%m-%d %H:%M:%S} UTC, the moment of the extract")
    told.step(f"scoring {len(history):,} buckets")
    return score_prepared(history, scorer, request, work, told)


def _one_source(leads: Path | None, events: Path | None, prepared: Path | None) -> None:
    remedy = "Give --leads FILE (and --events FILE), or --prepared FOLDER."
    if (leads is None) == (prepared is None):
        found = "neither" if leads is None else "both"
        raise InputError(Fault("--leads and --prepared", "one of the two", found, remedy))
    if prepared is not None and events is not None:
        raise InputError(Fault("--events", "a file of leads beside it", "--prepared", remedy))


def _writable(out: Path, *sources: Path | None) -> None:
    """Raise InputError where scores cannot be written to a file: better now than after the work."""
    if out.suffix.lower() not in {".csv", ".parquet"}:
        raise InputError(Fault("--out", "a file ending in .csv or .parquet", out.name))
    if not out.parent.is_dir():
        raise InputError(Fault("--out", "a file in a folder that is there", str(out), "Make the folder."))
    if out.is_dir():
        raise InputError(Fault("--out", "a file", f"the folder {out}"))
    if any(source is not None and out.resolve() == source.resolve() for source in sources):
        raise InputError(Fault("--out", "another file than those to read", str(out), "Choose another name."))


def _moment(text: str, zone: str) -> datetime:
    """Return a moment as a request reads its `as_of`: a day is its end, a naive time is local to the zone."""
    import pandas as pd

    from features.times import TimeError, TimeRules, parse_time

    try:
        us = parse_time(text, TimeRules(zone=zone), day_end=True)
    except TimeError as problem:
        raise InputError(Fault("--as-of", "a moment such as 2026-11-21T09:30:00Z", repr(text))) from problem
    return pd.Timestamp(us, unit="us", tz="UTC").to_pydatetime()
