"""Reps, and what each has to do: who they are, what they sell, when they are there."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

RepStatus = Literal["active", "away", "left"]

_NOTHING: Mapping[str, int] = MappingProxyType({})


class Hours(Protocol):
    """When somebody works. Moments are microseconds UTC."""

    def is_open(self, at: int, /) -> bool:
        """Return whether it is working time at a moment."""

    def next_open(self, at: int, /) -> int | None:
        """Return the first moment of working time at or after one; None where there is none to be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rep:
    """A sales rep. `queues`: the weight, 1 to 100, in each queue that the rep is a member of.

    `hours` is when the rep works, less holidays and time off; None: always. Each of `territories`,
    `products`, `languages`, `industries` and `company_sizes` says what the rep takes; whoever states none
    takes any. `capacity_a_day` counts in the rep's own day, `capacity_open` all leads that the rep has now;
    None: what the policy says of all.
    """

    rep_id: str
    name: str
    status: RepStatus = "active"
    queues: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    hours: Hours | None = None
    territories: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    company_sizes: tuple[str, ...] = ()
    seniority: str | None = None
    capacity_a_day: int | None = None
    capacity_open: int | None = None
    manager: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """How leads of one kind ended with a rep."""

    wins: int = 0
    losses: int = 0

    @property
    def ended(self) -> int:
        """How many ended."""
        return self.wins + self.losses


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a rep has to do, and how it went.

    `open_now`: live assignments. `given_today`: those that began in the rep's own day. `median_response_us`:
    from assignment to first contact, over `responses` of them. `records` by segment, as 'industry=software';
    under '' over all.
    """

    open_now: int = 0
    given_today: int = 0
    median_response_us: int | None = None
    responses: int = 0
    records: Mapping[str, Record] = field(default_factory=dict)


NO_LOAD = Load()
