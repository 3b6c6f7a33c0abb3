"""The grade: a letter for fit, A to D, and a digit for engagement, 1 to 4."""

from __future__ import annotations


def grade(fit: int, engagement: int | None) -> str:
    """Return the grade of a fit and an engagement score (0-99); the letter alone where there are no events.

    >>> grade(80, 49), grade(24, None)
    ('A3', 'D')
    """
    letter = "ABCD"[_quarter(fit)]
    return letter if engagement is None else f"{letter}{_quarter(engagement) + 1}"


def _quarter(score: int) -> int:
    return 3 - min(score, 99) // 25
