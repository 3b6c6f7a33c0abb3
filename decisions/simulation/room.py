"""How many leads sales has room for in a round, and which of those that wait are the best."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from decisions.deciding.handoff import value_of

if TYPE_CHECKING:
    from decisions.deciding import Decision, Facts
    from decisions.policy import Policy


@dataclass(slots=True)
class Room:
    """Shares out the room of a policy by capacity or value, round by round.

    In a round of several days there is room for `a_day` leads for each of them. What is not used in a round
    is lost, but for a part of a lead, which is carried on.
    """

    policy: Policy
    share: float
    _part: float = 0.0

    @property
    def is_limited(self) -> bool:
        """Whether the policy hands over the best of a day, and no more."""
        return self.policy.handoff.by in {"capacity", "value"} and self.policy.handoff.a_day is not None

    def places(self, days: int) -> int:
        """Return how many places a round of so many days has."""
        allowed = (self.policy.handoff.a_day or 0) * days * self.share + self._part
        room = math.floor(allowed)
        self._part = allowed - room
        return room

    def shut(self, facts: Facts) -> float | None:
        """Return the cut (`Held.cut`) of a lead for which there is no place.

        One that is over the threshold needs none: by capacity it stays over, by value while it is worth the
        least. None where there is no limit.
        """
        if not self.is_limited:
            return None
        by_capacity = self.policy.handoff.by == "capacity"
        if facts.held.over_threshold:
            return 0.0 if by_capacity else None
        value = None if by_capacity else value_of(facts, self.policy)
        return math.inf if value is None else math.nextafter(value, math.inf)

    def worth(self, facts: Facts, decision: Decision) -> float | None:
        """Return what those that wait for a place are compared by; None for a lead that waits for none."""
        handoff = self.policy.handoff
        if decision.action != "nurture" or decision.stage == "recycled" or facts.held.over_threshold:
            return None
        if facts.score is None or facts.fit_score is None or facts.fit_score < handoff.fit:
            return None
        if handoff.by == "capacity":
            return float(facts.score)
        value = value_of(facts, self.policy)
        return value if value is not None and value >= handoff.value.least else None
