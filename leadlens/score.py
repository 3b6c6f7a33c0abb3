"""`leadlens score`: a file of leads scored with the champion."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from features.errors import Fault, InputError, RefusedError
from leadlens.options import HOME, Home


def score(
    leads: Annotated[Path, typer.Option(help="The leads to score, CSV or Parquet.")],
    out: Annotated[Path, typer.Option(help="Where to write the scores: .csv or .parquet.")],
    events: Annotated[
        Path | None, typer.Option(help="What the leads did, CSV or Parquet.", show_default=False)
    ] = None,
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
    home: Home = HOME,
) -> None:
    """Score a file of leads.

    The champion gives one row for each readable row, in the file's order.

    \b
    Examples:
      leadlens score --leads new.csv --out scores.csv
      leadlens score --leads leads.csv --events events.csv --as-of 2026-11-21 --out scores.parquet
    """
    from leadlens.scoring import newest_time, read_arrivals, score_all, write_table
    from leadlens.terminal import say, working
    from models.champion import load_champion

    _writable(out, leads, events)
    scorer = load_champion(home)
    if scorer is None:
        raise RefusedError(
            f"{home} has no champion to score with. Run: leadlens train, then leadlens promote"
        )
    with working() as report:
        report("reading")
        arrivals = read_arrivals(leads, events, scorer.mapping, skip_bad_rows=skip_bad_rows)
        for note in arrivals.notes:
            say(f"note: {note}")
        moment = _moment(as_of, scorer.mapping.training.time_zone) if as_of else newest_time(arrivals)
        if moment is None:
            moment = datetime.now(UTC)
            say(f"as of {moment:%Y-%m-%d %H:%M:%S} UTC, now: the files hold no time")
        elif not as_of:
            say(f"as of {moment:%Y-%m-%d %H:%M:%S} UTC, the newest time in the files")
        report(f"scoring {len(arrivals.leads.frame):,} leads")
        scored = score_all(arrivals, scorer, moment, skip_bad_rows=skip_bad_rows)
    for warning, count in scored.warnings.items():
        say(f"note: {warning} ({count:,} leads)")
    write_table(scored.rows, out)
    say(f"{out}: {len(scored.rows):,} scores by version {scorer.version}")
    if len(scored.rejects):
        path = out.with_name(f"{out.stem}.rejects.csv")
        write_table(scored.rejects, path)
        say(f"{path}: {scored.rejected_rows:,} rows that could not be read")


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
