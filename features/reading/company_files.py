"""From a company's files to the canonical tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from features.mapping import Outcomes
from features.reading.event_rows import events_of
from features.reading.extract import extract_moment
from features.reading.files import read_file, read_source
from features.reading.labels import labels_of, open_note
from features.reading.lead_rows import labelled_cells, leads_of
from features.reading.notes import Count, literal, worth_saying
from features.reading.other_rows import accounts_of, changes_of
from features.reading.outcome_rows import outcomes_of
from features.reading.settling import settle
from features.reading.silence import LIVED, days_of, silence_note
from features.reading.text_limits import within_text_limit
from features.stored_mapping import OUTCOMES, STORE
from features.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from features.mapping import Mapping, Source
    from features.reading.labels import Labels
    from features.reading.raw_columns import ReadTable
    from features.reading.raw_tables import RawTable

    ReadSource = Callable[[Source, Path], RawTable]
    """What brings the rows that a section of the mapping names; paths are relative to the folder."""


def read_tables(
    mapping: Mapping, folder: Path, *, skip_bad_rows: bool = False, read: ReadSource = read_source
) -> Tables:
    """Read every table that `mapping` names; paths are relative to `folder`. `read` brings the raw rows.

    Rows that cannot be read raise InputError, with the first of them spelled out; with `skip_bad_rows`
    they are left out and counted in the notes. What else is left out is counted there too: rows that
    repeat a lead or event id, rows of unknown leads, unlabelled rows, leads before `training.from`.

    >>> read_tables(read_mapping(Path("leadlens.toml")), Path("data"))  # doctest: +SKIP
    """
    raw_leads = read(mapping.leads, folder)
    everyone = leads_of(raw_leads, mapping, training=True)
    others = _other_tables(mapping, folder, read)
    _refuse_rejects((everyone, *others.values()), skip_bad_rows=skip_bad_rows)
    frames = {name: read.frame for name, read in others.items()}
    newest = [newest_time_in(frame) for frame in (everyone.frame, *frames.values())]
    extract_at, said = extract_moment(mapping, newest)
    lived = [
        days_of(({"leads": everyone.frame} | frames)[name][column])
        for name, column in LIVED.items()
        if name in {"leads", *frames}
    ]
    accounts = tuple(frames.pop(f"accounts {number}") for number in range(len(mapping.accounts)))
    labels: list[str] = []
    settled = settle(everyone, frames, mapping, lambda rows: _labels(raw_leads, mapping, rows, labels))
    return Tables(
        leads=settled.leads.frame,
        events=settled.frames.get("events"),
        changes=settled.frames.get("changes"),
        outcomes=settled.frames.get("outcomes"),
        accounts=accounts,
        label=settled.label,
        extract_at=extract_at,
        notes=worth_saying(
            (
                *everyone.notes,
                *(note for read in others.values() for note in read.notes),
                *encoding_notes(mapping, raw_leads),
                *_reject_notes((everyone, *others.values())),
                *said,
                *silence_note(mapping, len(everyone.frame), lived, extract_at),
                *labels,
                *settled.notes,
            )
        ),
    )


def read_leads(
    path: Path, mapping: Mapping, *, skip_bad_rows: bool = False, text_limit: int | None = None
) -> ReadTable:
    """Read a file of leads to score: every readable row, in the file's order, duplicates kept.

    The file's own encoding and delimiter are found, whatever those of the training files were. Columns
    that the mapping names may be absent. Bad rows raise InputError, or with `skip_bad_rows`
    are found in `rejects` (`rejects.table()` is what a rejects file holds). With a `text_limit` a row with
    a text of more characters is a bad one.
    """
    leads = mapping.leads
    raw = within_text_limit(read_file(path, usual_encoding=leads.encoding), text_limit)
    read = leads_of(raw, mapping, training=False)
    _refuse_rejects((read,), skip_bad_rows=skip_bad_rows)
    return read


def read_events(
    path: Path, mapping: Mapping, *, skip_bad_rows: bool = False, text_limit: int | None = None
) -> ReadTable:
    """Read a file of events to score with, in the file's order. Bad rows as in `read_leads`.

    Without an [events] section the columns must have their canonical names.
    """
    events = mapping.events
    raw = within_text_limit(read_file(path, usual_encoding=events.encoding if events else None), text_limit)
    read = events_of(raw, mapping)
    _refuse_rejects((read,), skip_bad_rows=skip_bad_rows)
    return read


def _other_tables(mapping: Mapping, folder: Path, read: ReadSource) -> dict[str, ReadTable]:
    tables: dict[str, ReadTable] = {}
    if mapping.events:
        tables["events"] = events_of(read(mapping.events, folder), mapping)
    if mapping.changes:
        tables["changes"] = changes_of(read(mapping.changes, folder), mapping)
    if (outcomes := _outcomes(mapping)) is not None:
        named = mapping.model_copy(update={"outcomes": outcomes})
        tables["outcomes"] = outcomes_of(read(outcomes, folder), named)
    for number, section in enumerate(mapping.accounts):
        tables[f"accounts {number}"] = accounts_of(read(section, folder), section, mapping)
    return tables


def _outcomes(mapping: Mapping) -> Outcomes | None:
    """Return which table holds outcomes. A store has one beside a rule too: what was sent to it."""
    if mapping.outcomes is None or mapping.outcomes.kind == "table":
        return mapping.outcomes
    return Outcomes(source=STORE, **OUTCOMES) if mapping.outcomes.won_when and mapping.is_stored else None


def _refuse_rejects(tables: Sequence[ReadTable], *, skip_bad_rows: bool) -> None:
    bad = [read.rejects for read in tables if len(read.rejects.rows)]
    if bad and not skip_bad_rows:
        raise bad[0].error(*bad[1:])


def _reject_notes(tables: Sequence[ReadTable]) -> list[str]:
    return [rejects_note(read.rejects.said_of, len(read.rejects.rows)) for read in tables]


def rejects_note(said_of: str, count: int) -> str:
    """Say how many bad rows were left out of a table."""
    return Count(f"{literal(said_of)}: {{:,}} bad rows left out", count)


def encoding_notes(mapping: Mapping, raw: RawTable) -> list[str]:
    """Say in which encoding the file of leads was found to be, where that could be wrong."""
    if mapping.leads.encoding or raw.encoding in {None, "utf-8", "utf-8-sig"}:
        return []
    return [f"{raw.name}: read as {raw.encoding}, which was detected; set leads.encoding if names look wrong"]


def newest_time_in(frame: pd.DataFrame) -> pd.Timestamp | None:
    """Return the newest time of a canonical table, or None where it holds none."""
    times = [
        frame[name].max()
        for name in frame.columns
        if name in {"created_at", "occurred_at", "known_at", "changed_at"}
        and isinstance(frame[name].dtype, pd.DatetimeTZDtype)
    ]
    return max((time for time in times if time is not pd.NaT), default=None)


def _labels(raw: RawTable, mapping: Mapping, rows: NDArray[np.int64], notes: list[str]) -> Labels | None:
    cells = labelled_cells(raw, mapping)
    if cells is None or mapping.outcomes is None:
        return None
    cells = cells.loc[list(rows)]
    labels = labels_of(cells, mapping.outcomes, raw.name)
    if labels.still_open.any():
        still_open = cells[labels.still_open]
        notes.append(open_note(raw.name, still_open.groupby(still_open, sort=False).size()))
    return labels
