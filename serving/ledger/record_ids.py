"""Ids of records: UUIDs of version 7, which sort by the moment at which they were made."""

from __future__ import annotations

import secrets

_RANDOM_BITS = 62
_VARIANT = 0b10


def new_record_id(now: int) -> str:
    """Return a new id for a moment (microseconds UTC): 32 hexadecimal digits, in the form of RFC 9562.

    The twelve bits after the milliseconds hold the fraction of a millisecond, as the RFC allows.
    """
    return _written(now, secrets.randbits(_RANDOM_BITS))


def record_id_after(before: str | None, now: int) -> str:
    """Return a new id that sorts after another one, whatever the clock says (microseconds UTC).

    >>> first = new_record_id(5_000_000)
    >>> first < record_id_after(first, 4_000_000) < new_record_id(6_000_000)
    True
    """
    made = new_record_id(now)
    return made if before is None or made > before else f"{int(before, 16) + 1:032x}"


def first_record_id(moment: int) -> str:
    """Return the smallest id that a record of this moment, or of a later one, can have.

    >>> first_record_id(1_000_000) < new_record_id(1_000_000) < first_record_id(1_000_001)
    True
    """
    return _written(moment, 0)


def _written(moment: int, random: int) -> str:
    milliseconds, rest = divmod(max(moment, 0), 1_000)
    fraction = rest * 4_096 // 1_000
    number = (milliseconds << 80) | (7 << 76) | (fraction << 64) | (_VARIANT << _RANDOM_BITS) | random
    return f"{number:032x}"
