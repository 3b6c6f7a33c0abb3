"""Pasts of leads that nobody has, for tests of simulations: each lead by its scores, day after day."""

from collections.abc import Sequence
from typing import Any

from some_facts import AS_OF, DAY_US, facts

from decisions.deciding import Facts
from decisions.policy import Policy
from decisions.simulation import LeadPast, Past

START = AS_OF - AS_OF % DAY_US
"""Midnight of the first day."""

HORIZON = 90 * DAY_US
DEFAULT = Policy()


def day(number: float) -> int:
    return START + round(number * DAY_US)


def facts_on(on: float, score: int, **said: Any) -> Facts:
    """Facts on a day; the probability follows from the score where it is not said."""
    return facts(**{"as_of": day(on), "score": score, "probability": score / 400} | said)


def a_lead(
    lead_id: str,
    scores: Sequence[int],
    *,
    won_on: float | None = None,
    won_value: float | None = None,
    every: int = 1,
    begins: int = 0,
    **said: Any,
) -> LeadPast:
    """Return a lead with a score every so many days."""
    return LeadPast(
        lead_id=lead_id,
        facts=tuple(facts_on(begins + number * every, score, **said) for number, score in enumerate(scores)),
        won_at=None if won_on is None else day(won_on),
        won_value=won_value,
    )


def a_past(*leads: LeadPast, since: float = 0, known: float = 400, share: float = 1.0) -> Past:
    return Past(leads=leads, horizon=HORIZON, known_until=day(known), since=day(since), share=share)
