"""The events of a body as they came over the wire, read into columns by a kernel in one pass.

The text is known to be JSON: the decoder of the body has seen it. What the kernel cannot read without doubt
it leaves: one event to the reader of single events, or all of them to the careful reader of bodies.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from features.lead_log import DETAIL_KEY, IS_TOUCH, KEY, KNOWN_AT, OCCURRED_AT, VALUE
from features.moments import read_moment
from serving.wire.values import ID_LIMIT

EVENT_ID, TYPE, WHEN, KNOWN, WORTH, OWNER, PROPERTIES = range(7)
"""Fields of an event, as the table of names calls them; after them come columns that are properties, and then
what is known and tells nothing."""

UNUSUAL = -1
"""Stands for the number of events where the careful reader has to look."""

UNREAD = -1
"""Stands for the key of an event that the reader of single events has to look at. In the place of its times
stand where its text starts and stops."""

MOST_FIELDS = 62
"""Fields that were met are bits of an int64."""

MOST_EVENTS = 512
"""More are not usual: their order and their ids are compared one with another."""

LEAST_EVENT = 32
"""Events are usually longer, in bytes: a type, a time, and their names. For so many there is room."""

_QUOTE, _BACKSLASH, _COMMA, _COLON = ord('"'), ord("\\"), ord(","), ord(":")
_OPEN, _CLOSE, _OPEN_LIST, _CLOSE_LIST = ord("{"), ord("}"), ord("["), ord("]")
_SPACE, _NULL, _MINUS, _POINT, _ZERO, _NINE, _LINE = ord(" "), ord("n"), ord("-"), ord("."), 48, 57, ord("\n")
_DELETE = 127
_OFFSET, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_TENS = np.asarray([10.0**power for power in range(16)])
_EXACT_DIGITS = 15
_INT64_DIGITS = 18
_LONGEST_UNTOLD = 4_000  # Python reads no integer of more than 4,300 digits: a body with one is refused


@numba.njit(cache=True, nogil=True)
def scan_events(  # noqa: C901, PLR0911, PLR0912, PLR0913, PLR0915, PLR0917  # a kernel: plain loops
    raw: Any,
    names: Any,
    name_text: Any,
    fields: int,
    slots: Any,
    pairs: Any,
    pair_text: Any,
    owner: Any,
    held: Any,
    limit: int,
) -> Any:
    """Fill `held` with the events of `raw`, uint8, a JSON list; return their number, and how many are UNREAD.

    `names` int64 (m, 3): where a name starts and stops in `name_text`, uint8, and the field that it means.
    From `fields` on they tell nothing. `slots`, `pairs` and `pair_text` are those of an `EventBook`. `owner`,
    uint8, is the lead's id. `held` int64 (FIELDS + 1, room), see `LeadLog`; the last row is scratch.

    The number is UNUSUAL where a name is not known or sent twice, an id comes twice, an event is of another
    lead or does not say when it occurred, and for whatever else needs a closer look.
    """
    size = len(raw)
    starts, stops = np.zeros(fields, np.int64), np.zeros(fields, np.int64)
    ids = held[len(held) - 1]
    values = held[VALUE].view(np.float64)
    count, unread = 0, 0
    order = np.zeros(MOST_FIELDS + 1, np.int64)  # events of one sender name their fields in one order
    at = after_space(raw, 1)
    if at < size and byte(raw, at) == _CLOSE_LIST:
        return 0, 0
    while at < size:
        if byte(raw, at) != _OPEN or count == len(ids) or count == limit:
            return UNUSUAL, 0
        start, met, place = at, np.int64(0), 0
        for field in range(fields):
            starts[field] = stops[field] = 0
        at = after_space(raw, at + 1)
        while at < size and byte(raw, at) == _QUOTE:
            begun = at + 1
            at = begun
            while at < size and byte(raw, at) != _QUOTE:
                if byte(raw, at) == _BACKSLASH:
                    return UNUSUAL, 0
                at += 1
            name = order[place]
            if not is_name(raw, begun, at, names, name, name_text):
                name = name_of(raw, begun, at, names, name_text)
                if name < 0:
                    return UNUSUAL, 0
                order[place] = name
            place += 1
            field = names[name, 2]
            if met >> field & 1:
                return UNUSUAL, 0
            met |= np.int64(1) << field
            at = after_space(raw, after_space(raw, at + 1) + 1)  # past the colon
            begun = at
            if at >= size:
                return UNUSUAL, 0
            if field == PROPERTIES:
                is_of_its_kind = byte(raw, at) in (_OPEN, _NULL)
            else:
                is_of_its_kind = byte(raw, at) not in (_OPEN, _OPEN_LIST)
            if not is_of_its_kind:
                return UNUSUAL, 0
            at = after_value(raw, at)
            if field < fields:
                starts[field], stops[field] = begun, at
            elif at - begun > _LONGEST_UNTOLD:
                return UNUSUAL, 0
            at = after_space(raw, at)
            if at < size and byte(raw, at) == _COMMA:
                at = after_space(raw, at + 1)
        if at >= size or byte(raw, at) != _CLOSE:
            return UNUSUAL, 0
        at += 1
        if not is_said(raw, starts[WHEN], stops[WHEN]) or not is_of(raw, starts[OWNER], stops[OWNER], owner):
            return UNUSUAL, 0
        named = id_hash(raw, starts[EVENT_ID], stops[EVENT_ID])
        if named == np.uint64(1):
            return UNUSUAL, 0
        ids[count] = np.int64(named)
        if named:
            for before in range(count):
                if ids[before] == ids[count]:
                    return UNUSUAL, 0
        pair = pair_at(raw, starts, stops, fields, slots, pairs, pair_text)
        is_read, when = moment_at(raw, starts[WHEN], stops[WHEN])
        knows, known = True, when
        if is_said(raw, starts[KNOWN], stops[KNOWN]):
            knows, known = moment_at(raw, starts[KNOWN], stops[KNOWN])
        counts, worth = True, np.nan
        if is_said(raw, starts[WORTH], stops[WORTH]):
            counts, worth = number_at(raw, starts[WORTH], stops[WORTH])
        if pair >= 0 and is_read and knows and counts:
            held[OCCURRED_AT, count], held[KNOWN_AT, count] = when, known
            held[KEY, count], held[DETAIL_KEY, count] = pairs[pair, 2], pairs[pair, 3]
            held[IS_TOUCH, count], values[count] = pairs[pair, 4], worth
        else:
            held[OCCURRED_AT, count], held[KNOWN_AT, count], held[KEY, count] = start, at, UNREAD
            unread += 1
        count += 1
        at = after_space(raw, at)
        if at < size and byte(raw, at) == _COMMA:
            at = after_space(raw, at + 1)
        elif at < size and byte(raw, at) == _CLOSE_LIST:
            return count, unread
        else:
            return UNUSUAL, 0
    return UNUSUAL, 0


@numba.njit(cache=True, nogil=True)
def byte(text: Any, at: int) -> Any:
    """Return a byte of a text. A place without a sign spares the look whether it counts from the end."""
    return text[np.uintp(at)]


@numba.njit(cache=True, nogil=True)
def after_space(raw: Any, at: int) -> int:
    """Return the first place from `at` on where there is no white space."""
    while at < len(raw) and byte(raw, at) <= _SPACE:
        at += 1
    return at


@numba.njit(cache=True, nogil=True)
def after_value(raw: Any, at: int) -> int:
    """Return the place after the value that starts at `at`."""
    size, depth = len(raw), 0
    while at < size:
        found = byte(raw, at)
        if found == _QUOTE:
            at += 1
            while at < size and byte(raw, at) != _QUOTE:
                at += 2 if byte(raw, at) == _BACKSLASH else 1
        elif found in (_OPEN, _OPEN_LIST):
            depth += 1
        elif found in (_CLOSE, _CLOSE_LIST):
            if depth == 0:  # it ends what the value stands in
                return at
            depth -= 1
        elif depth == 0 and (found == _COMMA or found <= _SPACE):
            return at
        at += 1
        if depth == 0 and found in (_QUOTE, _CLOSE, _CLOSE_LIST):
            return at
    return min(at, size)


@numba.njit(cache=True, nogil=True)
def name_of(raw: Any, start: int, stop: int, names: Any, name_text: Any) -> int:
    """Return which of the names stands there, -1 where it is none."""
    for which in range(len(names)):
        if is_name(raw, start, stop, names, which, name_text):
            return which
    return -1


@numba.njit(cache=True, nogil=True)
def is_name(  # a kernel
    raw: Any, start: int, stop: int, names: Any, which: int, name_text: Any
) -> bool:
    """Return whether it is this name that stands there."""
    begin = names[which, 0]
    if names[which, 1] - begin != stop - start:
        return False
    for place in range(stop - start):  # noqa: SIM110  # a kernel
        if byte(raw, start + place) != byte(name_text, begin + place):
            return False
    return True


@numba.njit(cache=True, nogil=True)
def is_said(raw: Any, start: int, stop: int) -> bool:
    """Return whether a value was sent, and is not null."""
    return bool(stop > start and byte(raw, start) != _NULL)


@numba.njit(cache=True, nogil=True)
def is_of(raw: Any, start: int, stop: int, owner: Any) -> bool:
    """Return whether an event says no other lead's id than this one, as a text or as a whole number."""
    if not is_said(raw, start, stop):
        return True
    is_text = byte(raw, start) == _QUOTE
    if is_text:
        start, stop = start + 1, stop - 1
    if stop - start != len(owner):
        return False
    for place in range(stop - start):
        found = byte(raw, start + place)
        if found != byte(owner, place) or found == _BACKSLASH:
            return False
        if not is_text and not _ZERO <= found <= _NINE:  # 1e5 is written as the id 1e5, and is another
            return False
    return True


@numba.njit(cache=True, nogil=True)
def id_hash(raw: Any, start: int, stop: int) -> Any:
    """Return what stands for an id: 0 where there is none, 1 where it needs a closer look."""
    if not is_said(raw, start, stop):
        return np.uint64(0)
    if byte(raw, start) == _QUOTE:
        start, stop = start + 1, stop - 1
        if start == stop or stop - start > ID_LIMIT or not _SPACE < byte(raw, start) < _DELETE:
            return np.uint64(1)
        for place in range(start, stop):
            if byte(raw, place) == _BACKSLASH:
                return np.uint64(1)
    else:
        for place in range(start, stop):
            if not _ZERO <= byte(raw, place) <= _NINE or place - start == _INT64_DIGITS:
                return np.uint64(1)
    return max(hashed(raw, start, stop, _OFFSET), np.uint64(2))


@numba.njit(cache=True, nogil=True)
def hashed(raw: Any, start: int, stop: int, found: Any) -> Any:
    """Return a hash of bytes after others whose hash is `found`: FNV-1a, RFC 9923."""
    for place in range(start, stop):
        found = (found ^ np.uint64(byte(raw, place))) * _PRIME
    return found


@numba.njit(cache=True, nogil=True)
def pair_at(  # noqa: C901, PLR0917  # a kernel
    raw: Any, starts: Any, stops: Any, fields: int, slots: Any, pairs: Any, pair_text: Any
) -> int:
    """Return which pair of the book an event's type and properties are, as they were written; -1: none."""
    found = _OFFSET
    for field in range(TYPE, fields):
        if field == TYPE or field >= PROPERTIES:
            found = hashed(raw, starts[field], stops[field], found)
            found = (found ^ np.uint64(_LINE)) * _PRIME
    mask = np.uint64(len(slots) - 1)
    slot = found & mask
    while slots[slot] >= 0:
        which = slots[slot]
        at, end = pairs[which, 0], pairs[which, 1]
        same = True
        for field in range(TYPE, fields):
            if field != TYPE and field < PROPERTIES:
                continue
            size = stops[field] - starts[field]
            if at + size >= end:
                same = False
                break
            for place in range(size):
                if byte(raw, starts[field] + place) != byte(pair_text, at + place):
                    same = False
                    break
            if not same or byte(pair_text, at + size) != _LINE:
                same = False
                break
            at += size + 1
        if same and at == end:
            return int(which)
        slot = (slot + np.uint64(1)) & mask
    return -1


@numba.njit(cache=True, nogil=True)
def moment_at(raw: Any, start: int, stop: int) -> Any:
    """Return whether a value is a moment as RFC 3339 writes it, and which, in microseconds UTC."""
    if byte(raw, start) != _QUOTE:
        return False, 0
    moment, end = read_moment(raw, start + 1, stop - 1)
    return end == stop - 1, moment


@numba.njit(cache=True, nogil=True)
def number_at(raw: Any, start: int, stop: int) -> Any:
    """Return whether a value is a number that can be read here, and which.

    Up to 15 digits, and a power of ten up to 10**15, are exact as floats, and so their quotient is rounded
    once: as the nearest float is (Clinger 1990, doi 10.1145/93542.93557).
    """
    is_negative = byte(raw, start) == _MINUS
    at = start + is_negative
    mantissa, digits, after_point, has_point = np.int64(0), 0, 0, False
    while at < stop:
        if byte(raw, at) == _POINT and not has_point:
            has_point = True
        elif _ZERO <= byte(raw, at) <= _NINE:
            mantissa = mantissa * 10 + (np.int64(byte(raw, at)) - _ZERO)
            digits += 1
            after_point += has_point
            if digits > _EXACT_DIGITS:
                return False, 0.0
        else:
            return False, 0.0
        at += 1
    if digits == 0:
        return False, 0.0
    number = mantissa / _TENS[after_point]
    return True, (-number if is_negative else number) + 0.0
