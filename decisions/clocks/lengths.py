"""Lengths of time in the words of a notice."""

from __future__ import annotations

_UNITS = (("day", 86_400_000_000), ("hour", 3_600_000_000), ("minute", 60_000_000), ("second", 1_000_000))


def in_words(length_us: int) -> str:
    """Return a length of time in its two largest units, the rest left out.

    >>> in_words(300_000_000), in_words(5_400_000_000), in_words(86_400_000_000), in_words(0)
    ('5 minutes', '1 hour 30 minutes', '1 day', 'no time')
    """
    parts: list[str] = []
    rest = length_us
    for name, size in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
        elif parts:
            break
    return " ".join(parts[:2]) or "no time"
