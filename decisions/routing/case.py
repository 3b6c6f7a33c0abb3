"""What routing asks about a lead, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from decisions.routing.turns import Turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A lead that is to get a rep. What is not known is None, and its step is passed over.

    `queue` is the one of the decision. `owner` is the rep who has or last had the lead, or whom a CRM names,
    `duplicates_owner` the one who has another lead of the same person, `account_owner` the one who has the
    company's, whose domain is `account_domain`. `size`, `industry` and the like are named as reps name them;
    `segments` by kind. `barred` are reps who must not get it again: they gave it back, or it was taken from
    them.
    """

    queue: str | None = None
    owner: str | None = None
    duplicates_owner: str | None = None
    account_owner: str | None = None
    account_domain: str | None = None
    country: str | None = None
    state: str | None = None
    postcode: str | None = None
    products: tuple[str, ...] = ()
    language: str | None = None
    industry: str | None = None
    size: str | None = None
    seniority: str | None = None
    segments: Mapping[str, str] = field(default_factory=dict)
    barred: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step of a routing: what it found, in words, and the reps that it left (None: not counted)."""

    step: str
    words: str
    left: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """Where a lead goes: to a rep, or, with `rep_id` None, into a queue, where it waits or is claimed.

    `by` is the step that settled it: one of the policy's, the choice, 'claim', or 'wait'. `turns` is what
    stands after it. `look_again_at`: when the first who could take it is at work again (microseconds UTC).
    `asks_acknowledgement`: nobody can take it now, so the marketing tool is to answer the lead.
    """

    queue: str
    rep_id: str | None
    by: str
    trace: tuple[TraceStep, ...]
    turns: Turns
    look_again_at: int | None = None
    asks_acknowledgement: bool = False
