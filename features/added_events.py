"""A log with more events in it, such as never happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from features.events import EventLog, joined_logs

if TYPE_CHECKING:
    from numpy.typing import NDArray


def with_more(log: EventLog, more: EventLog) -> EventLog:
    """Return the log with the events of another one, which speaks of the same owners in the same order.

    Of events at one time that nothing tells apart, those of `log` stand first.
    """
    if log.owners != more.owners:
        raise ValueError(f"expected logs of the same owners, found {log.owners} and {more.owners}")
    both = joined_logs([log, more])
    owner = np.concatenate([_owner_of_each(log), _owner_of_each(more)])
    order = np.lexsort((both.value, ~both.is_touch, both.occurred_at, owner))
    return _log_of(both, order, owner[order], log.owners)


def seen(log: EventLog, as_of: int) -> EventLog:
    """Return the log without what had not happened, or was not known, at a moment (microseconds UTC)."""
    rows = np.flatnonzero((log.occurred_at <= as_of) & (log.known_at <= as_of))
    return _log_of(log, rows, _owner_of_each(log)[rows], log.owners)


def _owner_of_each(log: EventLog) -> NDArray[np.int64]:
    return np.repeat(np.arange(log.owners), np.diff(log.offsets))


def _log_of(log: EventLog, rows: NDArray[np.int64], owner: NDArray[np.int64], owners: int) -> EventLog:
    """Return some events as a log; `owner` is whose each is, in ascending order."""
    return EventLog(
        offsets=np.searchsorted(owner, np.arange(owners + 1)).astype(np.int64),
        occurred_at=log.occurred_at[rows],
        known_at=log.known_at[rows],
        key=log.key[rows],
        detail_key=log.detail_key[rows],
        is_touch=log.is_touch[rows],
        value=log.value[rows],
        keys=log.keys,
    )
