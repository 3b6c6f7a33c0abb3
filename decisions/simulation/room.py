"""How many leads sales has room for in a round, and which of them are the best."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from decisions.deciding.handoff import value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from decisions.deciding import Facts
    from decisions.policy import Policy


@dataclass(slots=True)
class Room:
    """Shares out the room of a policy, round by round.

    In a round of several days there is room for `a_day` leads for each of them. What is not used in a round
    is lost, but for a part of a lead, which is carried on. Leads over the threshold already take no room: by
    capacity they stay over, by value for as long as they are worth the least. Among equals the one that is
    more likely to convert comes first, then the smaller id.
    """

    policy: Policy
    share: float
    _part: float = 0.0

    @property
    def is_limited(self) -> bool:
        """Whether the policy hands over the best of a day, and no more."""
        return self.policy.handoff.by in {"capacity", "value"} and self.policy.handoff.a_day is not None

    def cuts(self, facts: Sequence[Facts], lead_ids: Sequence[str], days: int) -> list[float | None]:
        """Return the cut of each lead of a round (`Held.cut`), None where there is no limit."""
        a_day = self.policy.handoff.a_day
        if not self.is_limited or a_day is None:
            return [None] * len(facts)
        allowed = a_day * days * self.share + self._part
        room = math.floor(allowed)
        self._part = allowed - room
        worth = [self._worth(one) for one in facts]
        asking = [at for at, one in enumerate(worth) if one is not None and not facts[at].held.over_threshold]
        asking.sort(key=lambda at: (-(worth[at] or 0.0), -(facts[at].probability or 0.0), lead_ids[at]))
        best = frozenset(asking[:room])
        least = min((worth[at] or 0.0 for at in best), default=math.inf)
        kept = 0.0 if self.policy.handoff.by == "capacity" else None
        cuts: list[float | None] = []
        for at, (one, own) in enumerate(zip(facts, worth, strict=True)):
            if one.held.over_threshold:
                cuts.append(kept)
            elif at in best or own is None:
                cuts.append(math.inf if own is None else own)
            else:
                cuts.append(math.nextafter(least if best else own, math.inf))
        return cuts

    def _worth(self, facts: Facts) -> float | None:
        """Return what leads are compared by; None for one that the threshold hands over in no case."""
        handoff = self.policy.handoff
        if facts.score is None or facts.fit_score is None or facts.fit_score < handoff.fit:
            return None
        if handoff.by == "capacity":
            return float(facts.score)
        value = value_of(facts, self.policy)
        return value if value is not None and value >= handoff.value.least else None
