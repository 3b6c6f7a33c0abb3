"""How the challenger's scores lie to the champion's: counts alone, nothing of any lead."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

FILE = "shadow.json"
FURTHEST = 99
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What is said of a challenger beside a champion. Differences are challenger - champion, in points.

    `difference_quantiles` are those of QUANTILES. `crossing_share`: of how many requests the two versions
    stand on different sides of the policy's threshold. `unscored`: those that the challenger could not score.
    """

    champion: int | None
    challenger: int | None
    count: int
    unscored: int
    mean_difference: float | None
    difference_quantiles: tuple[int, ...] | None
    crossing_share: float | None
    since: int


class Tally:
    """Counts the differences between one champion and one challenger, from `since` on (microseconds UTC)."""

    def __init__(self, champion: int | None, challenger: int | None, threshold: int, since: int) -> None:
        self._champion = champion
        self._challenger = challenger
        self._threshold = threshold
        self._since = since
        self._differences = np.zeros(2 * FURTHEST + 1, dtype=np.int64)
        self._crossing = 0
        self._unscored = 0

    def add(self, champion: int, challenger: int | None) -> None:
        """Count one request with the scores of both, 0 to 99; None where the challenger gave none."""
        if challenger is None:
            self._unscored += 1
            return
        self._differences[challenger - champion + FURTHEST] += 1
        self._crossing += (champion >= self._threshold) != (challenger >= self._threshold)

    def compared(self) -> Compared:
        """Return what the counts say."""
        count = int(self._differences.sum())
        points = np.arange(-FURTHEST, FURTHEST + 1)
        heaped = np.cumsum(self._differences)
        return Compared(
            champion=self._champion,
            challenger=self._challenger,
            count=count,
            unscored=self._unscored,
            mean_difference=float(points @ self._differences) / count if count else None,
            difference_quantiles=tuple(
                int(points[np.searchsorted(heaped, max(1, np.ceil(share * count)))]) for share in QUANTILES
            )
            if count
            else None,
            crossing_share=self._crossing / count if count else None,
            since=self._since,
        )


def keep_compared(home: Path, compared: Compared) -> None:
    """Write what is said into the home, for servers to tell. A home without room keeps what it has."""
    fresh = home / f".{FILE}.{os.getpid()}"
    try:
        fresh.write_text(json.dumps(asdict(compared)), encoding="ascii")
        fresh.replace(home / FILE)
    except OSError:
        fresh.unlink(missing_ok=True)


def compared_in(home: Path) -> Compared | None:
    """Return what the shadow of a home said last, None where it said nothing that can be read."""
    try:
        said = json.loads((home / FILE).read_bytes())
        quantiles = said.pop("difference_quantiles")
        return Compared(**said, difference_quantiles=None if quantiles is None else tuple(quantiles))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
