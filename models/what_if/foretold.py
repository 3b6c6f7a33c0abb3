"""What is foretold: the values that travel to whoever answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.next_acts import Share, SuchLeads
    from models.score import Score
    from models.what_if.hypothesis import Hypothesis


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """What would follow from one hypothesis.

    `score` is the score that would follow, `change` what it is more than the score now, in points of score,
    `log_odds` the same of the margin (None on the points rung). `share`: how many of such leads showed it
    within the window; None where that is unknown. `clause` says what would have come, as after 'once', and
    `sentence` all of it.
    """

    hypothesis: Hypothesis
    score: Score
    change: int
    log_odds: float | None
    share: Share | None
    clause: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """A lead's score `now`, what may come `next`, and what would follow from a caller's own events, `sent`.

    `such_leads`: those whose shares are told; None where no shares were learned. `activity` says when they
    were last active, as after 'leads that'; `note` what all of this is not.
    """

    now: Score
    such_leads: SuchLeads | None
    activity: str
    note: str
    next: tuple[Foretold, ...]
    sent: tuple[Foretold, ...]
