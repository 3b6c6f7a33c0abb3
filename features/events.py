"""The events of many leads as sorted arrays: what every event feature is computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NO_TIME = np.iinfo(np.int64).min
"""Stands where a time is not known (int64 microseconds since 1970)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLog:
    """Events grouped by owner (a lead's position) and sorted by time of occurrence within each.

    `offsets` int64 (owners + 1): owner o has the events offsets[o] to offsets[o + 1]. For m events:
    `occurred_at`, `known_at` int64 microseconds UTC; `key` and `page_key` int32 positions in `keys`
    (-1: no page); `is_touch` bool. `keys` are the names of types ('page_view') and of types with their
    page ('page_view.pricing').
    """

    offsets: NDArray[np.int64]
    occurred_at: NDArray[np.int64]
    known_at: NDArray[np.int64]
    key: NDArray[np.int32]
    page_key: NDArray[np.int32]
    is_touch: NDArray[np.bool_]
    keys: tuple[str, ...]

    @property
    def owners(self) -> int:
        """How many leads the log speaks of."""
        return len(self.offsets) - 1


def no_events(owners: int) -> EventLog:
    """Return a log in which nobody did anything."""
    nothing = np.zeros(0, np.int64)
    code = np.zeros(0, np.int32)
    return EventLog(
        offsets=np.zeros(owners + 1, np.int64),
        occurred_at=nothing,
        known_at=nothing,
        key=code,
        page_key=code,
        is_touch=np.zeros(0, np.bool_),
        keys=(),
    )


def event_log(
    *,
    owners: int,
    owner: NDArray[np.int64],
    occurred_at: NDArray[np.int64],
    known_at: NDArray[np.int64],
    types: tuple[NDArray[np.int32], Sequence[str]],
    pages: tuple[NDArray[np.int32], Sequence[str]],
    is_touch: NDArray[np.bool_],
) -> EventLog:
    """Sort events into a log. All arrays have one element an event; `types` and `pages` are codes and names.

    A page code of -1 means that the event names no page. Ties in time keep the given order, which moves
    no feature: the kernels count and take extremes.
    """
    order = np.lexsort((occurred_at, owner))
    offsets = np.zeros(owners + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=owners), out=offsets[1:])
    type_codes, type_names = types
    page_codes, page_names = pages
    keys: dict[str, int] = {name: position for position, name in enumerate(type_names)}
    page_key = np.full(len(owner), -1, np.int32)
    with_page = np.flatnonzero(page_codes >= 0)
    if len(with_page):
        width = max(len(page_names), 1)
        pairs = type_codes[with_page].astype(np.int64) * width + page_codes[with_page]
        distinct, inverse = np.unique(pairs, return_inverse=True)
        position: list[int] = []
        for pair in distinct.tolist():
            name = f"{type_names[pair // width]}.{page_names[pair % width]}"
            position.append(keys.setdefault(name, len(keys)))
        page_key[with_page] = np.asarray(position, np.int32)[inverse]
    return EventLog(
        offsets=offsets,
        occurred_at=occurred_at[order],
        known_at=known_at[order],
        key=type_codes[order].astype(np.int32),
        page_key=page_key[order],
        is_touch=is_touch[order],
        keys=tuple(keys),
    )


def _first_visible(event: dict[str, Any]) -> tuple[int, int]:
    return max(event["occurred_at"], event["known_at"]), event["occurred_at"]


def event_log_of_rows(events: Sequence[Sequence[dict[str, Any]]], touches: frozenset[str]) -> EventLog:
    """Return the log of small lists of events, one list a lead, as a request brings them.

    Each event has `type` (text), `occurred_at` and `known_at` (int microseconds UTC), `page` (text or
    None) and `event_id` (text or None). Of events that share an id in their list the one that was
    visible first counts (at one time, the one that occurred first).
    """
    owner: list[int] = []
    times: list[tuple[int, int]] = []
    codes: list[tuple[int, int]] = []
    touch: list[bool] = []
    types: dict[str, int] = {}
    pages: dict[str, int] = {}
    for position, of_lead in enumerate(events):
        seen: set[str | None] = set()
        for event in sorted(of_lead, key=_first_visible):
            event_id = event.get("event_id")
            if event_id is not None and event_id in seen:
                continue
            seen.add(event_id)
            page = event.get("page")
            owner.append(position)
            times.append((event["occurred_at"], event["known_at"]))
            codes.append(
                (
                    types.setdefault(event["type"], len(types)),
                    -1 if page is None else pages.setdefault(page, len(pages)),
                )
            )
            touch.append(event["type"] in touches)
    when = np.asarray(times, np.int64).reshape(-1, 2)
    code = np.asarray(codes, np.int32).reshape(-1, 2)
    return event_log(
        owners=len(events),
        owner=np.asarray(owner, np.int64),
        occurred_at=when[:, 0].copy(),
        known_at=when[:, 1].copy(),
        types=(code[:, 0].copy(), tuple(types)),
        pages=(code[:, 1].copy(), tuple(pages)),
        is_touch=np.asarray(touch, np.bool_),
    )
