"""The events that a reason is about, and leads as they would be without them.

The one place that says which events those are. They are what the group's features are made of:

| a reason about | its events |
|---|---|
| a type ('email_opened'), a type with its detail ('page_view.pricing') | those of that name |
| a channel | the lead's own acts over it |
| all activity | all acts of the lead |
| all touches, or the answers to them | all touches by us |
| the buyer's step | the acts that reach the furthest step that was reached |
| the first or the latest channel | the acts over that channel |

Only what was visible at the moment counts, and only types that the spec knows. A reason about a column, or
about the age of the lead, has no events; neither has one that says what has not happened.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import spearmanr

from features.event_features import channel_subject
from features.feature import ACTIVITY, RESPONSE, STEP, TOUCHES
from features.vocabulary import CHANNELS, channel_of, step_of
from models.reasons.groups import groups_of, sums_by_group

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.events import EventLog
    from models.reasons.groups import Group
    from models.scorer import LeadScorer

TOLD = 5
"""So many reasons a score comes with where nothing else is asked for."""


class ReasonEvents:
    """Finds the events of reasons. `batch` is a batch `.alone()` in which each lead stands once.

    `values` float64 (n, features) are the vectors of its rows.
    """

    def __init__(self, scorer: LeadScorer, batch: LeadBatch, values: NDArray[np.float64]) -> None:
        log, self._values = batch.events, values
        row_of_owner = np.empty(len(batch), np.int64)
        row_of_owner[batch.owner] = np.arange(len(batch))
        self.row = row_of_owner[np.repeat(np.arange(log.owners), np.diff(log.offsets))]
        keys, known = log.keys, set(scorer.spec.event_keys)
        as_of = batch.as_of[self.row]
        self._visible = (log.occurred_at <= as_of) & (log.known_at <= as_of)
        self._visible &= np.asarray([key in known for key in keys], bool)[log.key]
        self._log, self._acts = log, ~log.is_touch
        channels = [channel_of(key) for key in keys]
        self._channel = np.asarray([-1 if c is None else CHANNELS.index(c) for c in channels], np.int64)[
            log.key
        ]
        steps = np.asarray([*(step_of(key) for key in keys), 0], np.int64)
        self._step = np.where(self._acts, np.maximum(steps[log.key], steps[log.detail_key]), 0)

    def of(self, group: Group) -> NDArray[np.bool_]:
        """Return which events of the log each lead's reason of this group is about."""
        if group.is_of_column or group.about == "lead.age":
            return np.zeros(len(self._visible), bool)
        return self._visible & self._about(group)

    def _about(self, group: Group) -> NDArray[np.bool_]:
        told = self._values[self.row, group.positions[0]]
        match group.about:
            case about if about == ACTIVITY:
                return self._acts
            case about if about in {TOUCHES, RESPONSE}:
                return ~self._acts
            case about if about == STEP:
                return (self._step > 0) & (self._step == told)
            case about if about in {channel_subject("first"), channel_subject("last")}:
                return self._acts & (self._channel == told)
        for code, channel in enumerate(CHANNELS):
            if group.about == channel_subject(channel):
                return self._acts & (self._channel == code)
        named = np.asarray([*(key == group.about for key in self._log.keys), False], bool)
        return named[self._log.key] | named[self._log.detail_key]


def without(log: EventLog, dropped: NDArray[np.bool_]) -> EventLog:
    """Return a log without the events that are marked."""
    kept = ~dropped
    until = np.concatenate([[0], np.cumsum(kept)])
    return replace(
        log,
        offsets=until[log.offsets].astype(np.int64),
        occurred_at=log.occurred_at[kept],
        known_at=log.known_at[kept],
        key=log.key[kept],
        detail_key=log.detail_key[kept],
        is_touch=log.is_touch[kept],
        value=log.value[kept],
    )


@dataclass(frozen=True)
class Deletion:
    """What deleting the events of each lead's strongest positive event reason does to its margin.

    `row` (m,): the leads that have such a reason. `about` (m,): what it is about. `said` and `seen` float64
    (m,): the reason's log-odds, and by how much the margin falls. `texts`: the reasons in words. `riser`,
    `rise`: the group whose log-odds rise most without the events, and by how much.
    """

    row: NDArray[np.int64]
    about: tuple[str, ...]
    said: NDArray[np.float64]
    seen: NDArray[np.float64]
    texts: tuple[str, ...]
    riser: tuple[str, ...]
    rise: NDArray[np.float64]

    @property
    def lowered(self) -> float:
        """The share of these leads (0-1) whose margin is lower without the events."""
        return float((self.seen > 0).mean())

    @property
    def rank_correlation(self) -> float:
        """Spearman's, of the amounts said and seen."""
        return float(spearmanr(self.said, self.seen).statistic)

    def exceptions(self) -> list[str]:
        """Return what did not fall, in words: first how often by what it is about, then each by itself."""
        wrong = np.flatnonzero(self.seen <= 0)
        asked, failed = Counter(self.about), Counter(self.about[at] for at in wrong)
        lines = [f"{about}: {n} of {asked[about]} did not fall" for about, n in failed.most_common()]
        return lines + [
            f"'{self.texts[at]}' ({self.about[at]}) said {self.said[at]:+.3f}; without its events the "
            f"margin rises by {-self.seen[at]:.3f}, for {self.riser[at]} gains {self.rise[at]:.3f}"
            for at in wrong
        ]


def deletion(scorer: LeadScorer, batch: LeadBatch, *, told: int | None = TOLD) -> Deletion:
    """Delete from each lead the events of its strongest positive event reason, and see what becomes of it.

    An event reason is one about types, channels, activity, steps, touches or answers that has events to
    delete. It is sought among the `told` largest reasons of the score, or all (None). Leads without one are
    not asked. Each lead stands in the batch once.
    """
    batch = batch.alone()
    values = scorer.vectors(batch).values
    found = scorer.margins(values)
    groups = groups_of(scorer.spec)
    sums = sums_by_group(found.contributions, groups)
    events = ReasonEvents(scorer, batch, values)
    of_group = [events.of(group) for group in groups]
    counts = np.stack([np.bincount(events.row[own], minlength=len(batch)) for own in of_group], axis=1)
    asked = (counts > 0) & (sums > 0) & _among_largest(sums, values, groups, told)
    best = np.where(asked, sums, -np.inf).argmax(axis=1)
    has = asked.any(axis=1)
    dropped = np.zeros(len(events.row), bool)
    for at, own in enumerate(of_group):
        dropped |= own & (best[events.row] == at) & has[events.row]
    left = scorer.margins(scorer.vectors(replace(batch, events=without(batch.events, dropped))).values)
    gained = sums_by_group(left.contributions, groups) - sums
    row = np.flatnonzero(has)
    riser = gained[row].argmax(axis=1)
    return Deletion(
        row=row,
        about=tuple(groups[at].about for at in best[row]),
        said=sums[row, best[row]],
        seen=(found.margin - left.margin)[row],
        texts=tuple(_text(scorer, groups[at], values[of]) for of, at in zip(row, best[row], strict=True)),
        riser=tuple(groups[at].about for at in riser),
        rise=gained[row, riser],
    )


def _among_largest(
    sums: NDArray[np.float64], values: NDArray[np.float64], groups: tuple[Group, ...], told: int | None
) -> NDArray[np.bool_]:
    """Return (n, groups): whether a group is among the largest of which something is known."""
    if told is None:
        return np.ones(sums.shape, bool)
    unknown = np.stack([np.isnan(values[:, list(g.positions)]).all(axis=1) for g in groups], axis=1)
    size = np.where(unknown, 0.0, np.abs(sums))
    return np.argsort(np.argsort(-size, axis=1, kind="stable"), axis=1) < told


def _text(scorer: LeadScorer, group: Group, values: NDArray[np.float64]) -> str:
    """Return a reason in words."""
    return scorer.words.say(group.features, values[list(group.positions)].tolist())
