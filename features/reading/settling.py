"""The rules that need all rows of a lead: which of them count, in a whole company or in any part of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.reading.extract import mapped_extract
from features.reading.lead_rows import first_of_each
from features.reading.notes import Count
from features.reading.winning import won_when_rule
from features.times import TimeRules, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from features.mapping import Mapping as CompanyMapping
    from features.reading.labels import Labels
    from features.reading.raw_columns import ReadTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The rows that count. `label` stands for flat data only; `notes` counts what was left out here."""

    leads: ReadTable
    label: pd.Series[float] | None
    frames: dict[str, pd.DataFrame]
    notes: tuple[str, ...]


def settle(
    everyone: ReadTable,
    frames: Mapping[str, pd.DataFrame],
    mapping: CompanyMapping,
    label_of: Callable[[NDArray[np.int64]], Labels | None],
) -> Settled:
    """Return what counts of canonical tables that hold all rows of every lead in them.

    Of a lead's rows the first counts; leads from before `training.from` or after `training.extract_at` and,
    in flat data, without a label are left out, and so is what belongs to no lead. `won_when` makes outcomes
    of events that were known at `training.extract_at`, beside those of a store. `frames` are
    events, changes and outcomes, as far as there are any. `label_of` returns the labels of rows of the
    leads' file, by their numbers. All leads may be settled at once or part by part: the rows are the same,
    and the counts add up.
    """
    leads = first_of_each(everyone)
    notes = list(leads.notes[len(everyone.notes) :])
    kept, label = _from_on(leads, label_of(leads.rows), mapping, notes)
    settled = dict(frames)
    if mapping.outcomes and mapping.outcomes.won_when and "events" in frames:
        seen = _known_by(frames["events"], mapped_extract(mapping))
        wins = won_when_rule(seen, mapping.outcomes.won_when)
        sent = frames.get("outcomes")
        settled["outcomes"] = wins if sent is None else pd.concat([sent, wins], ignore_index=True)
    for name, frame in settled.items():
        settled[name] = _of_leads(frame, name, everyone.frame, kept.frame, notes)
    return Settled(leads=kept, label=label, frames=settled, notes=tuple(notes))


def _from_on(
    leads: ReadTable, labels: Labels | None, mapping: CompanyMapping, notes: list[str]
) -> tuple[ReadTable, pd.Series[float] | None]:
    """Leave out leads that were created too early or too late, and those without a label where there is one.

    Later leads would take part in what training decides by all leads, such as who is in which fold.
    """
    keep = np.ones(len(leads.frame), dtype=bool)
    start = mapping.training.from_
    if start is not None and mapping.leads.created_at is not None:
        us = parse_time(start, TimeRules(zone=mapping.training.time_zone), day_end=False)
        early = (leads.frame["created_at"] < pd.Timestamp(us, unit="us", tz="UTC")).to_numpy()
        keep &= ~early
        notes.append(Count(f"{{:,}} leads created before {start} left out (training.from)", early.sum()))
    end = mapped_extract(mapping)
    if end is not None and mapping.leads.created_at is not None:
        late = (leads.frame["created_at"] > end).to_numpy()
        keep &= ~late
        said = f"{{:,}} leads created after {mapping.training.extract_at} left out (training.extract_at)"
        notes.append(Count(said, late.sum()))
    if labels is None:
        return _kept(leads, keep), None
    unlabelled = labels.values.isna().to_numpy()
    without = keep & unlabelled & ~labels.still_open.to_numpy()
    notes.append(Count("{:,} leads without a label left out", without.sum()))
    keep &= ~unlabelled
    label = labels.values.reset_index(drop=True).rename("label")
    return _kept(leads, keep), label[keep].reset_index(drop=True)


def _known_by(events: pd.DataFrame, end: pd.Timestamp | None) -> pd.DataFrame:
    return events if end is None else events[events[["occurred_at", "known_at"]].max(axis=1) <= end]


def _kept(read: ReadTable, keep: NDArray[np.bool_]) -> ReadTable:
    if keep.all():
        return read
    return replace(read, frame=read.frame[keep].reset_index(drop=True), rows=read.rows[keep])


def _of_leads(
    frame: pd.DataFrame, name: str, everyone: pd.DataFrame, leads: pd.DataFrame, notes: list[str]
) -> pd.DataFrame:
    """Leave out rows of leads that are not there, and count those that never were."""
    unknown = ~_are_among(frame["lead_id"], everyone["lead_id"])
    said = f"{{:,}} of {{:,}} {name} belong to no lead and were left out"
    notes.append(Count(said, unknown.sum(), len(frame)))
    keep = _are_among(frame["lead_id"], leads["lead_id"])
    return frame if keep.all() else frame[keep].reset_index(drop=True)


def _are_among(ids: pd.Series[str], known: pd.Series[str]) -> NDArray[np.bool_]:
    # pandas would turn every known id into a Python string first.
    found = pc.is_in(pa.array(ids, pa.large_string()), value_set=pa.array(known, pa.large_string()))
    among: NDArray[np.bool_] = found.to_numpy(zero_copy_only=False)
    return among
