"""What leads such as one did next: shares of the census, learned with a model and kept in its artifact.

Leads are alike whose scores are in the same quarter and who were last active about as long ago. No lead and
no person is in it: a share is told of 20 leads or more, or not at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from features.feature import ACTIVITY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from features.spec import FeatureSpec

WINDOW_DAYS = 7
"""So many days after a moment are looked at. Every horizon that makes sense holds them."""

LEADS = 20
"""Of fewer leads no share is told."""

BAND = 25
"""So many points of score make a band."""

BANDS = 4

RECENCY_DAYS = (7, 30)
"""Where one class of the time since the last act ends and the next begins, in days."""

RECENCIES = ("within_a_week", "within_a_month", "longer_ago", "never")
"""The classes of the time since the last act, as the words for them are called (`what_if.active`)."""

LAST_ACT = f"{ACTIVITY}.days_since"
"""The feature that tells how long ago the last act of the lead was, in days; missing where there was none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of such leads did something within the window: `share` (0-1), within a 90 % interval."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SuchLeads:
    """The leads that one is like: scores from `score_from` to `score_to`, active as `recency` says.

    `leads`: how many of them there were in the census, each counted once however often it was such a lead.
    `recency` is one of RECENCIES.
    """

    score_from: int
    score_to: int
    recency: str
    leads: int


@dataclass(frozen=True, kw_only=True)
class NextActs:
    """Of each group of such leads, the shares that showed each of `keys` within WINDOW_DAYS.

    `leads` int64 (bands, recencies); `shares` float64 (bands, recencies, keys + 1, 3): share, and the low and
    high end of its 90 % interval, the last 'key' being that nothing came at all. NaN where there are fewer
    than 20 leads.
    """

    keys: tuple[str, ...]
    leads: NDArray[np.int64]
    shares: NDArray[np.float64]

    @cached_property
    def _place(self) -> dict[str | None, int]:
        return {key: at for at, key in enumerate((*self.keys, None))}

    def such_leads(self, score: int, days_since_last_act: float) -> SuchLeads:
        """Return the group that a lead belongs to. A lead that never acted has NaN days."""
        band, recency = self._group(score, days_since_last_act)
        return SuchLeads(
            score_from=band * BAND,
            score_to=band * BAND + BAND - 1,
            recency=RECENCIES[recency],
            leads=int(self.leads[band, recency]),
        )

    def share(self, key: str | None, score: int, days_since_last_act: float) -> Share | None:
        """Return how many such leads showed a key, or no event at all (None); None where that is unknown."""
        place = self._place.get(key)
        if place is None:
            return None
        share, low, high = self.shares[(*self._group(score, days_since_last_act), place)].tolist()
        return None if math.isnan(share) else Share(share=share, low=low, high=high)

    @staticmethod
    def _group(score: int, days_since_last_act: float) -> tuple[int, int]:
        return score // BAND, int(recencies_of(np.asarray(days_since_last_act)))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values that `next_acts_from` reads back."""
        return {
            "window_days": WINDOW_DAYS,
            "band": BAND,
            "recency_days": list(RECENCY_DAYS),
            "keys": list(self.keys),
            "leads": self.leads.tolist(),
            "shares": _told(self.shares.tolist()),
        }


def bands_of(ranks: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bands, 0 to BANDS - 1, of the scores that ranks (0-1) are given as (see `models.scorer`)."""
    return np.asarray(np.minimum(np.floor(100.0 * ranks) // BAND, BANDS - 1), np.int64)


def recencies_of(days_since_last_act: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the positions in RECENCIES of days, NaN for never.

    >>> recencies_of(np.asarray([0.0, 6.9, 7.0, 30.0, np.nan])).tolist()
    [0, 0, 1, 2, 3]
    """
    return np.asarray(np.digitize(days_since_last_act, (*RECENCY_DAYS, np.inf)), np.int64)


def next_acts_from(content: dict[str, Any] | None, spec: FeatureSpec) -> NextActs | None:
    """Read the shares back; None of an artifact that has none.

    Raises ValueError where they are not of the model with this spec, or are no shares.
    """
    if content is None:
        return None
    grouped = (content["window_days"], content["band"], tuple(content["recency_days"]))
    if grouped != (WINDOW_DAYS, BAND, RECENCY_DAYS):
        raise ValueError("what leads did next was counted by a version that groups leads differently")
    if tuple(content["keys"]) != spec.event_keys:
        raise ValueError("what leads did next was counted of events that the model does not know")
    leads = np.asarray(content["leads"], np.int64)
    shares = np.asarray(_numbers(content["shares"]), np.float64)
    groups = (BANDS, len(RECENCIES))
    if leads.shape != groups or (leads < 0).any() or shares.shape != (*groups, len(spec.event_keys) + 1, 3):
        raise ValueError("what leads did next needs a count and shares for each group of leads")
    _check(leads, shares)
    return NextActs(keys=spec.event_keys, leads=leads, shares=shares)


def _told(held: Sequence[Any]) -> list[Any]:
    return [_told(one) if isinstance(one, list) else None if math.isnan(one) else one for one in held]


def _numbers(held: Sequence[Any]) -> list[Any]:
    return [_numbers(one) if isinstance(one, list) else math.nan if one is None else one for one in held]


def _check(leads: NDArray[np.int64], shares: NDArray[np.float64]) -> None:
    unknown = np.isnan(shares)
    if (unknown != (leads < LEADS)[:, :, np.newaxis, np.newaxis]).any():
        raise ValueError(f"a share of what leads did next is told of {LEADS} leads or more, and of no fewer")
    share, low, high = np.moveaxis(np.where(unknown, 0.0, shares), -1, 0)
    if ((low < 0) | (low > share) | (share > high) | (high > 1)).any():
        raise ValueError("a share of what leads did next lies within its interval, from 0 to 1")
