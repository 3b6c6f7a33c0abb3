"""What is replayed: leads through time, with what was known of them, and how they ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from features.durations import DAY_US

if TYPE_CHECKING:
    from decisions.deciding import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadPast:
    """One lead: its facts at moments, in the order of time, at least one.

    `won_at`: its first win (microseconds UTC), None where it has none yet; `won_value` what that was worth,
    in money, where it is known. Of the `held` of its facts what people said is taken; what follows from
    decisions (stage, since when, over the threshold or not) is made anew.
    """

    lead_id: str
    facts: tuple[Facts, ...]
    won_at: int | None = None
    won_value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The leads that are replayed. `horizon` in microseconds: so long after a moment a win counts for it.

    `since`: from this moment on (microseconds UTC) what happens is counted. What was before tells who was
    with sales already. `known_until`: up to here outcomes are known. `share` (0-1): of how many of the leads
    that there were, where these are some of them at random. `cautions`: what a reader has to know, as
    sentences.
    """

    leads: tuple[LeadPast, ...]
    horizon: int
    known_until: int
    since: int = 0
    share: float = 1.0
    cautions: tuple[str, ...] = ()

    @property
    def moments(self) -> int:
        """How many decisions one replay makes."""
        return sum(len(lead.facts) for lead in self.leads)

    def converts(self, lead: LeadPast) -> bool:
        """Return whether a lead won within the horizon after one of its moments that count."""
        return lead.won_at is not None and any(
            0 < lead.won_at - facts.as_of <= self.horizon for facts in lead.facts if facts.as_of >= self.since
        )


def day_number(moment: int) -> int:
    """Return the day of a moment (microseconds UTC), counted from 1970."""
    return moment // DAY_US
