"""The columns of an event log from small lists of events: in order, coded, and packed into arrays.

A request waits for this, so it spares itself an object for each event and numpy's work for each array.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import accumulate, chain
from operator import itemgetter
from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class EventColumns(NamedTuple):
    """Events of one lead, one element an event; see `features.lead_events.LeadEvents`."""

    occurred_at: Sequence[int]
    known_at: Sequence[int]
    types: Sequence[str]
    details: Sequence[str | None]
    values: Sequence[float | None]


class LogColumns(NamedTuple):
    """What an `EventLog` holds, under the names that it has there. The arrays cannot be written to."""

    offsets: NDArray[np.int64]
    occurred_at: NDArray[np.int64]
    known_at: NDArray[np.int64]
    value: NDArray[np.float64]
    key: NDArray[np.int32]
    detail_key: NDArray[np.int32]
    is_touch: NDArray[np.bool_]
    keys: tuple[str, ...]


def in_order(events: EventColumns, event_ids: Sequence[str | None], touches: frozenset[str]) -> EventColumns:
    """Return the events of one lead in the order of a log, each once.

    Of events that share an id the one that was visible first counts (at one time, the one that occurred
    first, then the one that was given first). The order is by time of occurrence; at one time touches stand
    first, then the smaller value, those without one last, then what was known first, then type and detail:
    it does not depend on the order in which they were given.
    """
    if _some_repeat(event_ids):
        events = _taken(events, _first_of_each(events, event_ids))
    occurred_at = events.occurred_at
    if len(set(occurred_at)) < len(occurred_at):
        return _taken(events, _settled(events, touches))
    if sorted(occurred_at) == occurred_at:
        return events
    return _taken(events, sorted(range(len(occurred_at)), key=occurred_at.__getitem__))


def _some_repeat(event_ids: Sequence[str | None]) -> bool:
    distinct = len(set(event_ids))
    if distinct == len(event_ids):
        return False
    without = event_ids.count(None)
    return distinct - (without > 0) < len(event_ids) - without


def _first_of_each(events: EventColumns, event_ids: Sequence[str | None]) -> list[int]:
    occurred, known = events.occurred_at, events.known_at
    visible = sorted(range(len(occurred)), key=lambda at: (max(occurred[at], known[at]), occurred[at]))
    first: dict[Any, int] = {}
    for at in visible:
        event_id = event_ids[at]
        first.setdefault((at,) if event_id is None else event_id, at)
    return list(first.values())


def _settled(events: EventColumns, touches: frozenset[str]) -> list[int]:
    """Return the order of events of which some are of one time."""

    def place(at: int) -> tuple[Any, ...]:
        kind, detail = events.types[at], events.details[at]
        value = events.values[at]
        worth = math.inf if value is None or math.isnan(value) else value
        when, known = events.occurred_at[at], events.known_at[at]
        return when, kind not in touches, worth, known, kind, detail is not None, detail or ""

    return sorted(range(len(events.types)), key=place)


def _taken(events: EventColumns, order: list[int]) -> EventColumns:
    if len(order) == 1:
        return EventColumns(*([column[order[0]]] for column in events))  # type: ignore[arg-type]  # mypy does not tell fields apart
    return EventColumns(*map(itemgetter(*order), events))


def packed(leads: Sequence[EventColumns], touches: frozenset[str]) -> LogColumns:
    """Return the events of leads, each in order, as the columns of one log; `touches`: types of touches.

    The names of types stand in `keys` in the order of the log, those of types with a detail after them.
    """
    events = leads[0] if len(leads) == 1 else _together(leads)
    occurred_at, known_at, types, details, values = events
    keys: dict[str, int] = {}
    key = [keys.setdefault(kind, len(keys)) for kind in types]
    detail_key = [
        -1 if detail is None else keys.setdefault(f"{kind}.{detail}", len(keys))
        for kind, detail in zip(types, details, strict=True)
    ]
    value = [_NAN if held is None or held != held else held for held in values]  # noqa: PLR0124  # nan
    is_touch = map(touches.__contains__, types)
    offsets = [0, len(types)] if len(leads) == 1 else _offsets(leads)
    layout = _layout(len(leads), len(types))
    block = layout.pack(*offsets, *occurred_at, *known_at, *value, *key, *detail_key, *is_touch)
    return LogColumns._make([*layout.arrays(block), tuple(keys)])


_NAN = math.nan


def _together(leads: Sequence[EventColumns]) -> EventColumns:
    columns = zip(*leads, strict=True)
    return EventColumns(*(list(chain.from_iterable(column)) for column in columns))


def _offsets(leads: Sequence[EventColumns]) -> list[int]:
    return list(accumulate((len(lead.types) for lead in leads), initial=0))


class _Layout:
    """Where in one block of bytes the columns of so many events of so many leads stand, the widest first."""

    def __init__(self, leads: int, events: int) -> None:
        self.pack = Struct(f"{leads + 1 + 2 * events}q{events}d{2 * events}i{events}?").pack
        kinds = (
            (np.int64, leads + 1), (np.int64, events), (np.int64, events), (np.float64, events),
            (np.int32, events), (np.int32, events), (np.bool_, events),
        )  # fmt: skip
        self._columns = []
        start = 0
        for kind, size in kinds:
            dtype = np.dtype(kind)
            self._columns.append((size, dtype, start))
            start += size * dtype.itemsize

    def arrays(self, block: bytes) -> list[NDArray[Any]]:
        """Return the columns as views of a block, which cannot be written to."""
        return [np.ndarray(size, dtype, block, start) for size, dtype, start in self._columns]


@lru_cache(maxsize=1_024)
def _layout(leads: int, events: int) -> _Layout:
    return _Layout(leads, events)
