"""Lengths of time, to the second: an agreement leaves nothing out."""

from __future__ import annotations

_UNITS = (("day", 86_400_000_000), ("hour", 3_600_000_000), ("minute", 60_000_000), ("second", 1_000_000))


def calendar_time(length_us: int) -> str:
    """Return a length of time in days, hours, minutes and seconds.

    >>> calendar_time(93_784_000_000), calendar_time(1_209_600_000_000), calendar_time(1_500_000)
    ('1 day 2 hours 3 minutes 4 seconds', '14 days', '1.5 seconds')
    """
    return _spelled(length_us, _UNITS)


def hours_at_most(length_us: int) -> str:
    """Return the same without days: a day of working time has no 24 hours.

    >>> hours_at_most(144_000_000_000), hours_at_most(300_000_000)
    ('40 hours', '5 minutes')
    """
    return _spelled(length_us, _UNITS[1:])


def _spelled(length_us: int, units: tuple[tuple[str, int], ...]) -> str:
    parts: list[str] = []
    rest = length_us
    for name, size in units[:-1]:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    if rest or not parts:
        seconds = rest / units[-1][1]
        parts.append(f"{seconds:.10g} second{'' if seconds == 1 else 's'}")
    return " ".join(parts)
