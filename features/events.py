"""The events of many leads as sorted arrays: what every event feature is computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from features.log_columns import EventColumns, in_order, packed
from features.read_only import read_only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NO_TIME = np.iinfo(np.int64).min
"""Stands where a time is not known (int64 microseconds since 1970)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLog:
    """Events grouped by owner (a lead's position) and sorted by time of occurrence within each.

    `offsets` int64 (owners + 1): owner o has the events offsets[o] to offsets[o + 1]. For m events:
    `occurred_at`, `known_at` int64 microseconds UTC; `key` and `detail_key` int32 positions in `keys`
    (-1: no detail); `is_touch` bool; `value` float64, NaN where there is none. `keys` are the names of
    types ('page_view') and of types with their detail ('page_view.pricing'); some may stand for no event.

    Of events at one time touches stand first, then the smaller value: so the order of the log is settled
    by the events themselves wherever a sum or a sequence depends on it.
    """

    offsets: NDArray[np.int64]
    occurred_at: NDArray[np.int64]
    known_at: NDArray[np.int64]
    key: NDArray[np.int32]
    detail_key: NDArray[np.int32]
    is_touch: NDArray[np.bool_]
    value: NDArray[np.float64]
    keys: tuple[str, ...]

    @property
    def owners(self) -> int:
        """How many leads the log speaks of."""
        return len(self.offsets) - 1

    def of(self, owners: NDArray[np.int64]) -> EventLog:
        """Return the log of some owners alone, in the order given."""
        sizes = np.diff(self.offsets)[owners]
        offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        rows = np.arange(offsets[-1]) + np.repeat(self.offsets[owners] - offsets[:-1], sizes)
        return EventLog(
            offsets=offsets,
            occurred_at=self.occurred_at[rows],
            known_at=self.known_at[rows],
            key=self.key[rows],
            detail_key=self.detail_key[rows],
            is_touch=self.is_touch[rows],
            value=self.value[rows],
            keys=self.keys,
        )


def no_events(owners: int) -> EventLog:
    """Return a log in which nobody did anything."""
    nothing = np.zeros(0, np.int64)
    code = np.zeros(0, np.int32)
    return EventLog(
        offsets=np.zeros(owners + 1, np.int64),
        occurred_at=nothing,
        known_at=nothing,
        key=code,
        detail_key=code,
        is_touch=np.zeros(0, np.bool_),
        value=np.zeros(0),
        keys=(),
    )


def joined_logs(logs: Sequence[EventLog]) -> EventLog:
    """Return the logs of different owners as one: the owners of the first log, then of the second, and on."""
    keys: dict[str, int] = {}
    for log in logs:
        for key in log.keys:
            keys.setdefault(key, len(keys))
    # One place more, so that the code -1 of an event without detail stays what it is.
    places = [np.asarray([*(keys[key] for key in log.keys), -1], np.int32) for log in logs]
    starts = np.cumsum([0, *(log.offsets[-1] for log in logs)])
    offsets = [log.offsets[:-1] + start for log, start in zip(logs, starts, strict=False)]
    return EventLog(
        offsets=np.concatenate([*offsets, starts[-1:]]).astype(np.int64),
        occurred_at=np.concatenate([log.occurred_at for log in logs]),
        known_at=np.concatenate([log.known_at for log in logs]),
        key=np.concatenate([place[log.key] for log, place in zip(logs, places, strict=True)]),
        detail_key=np.concatenate([place[log.detail_key] for log, place in zip(logs, places, strict=True)]),
        is_touch=np.concatenate([log.is_touch for log in logs]),
        value=np.concatenate([log.value for log in logs]),
        keys=tuple(keys),
    )


def event_log(
    *,
    owners: int,
    owner: NDArray[np.int64],
    occurred_at: NDArray[np.int64],
    known_at: NDArray[np.int64],
    types: tuple[NDArray[np.int32], Sequence[str]],
    details: tuple[NDArray[np.int32], Sequence[str]],
    is_touch: NDArray[np.bool_],
    value: NDArray[np.float64],
) -> EventLog:
    """Sort events into a log. Arrays have one element an event; `types` and `details` are codes and names.

    A detail code of -1 means that there is none. Events that are in order already are not copied.
    """
    offsets = np.zeros(owners + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=owners), out=offsets[1:])
    key, detail_key, keys = _keys(types, details)
    order = _order(owner, occurred_at, is_touch, value)
    if order is not None:
        known = known_at is not occurred_at
        occurred_at = occurred_at[order]
        known_at = known_at[order] if known else occurred_at
        key, detail_key, is_touch, value = key[order], detail_key[order], is_touch[order], value[order]
    return EventLog(
        offsets=offsets,
        occurred_at=occurred_at,
        known_at=known_at,
        key=key,
        detail_key=detail_key,
        is_touch=is_touch,
        value=value,
        keys=keys,
    )


def _keys(
    types: tuple[NDArray[np.int32], Sequence[str]], details: tuple[NDArray[np.int32], Sequence[str]]
) -> tuple[NDArray[np.int32], NDArray[np.int32], tuple[str, ...]]:
    """Return the codes of types, the codes of types with details, and the names of both."""
    type_codes, type_names = types
    codes, names = details
    keys: dict[str, int] = {name: position for position, name in enumerate(type_names)}
    detail_key = np.full(len(type_codes), -1, np.int32)
    given = np.flatnonzero(codes >= 0)
    if len(given):
        width = len(names)
        pairs = type_codes[given].astype(np.int64) * width + codes[given]
        occurring = np.flatnonzero(np.bincount(pairs, minlength=len(type_names) * width))
        position = np.full(len(type_names) * width, -1, np.int32)
        for pair in occurring.tolist():
            name = f"{type_names[pair // width]}.{names[pair % width]}"
            position[pair] = keys.setdefault(name, len(keys))
        detail_key[given] = position[pairs]
    return type_codes.astype(np.int32, copy=False), detail_key, tuple(keys)


def _order(
    owner: NDArray[np.int64],
    occurred_at: NDArray[np.int64],
    is_touch: NDArray[np.bool_],
    value: NDArray[np.float64],
) -> NDArray[np.int64] | None:
    """Return the order of the log, or None where the events are in it already."""
    order = None
    state = _order_of(*read_only(owner, occurred_at))
    if state == _IN_ORDER:
        return None
    if state == _OUT_OF_ORDER:
        order = np.lexsort((occurred_at, owner))
        owner, occurred_at = owner[order], occurred_at[order]
    same = (np.diff(owner) == 0) & (np.diff(occurred_at) == 0)
    if not same.any():
        return order
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    rows = tied if order is None else order[tied]
    settled = np.lexsort((value[rows], ~is_touch[rows], occurred_at[tied], owner[tied]))
    if order is None and (np.diff(settled) == 1).all():
        return None
    order = np.arange(len(owner)) if order is None else order
    order[tied] = rows[settled]
    return order


_IN_ORDER, _WITH_TIES, _OUT_OF_ORDER = range(3)


@numba.njit(cache=True, nogil=True)
def _order_of(owner: Any, occurred_at: Any) -> int:
    """Return whether events are sorted by owner and time, and whether some of an owner are of one time."""
    state = _IN_ORDER
    for event in range(1, len(owner)):
        if owner[event] < owner[event - 1]:
            return _OUT_OF_ORDER
        if owner[event] == owner[event - 1]:
            if occurred_at[event] < occurred_at[event - 1]:
                return _OUT_OF_ORDER
            if occurred_at[event] == occurred_at[event - 1]:
                state = _WITH_TIES
    return state


def event_log_of_rows(events: Sequence[Sequence[dict[str, Any]]], touches: frozenset[str]) -> EventLog:
    """Return the log of small lists of events, one list a lead, as a request brings them.

    Each event has `type` (text), `occurred_at` and `known_at` (int microseconds UTC), `detail` (text or
    None), `value` (float or None) and `event_id` (text or None). Which of several with one id counts, and
    which of several at one time stands first, says `features.log_columns.in_order`. `touches` are the types
    of touches.
    """
    if not events:
        return no_events(0)
    leads = [
        in_order(_columns_of(of_lead), [event.get("event_id") for event in of_lead], touches)
        for of_lead in events
    ]
    return EventLog(**packed(leads, touches)._asdict())


def _columns_of(events: Sequence[dict[str, Any]]) -> EventColumns:
    return EventColumns(
        occurred_at=[event["occurred_at"] for event in events],
        known_at=[event["known_at"] for event in events],
        types=[event["type"] for event in events],
        details=[event.get("detail") for event in events],
        values=[event.get("value") for event in events],
    )
