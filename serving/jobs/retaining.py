"""Removes, once an hour, what is kept no longer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HOUR_US = 3_600_000_000


@dataclass(slots=True)
class Retaining:
    """Calls each of `removals` with the present moment, first when the worker starts."""

    removals: Sequence[Callable[[int], object]]
    name: str = "retention"
    _next_at: int = 0

    def step(self, now: int) -> bool:
        """Remove what is to be removed, if it is time. A removal that fails is tried again by the worker."""
        if now < self._next_at <= now + HOUR_US:
            return False
        for remove in self.removals:
            remove(now)
        self._next_at = now + HOUR_US
        return False
