"""From a company's files to the canonical tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.reading.event_rows import events_of
from features.reading.files import read_file, read_source
from features.reading.labels import labels_of
from features.reading.lead_rows import first_of_each, labelled_cells, leads_of
from features.reading.other_rows import accounts_of, changes_of
from features.reading.outcome_rows import outcomes_of
from features.reading.winning import won_when_rule
from features.tables import Tables
from features.times import TimeRules, parse_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from features.mapping import Mapping
    from features.reading.labels import Labels
    from features.reading.raw_columns import ReadTable
    from features.reading.raw_tables import RawTable

NO_DATES = pd.Timestamp("1970-01-01", tz="UTC")
"""`extract_at` of data in which nothing is dated."""


def read_tables(mapping: Mapping, folder: Path, *, skip_bad_rows: bool = False) -> Tables:
    """Read every table that `mapping` names; paths are relative to `folder`.

    Rows that cannot be read raise InputError, with the first of them spelled out; with `skip_bad_rows`
    they are left out and counted in the notes. What else is left out is counted there too: rows that
    repeat a lead or event id, rows of unknown leads, unlabelled rows, leads before `training.from`.

    >>> read_tables(read_mapping(Path("leadlens.toml")), Path("data"))  # doctest: +SKIP
    """
    raw_leads = read_source(mapping.leads, folder)
    everyone = leads_of(raw_leads, mapping, training=True)
    others = {name: read for name, read in _other_tables(mapping, folder).items() if read is not None}
    _refuse_rejects((everyone, *others.values()), skip_bad_rows=skip_bad_rows)
    notes = [*_encoding_notes(mapping, raw_leads), *_reject_notes((everyone, *others.values()))]
    frames = {name: read.frame for name, read in others.items()}
    extract_at = _extract_at(mapping, [everyone.frame, *frames.values()], notes)
    leads = first_of_each(everyone)
    labels = _label(raw_leads, mapping, leads, notes)
    leads, label = _from_on(leads, labels, mapping, notes)
    if mapping.outcomes and mapping.outcomes.won_when and "events" in frames:
        frames["outcomes"] = won_when_rule(frames["events"], mapping.outcomes.won_when)
    for name in ("events", "changes", "outcomes"):
        if name in frames:
            frames[name] = _of_leads(frames[name], name, everyone.frame, leads.frame, notes)
    return Tables(
        leads=leads.frame,
        events=frames.get("events"),
        changes=frames.get("changes"),
        outcomes=frames.get("outcomes"),
        accounts=tuple(frames[f"accounts {number}"] for number in range(len(mapping.accounts))),
        label=label,
        extract_at=extract_at,
        notes=tuple(
            dict.fromkeys((*leads.notes, *(n for read in others.values() for n in read.notes), *notes))
        ),
    )


def read_leads(path: Path, mapping: Mapping, *, skip_bad_rows: bool = False) -> ReadTable:
    """Read a file of leads to score: every readable row, in the file's order, duplicates kept.

    The file's own encoding and delimiter are found, whatever those of the training files were. Columns
    that the mapping names may be absent. Bad rows raise InputError, or with `skip_bad_rows`
    are found in `rejects` (`rejects.table()` is what a rejects file holds).
    """
    leads = mapping.leads
    raw = read_file(path, usual_encoding=leads.encoding)
    read = leads_of(raw, mapping, training=False)
    _refuse_rejects((read,), skip_bad_rows=skip_bad_rows)
    return read


def read_events(path: Path, mapping: Mapping, *, skip_bad_rows: bool = False) -> ReadTable:
    """Read a file of events to score with, in the file's order. Bad rows as in `read_leads`.

    Without an [events] section the columns must have their canonical names.
    """
    events = mapping.events
    raw = read_file(path, usual_encoding=events.encoding if events else None)
    read = events_of(raw, mapping)
    _refuse_rejects((read,), skip_bad_rows=skip_bad_rows)
    return read


def _other_tables(mapping: Mapping, folder: Path) -> dict[str, ReadTable | None]:
    read: dict[str, ReadTable | None] = {}
    if mapping.events:
        read["events"] = events_of(read_source(mapping.events, folder), mapping)
    if mapping.changes:
        read["changes"] = changes_of(read_source(mapping.changes, folder), mapping)
    if mapping.outcomes and mapping.outcomes.kind == "table":
        read["outcomes"] = outcomes_of(read_source(mapping.outcomes, folder), mapping)
    for number, section in enumerate(mapping.accounts):
        read[f"accounts {number}"] = accounts_of(read_source(section, folder), section, mapping)
    return read


def _refuse_rejects(tables: Sequence[ReadTable], *, skip_bad_rows: bool) -> None:
    bad = [read.rejects for read in tables if len(read.rejects.rows)]
    if bad and not skip_bad_rows:
        raise bad[0].error(*bad[1:])


def _reject_notes(tables: Sequence[ReadTable]) -> list[str]:
    bad = [(read.rejects.said_of, len(read.rejects.rows)) for read in tables]
    return [f"{said_of}: {count:,} bad rows left out" for said_of, count in bad if count]


def _encoding_notes(mapping: Mapping, raw: RawTable) -> list[str]:
    if mapping.leads.encoding or raw.encoding in {None, "utf-8", "utf-8-sig"}:
        return []
    return [f"{raw.name}: read as {raw.encoding}, which was detected; set leads.encoding if names look wrong"]


def _extract_at(mapping: Mapping, frames: list[pd.DataFrame], notes: list[str]) -> pd.Timestamp:
    """Return the moment of the extract: as the mapping says, else the newest time in any table."""
    given = mapping.training.extract_at
    if given is not None:
        us = parse_time(given, TimeRules(zone=mapping.training.time_zone), day_end=True)
        return pd.Timestamp(us, unit="us", tz="UTC")
    times = [
        frame[name].max()
        for frame in frames
        for name in frame.columns
        if name in {"created_at", "occurred_at", "known_at", "changed_at"}
        and isinstance(frame[name].dtype, pd.DatetimeTZDtype)
    ]
    known = [time for time in times if time is not pd.NaT]
    if not known:
        return NO_DATES
    if mapping.outcomes is None or mapping.outcomes.kind != "label":
        notes.append(f"extract_at is not set: the newest time in any table is taken, {max(known)}")
    newest: pd.Timestamp = max(known)
    return newest


def _label(raw: RawTable, mapping: Mapping, leads: ReadTable, notes: list[str]) -> Labels | None:
    cells = labelled_cells(raw, mapping)
    if cells is None or mapping.outcomes is None:
        return None
    cells = cells.loc[list(leads.rows)]
    labels = labels_of(cells, mapping.outcomes, raw.name)
    if labels.still_open.any():
        counts = cells[labels.still_open].value_counts()
        listed = ", ".join(f"{text!r} {count:,}" for text, count in counts.head(20).items())
        notes.append(f"{raw.name}: {counts.sum():,} leads that are still open left out ({listed})")
    return labels


def _from_on(
    leads: ReadTable, labels: Labels | None, mapping: Mapping, notes: list[str]
) -> tuple[ReadTable, pd.Series[float] | None]:
    """Leave out leads that were created too early, and those without a label where there is one."""
    keep = np.ones(len(leads.frame), dtype=bool)
    start = mapping.training.from_
    if start is not None and mapping.leads.created_at is not None:
        us = parse_time(start, TimeRules(zone=mapping.training.time_zone), day_end=False)
        early = (leads.frame["created_at"] < pd.Timestamp(us, unit="us", tz="UTC")).to_numpy()
        keep &= ~early
        if early.any():
            notes.append(f"{int(early.sum()):,} leads created before {start} left out (training.from)")
    if labels is None:
        return _kept(leads, keep), None
    unlabelled = labels.values.isna().to_numpy()
    without = keep & unlabelled & ~labels.still_open.to_numpy()
    if without.any():
        notes.append(f"{int(without.sum()):,} leads without a label left out")
    keep &= ~unlabelled
    label = labels.values.reset_index(drop=True).rename("label")
    return _kept(leads, keep), label[keep].reset_index(drop=True)


def _kept(read: ReadTable, keep: np.ndarray) -> ReadTable:
    if keep.all():
        return read
    return replace(read, frame=read.frame[keep].reset_index(drop=True), rows=read.rows[keep])


def _of_leads(
    frame: pd.DataFrame, name: str, everyone: pd.DataFrame, leads: pd.DataFrame, notes: list[str]
) -> pd.DataFrame:
    """Leave out rows of leads that are not there, and count those that never were."""
    unknown = ~frame["lead_id"].isin(everyone["lead_id"]).to_numpy()
    if unknown.any():
        notes.append(f"{int(unknown.sum()):,} of {len(frame):,} {name} belong to no lead and were left out")
    keep = frame["lead_id"].isin(leads["lead_id"]).to_numpy()
    return frame if keep.all() else frame[keep].reset_index(drop=True)
