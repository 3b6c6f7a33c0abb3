"""What the events of leads say at moments: one pass of a kernel over each lead's events, up to the moment.

The kernel is the same for one row and for many; many are shared among threads, rows apart, so that no sum
is ever split.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from features.event_features import HALF_LIVES, WINDOWS, channel_subject
from features.feature import ACTIVITY, TOUCHES, Feature
from features.measuring import NOWHERE, SPANS, SPECIAL, measure_events, measure_lead
from features.processors import usable_processors
from features.read_only import read_only
from features.vocabulary import CHANNELS, channel_of, step_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.lead_log import LeadLog
    from features.spec import FeatureSpec

THREADED_ROWS = 20_000
"""Fewer rows are not worth a second thread."""

MOST_KEYS_KEPT = 10_000
"""Details are any text that a request brings: what is told of so many keys is kept."""


class EventPlan:
    """Where in the vector each measure of each subject goes; made once from a spec.

    Subjects are the spec's event keys, its channels, all acts and all touches, in this order.
    """

    def __init__(self, spec: FeatureSpec) -> None:
        subjects = [*spec.event_keys, *map(channel_subject, spec.channels), ACTIVITY, TOUCHES]
        self._subject = {key: i for i, key in enumerate(spec.event_keys)}
        self._channel = {c: len(spec.event_keys) + i for i, c in enumerate(spec.channels)}
        number = {subject: i for i, subject in enumerate(subjects)}
        size = len(subjects)
        self._count_at = np.full((size, len(SPANS)), NOWHERE)
        self._active_at = np.full(len(SPANS), NOWHERE)
        self._decayed_at = np.full((size, len(HALF_LIVES)), NOWHERE)
        self._value_at = np.full((size, 3), NOWHERE)
        self._since_at = np.full((size, 2), NOWHERE)
        self._special_at = np.full(len(SPECIAL), NOWHERE)
        for at, feature in enumerate(spec.features):
            if not feature.is_of_column:
                self._place(feature, at, number.get(feature.about, NOWHERE))
        self._zero_at = np.asarray(
            [at for at, feature in enumerate(spec.features) if feature.measure in _ZERO_BASED], np.int64
        )
        tables = (
            self._count_at, self._active_at, self._decayed_at, self._value_at, self._since_at,
            self._special_at, self._zero_at,
        )  # fmt: skip
        (self._places,) = read_only(np.concatenate([[size], *(table.ravel() for table in tables)]))
        self._told_of_key = _ToldOfKey(self._subject, self._channel)
        self._told_last: tuple[Sequence[str], NDArray[np.int64]] = [], np.zeros((0, 5), np.int64)
        """The keys of the log before, which most often are the same object, and what was told of them."""

    def _place(self, feature: Feature, at: int, subject: int) -> None:
        match feature.measure:
            case "count":
                self._count_at[subject, _window(feature)] = at
            case "active_days":
                self._active_at[_window(feature)] = at
            case "decayed":
                self._decayed_at[subject, HALF_LIVES.index(feature.window or 0)] = at
            case "value_sum":
                self._value_at[subject, 1 if feature.window is None else 0] = at
            case "value_max":
                self._value_at[subject, 2] = at
            case "days_since":
                self._since_at[subject, 0] = at
            case "days_since_first":
                self._since_at[subject, 1] = at
            case "channel":
                self._special_at[SPECIAL.index(feature.about)] = at
            case measure if measure in SPECIAL:
                self._special_at[SPECIAL.index(measure)] = at

    def fill(self, vectors: NDArray[np.float64], batch: LeadBatch) -> None:
        """Fill the event features of n rows in place. `vectors` is float64 (n, features), C-contiguous, NaN.

        An event of a type that the spec does not know counts nowhere, not in the activity either.
        """
        log = batch.events
        owner, as_of, *events = read_only(
            batch.owner, batch.as_of, log.offsets, log.occurred_at, log.known_at, log.key, log.detail_key,
            log.is_touch, log.value,
        )  # fmt: skip
        keys = self._keys(log.keys)
        worth = len(owner) // THREADED_ROWS
        threads = min(usable_processors(), worth) if worth > 1 else 1
        if threads < 2:
            measure_events(vectors, owner, as_of, *events, keys, self._places)
            return

        def rows(start: int, stop: int) -> None:
            here = slice(start, stop)
            measure_events(vectors[here], owner[here], as_of[here], *events, keys, self._places)

        cuts = np.linspace(0, len(batch), 4 * threads + 1).astype(int).tolist()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(rows, cuts[:-1], cuts[1:]))

    def fill_one(self, vectors: NDArray[np.float64], row: int, as_of: int, log: LeadLog) -> bool:
        """Fill the event features of one row; return whether an event occurred or was known after `as_of`.

        `vectors` is as in `fill`. The events of the log are put in order.
        """
        keys = self._keys(log.keys)
        return bool(measure_lead(vectors, row, as_of, log.held, log.size, keys, self._places))

    def _keys(self, keys: Sequence[str]) -> NDArray[np.int64]:
        """Return (keys, 5) for a log's keys: subject, channel's subject, channel's code, buyer's step, rank.

        The rank is the place among the keys in the order of their names.
        """
        before, told = self._told_last
        if before is not keys:
            told = np.empty((len(keys), 5), np.int64)
            for at, key in enumerate(keys):
                told[at, :4] = self._told_of_key[key]
            told[np.argsort(np.asarray(keys, object), kind="stable"), 4] = np.arange(len(keys))
            (told,) = read_only(told)
            self._told_last = keys, told
        return told


class _ToldOfKey(dict[str, tuple[int, int, int, int]]):
    """What a plan has to know of a key of a log: made when a key is first seen."""

    def __init__(self, subject: Mapping[str, int], channel: Mapping[str, int]) -> None:
        super().__init__()
        self._subject, self._channel = subject, channel

    def __missing__(self, key: str) -> tuple[int, int, int, int]:
        channel = channel_of(key)
        of_channel, code = NOWHERE, NOWHERE
        if channel is not None:
            of_channel, code = self._channel.get(channel, NOWHERE), CHANNELS.index(channel)
        told = self._subject.get(key, NOWHERE), of_channel, code, step_of(key)
        if len(self) < MOST_KEYS_KEPT:
            self[key] = told
        return told


_ZERO_BASED = {"count", "active_days", "decayed", "value_sum", "step", "unanswered"}
"""The measures of a lead that did nothing that are 0; the others are not known then."""


def _window(feature: Feature) -> int:
    return len(WINDOWS) if feature.window is None else WINDOWS.index(feature.window)
