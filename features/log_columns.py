"""The columns of an event log from small lists of events: in order, coded, and packed into arrays.

What the store holds of a lead goes this way, and what the careful reader reads; a usual request has its own,
see `features.lead_log`. It spares itself an object for each event and numpy's work for each array.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import accumulate, chain
from operator import itemgetter
from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from features.key_book import coded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


class EventColumns(NamedTuple):
    """Events of one lead, one element an event, see `features.events.event_log_of_rows`."""

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
    given = list(range(len(occurred_at)))
    order = sorted(given, key=occurred_at.__getitem__)
    return events if order == given else _taken(events, order)


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
    one_by_one = itemgetter(*order) if len(order) > 1 else lambda column: (column[order[0]],)
    occurred_at = one_by_one(events.occurred_at)
    return EventColumns(
        occurred_at,
        occurred_at if events.known_at is events.occurred_at else one_by_one(events.known_at),
        one_by_one(events.types),
        one_by_one(events.details),
        one_by_one(events.values),
    )


def packed(leads: Sequence[EventColumns], touches: frozenset[str]) -> LogColumns:
    """Return the events of leads, each in order, as the columns of one log; `touches`: types of touches.

    `keys` names more than occurs, as `features.key_book` says.
    """
    events = leads[0] if len(leads) == 1 else _together(leads)
    occurred_at, known_at, types, details, values = events
    times = _times(occurred_at)
    key, detail_key, is_touch, keys = coded(types, details, touches)
    known = times if known_at is occurred_at else _times(known_at)
    return LogColumns(_offsets(leads), times, known, _values(values), key, detail_key, is_touch, keys)


def _together(leads: Sequence[EventColumns]) -> EventColumns:
    columns = zip(*leads, strict=True)
    return EventColumns(*(list(chain.from_iterable(column)) for column in columns))


def _offsets(leads: Sequence[EventColumns]) -> NDArray[np.int64]:
    return _times(list(accumulate((len(lead.types) for lead in leads), initial=0)))


# Bytes that are packed and looked at as an array cost a third of what numpy takes to make one of a list.


def _times(times: Sequence[int]) -> NDArray[np.int64]:
    return np.ndarray(len(times), _INT64, _packer(len(times), "q")(*times))


def _values(values: Sequence[float | None]) -> NDArray[np.float64]:
    size = len(values)
    if values.count(None) == size:
        return _NO_VALUES[:size] if size <= _FEW else np.ndarray(size, _FLOAT64, _NO_VALUE * size)
    held = [_NAN if value is None or value != value else value for value in values]  # noqa: PLR0124  # nan
    return np.ndarray(size, _FLOAT64, _packer(size, "d")(*held))


@lru_cache(maxsize=1_024)
def _packer(size: int, kind: str) -> Callable[..., bytes]:
    return Struct(f"={size}{kind}").pack


_INT64, _FLOAT64 = np.dtype(np.int64), np.dtype(np.float64)
_NAN = math.nan
_FEW = 1_024
_NO_VALUE = np.float64(_NAN).tobytes()
_NO_VALUES = np.ndarray(_FEW, _FLOAT64, _NO_VALUE * _FEW)
"""What stands for events without values, cut to size. It cannot be written to either."""
