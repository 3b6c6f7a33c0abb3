"""Slices: where the model is weak, by segment, by the age of the lead, by period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.durations import DAY_US
from features.events import NO_TIME
from training.evidence.evidence import Slice
from training.fitting.validation import times_of
from training.measures.together import all_figures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from numpy.typing import NDArray

    from features.past import Past
    from training.evidence.foretold import Judged
    from training.measures import Resampling

    Kind = Literal["segment", "age", "period"]
    Found = tuple[Kind, str, str, NDArray[np.bool_]]

LEAST_LEADS = 50
"""Fewer leads tell nothing."""

MOST_VALUES = 6
"""So many values of a column, the commonest."""

AGES = (
    ("up to a week", 0, 7),
    ("8 to 30 days", 7, 30),
    ("31 to 90 days", 30, 90),
    ("91 to 180 days", 90, 180),
    ("over 180 days", 180, np.inf),
)
"""What an age is called, more than and up to how many days."""

MOST_PERIODS = 12


def slices_of(past: Past, tested: Judged, draws: Resampling) -> tuple[Slice, ...]:
    """Return the slices that hold LEAST_LEADS leads, in order: segments, ages, periods."""
    kinds = (*_by_segment(tested), *_by_age(past, tested), *_by_period(past, tested))
    return tuple(
        _slice(kind, of, value, rows, tested, draws)
        for kind, of, value, rows in kinds
        if _leads(rows, draws) >= LEAST_LEADS
    )


def _slice(
    kind: Kind,
    of: str,
    value: str,
    rows: NDArray[np.bool_],
    tested: Judged,
    draws: Resampling,
) -> Slice:
    labels, p, own = tested.rows.label[rows], tested.probabilities[rows], draws.where(rows)
    figures = all_figures(labels, p, own, {}, has_line=False)
    auc, converted, mean = figures.get("roc_auc"), own.share(labels), float(p.mean())
    why = []
    if auc is not None and auc.low <= 0.5:
        why.append("it says next to nothing here")
    if not converted.low <= mean <= converted.high:
        way = "high" if mean > converted.high else "low"
        why.append(f"its probabilities are too {way}")
    return Slice(
        kind=kind,
        of=of,
        value=value,
        rows=int(rows.sum()),
        leads=_leads(rows, draws),
        conversions=len(np.unique(own.lead[labels == 1.0])),
        probability=mean,
        converted=converted,
        auc=auc,
        log_loss=figures["log_loss"],
        calibration_error=figures["calibration_error"],
        is_weak=bool(why),
        why="; ".join(why),
    )


def _by_segment(tested: Judged) -> Iterator[Found]:
    columns = dict.fromkeys(segment.column for segment in tested.segments)
    for column in columns:
        own = [segment for segment in tested.segments if segment.column == column]
        own.sort(key=lambda segment: -int(segment.rows.sum()))
        for segment in own[:MOST_VALUES]:
            yield "segment", column, segment.value, segment.rows


def _by_age(past: Past, tested: Judged) -> Iterator[Found]:
    created = past.created_at[tested.rows.lead]
    if not past.mapping.is_dated or (created == NO_TIME).any():
        return
    days = (tested.rows.as_of - created) / DAY_US
    for value, more_than, up_to in AGES:
        yield "age", "age of the lead", value, (days <= up_to) & ((days > more_than) | (more_than == 0))


def _by_period(past: Past, tested: Judged) -> Iterator[Found]:
    times = times_of(past, tested.rows)
    if times is None:
        return
    moments = pd.DatetimeIndex(times.astype("datetime64[us]"))
    for unit in ("M", "Q", "Y"):
        period = moments.to_period(unit).astype(str).to_numpy()
        values = np.unique(period)
        if len(values) <= MOST_PERIODS:
            break
    for value in values:
        yield "period", "period", str(value), period == value


def _leads(rows: NDArray[np.bool_], draws: Resampling) -> int:
    return len(np.unique(draws.lead[rows]))
