"""The recipe of a generated history: all that decides what is made."""

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import numpy as np

from features.errors import Fault, InputError

DAY_US = 86_400_000_000
"""Microseconds in a day: the unit of every time inside this package is the microsecond since 1970, UTC."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """Whole microseconds from 1970-01-01 00:00 UTC to an aware `moment`."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What to generate. The same recipe makes the same tables.

    `leads` counts rows of the leads table, duplicates among them. The history is observed from `start`, a
    midnight in UTC, for `days` days; nothing later than `extract_at` is in any table. `leak` adds the column
    `contract_status`, filled after the outcome. With `observable` nothing that drives a win is hidden: no fit
    value is missing, there is no unrecorded part of fit, each change of intent and of sales' attention leaves
    an event, and an outcome is known when it occurs. `drift` (0-1) is how far what makes leads win moves from
    the middle of the history to three quarters of it: 0 not at all, 1 until the best fit is the worst.

    Raises `InputError`, naming every field that cannot be used.
    """

    leads: int = 20_000
    seed: int = 7
    start: datetime = datetime(2025, 1, 6, tzinfo=UTC)
    days: int = 540
    horizon_days: int = 90
    leak: bool = False
    observable: bool = False
    drift: float = 0.0

    def __post_init__(self) -> None:
        faults = [
            Fault(name, f"a whole number from {low:,} to {high:,}", f"{found}")
            for name, found, low, high in (
                ("leads", self.leads, 1, 9_999_999),
                ("seed", self.seed, 0, 2**63 - 1),
                ("days", self.days, 1, 3_650),
                ("horizon_days", self.horizon_days, 1, 730),
            )
            if not low <= found <= high
        ]
        if not 0.0 <= self.drift <= 1.0:
            faults.append(Fault("drift", "a share from 0 to 1", f"{self.drift}"))
        if self.start.utcoffset() != timedelta(0) or self.start.time() != time(0):
            faults.append(Fault("start", "a midnight in UTC", f"{self.start.isoformat()}"))
        if faults:
            raise InputError(*faults)

    @property
    def extract_at(self) -> datetime:
        """The end of the observed history; nothing later is in any table."""
        return self.start + timedelta(days=self.days)

    @property
    def start_us(self) -> int:
        """`start` in microseconds since 1970."""
        return microseconds(self.start)

    @property
    def extract_us(self) -> int:
        """`extract_at` in microseconds since 1970."""
        return microseconds(self.extract_at)

    def census_days(self) -> range:
        """Every Monday from `start` to `extract_at`, as days since `start`.

        The last ones, nearer to `extract_at` than the horizon, have a true probability but no label yet.
        """
        return range(-self.start.weekday() % 7, self.days + 1, 7)

    def rng(self, stream: str, part: int = 0) -> np.random.Generator:
        """Return the random numbers of one named idea, and of one part of it.

        Each idea draws from a stream of its own, so that a draw added to one leaves the others as they were.
        """
        return np.random.default_rng([self.seed, zlib.crc32(stream.encode()), part])
