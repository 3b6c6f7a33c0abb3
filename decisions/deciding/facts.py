"""What is known of a lead when something is decided about it: all of it, and nothing else."""

from __future__ import annotations

from typing import Any

import msgspec

from features.summaries import NEVER_DAYS
from models.score import Confidence, Rung  # noqa: TC001 - msgspec reads the annotations when facts are read again


class RuledOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody ruled the lead out at a moment (microseconds UTC), until another one or for good."""

    category: str
    by: str
    until: int | None = None
    at: int | None = None


class Override(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody decided otherwise, until a moment. What is None is left to the policy."""

    by: str
    reason: str
    until: int
    action: str | None = None
    queue: str | None = None
    track: str | None = None
    temperature: str | None = None


class Held(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a stored lead stands. That of a lead that is not stored has the defaults.

    `stage`, `substage` and `since` are those of the decision before, or what sales said since. `by_sales`:
    whether sales said it. `bant`: answers that reps gave, which go before those of columns. `lifted`: the
    disqualifiers that somebody lifted. `cut`: the least score or value that is among the best of the day.
    """

    standing: str = "open"
    stage: str | None = None
    substage: str | None = None
    since: int | None = None
    by_sales: bool = False
    over_threshold: bool = False
    qualified_at: int | None = None
    owner: str = ""
    returns: int = 0
    bant: dict[str, str] = msgspec.field(default_factory=dict)
    lifted: tuple[str, ...] = ()
    ruled_out: RuledOut | None = None
    override: Override | None = None
    cut: float | None = None


FRESH = Held()


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision is made from. It can be written as JSON, and read again.

    `as_of` in microseconds UTC. From `score` to `base_rate` as in `models.score.Score`; None where the lead
    could not be scored. `attributes` and `history` are what the policy calls so, by name. `acts` are the
    lead's own, of all time; `days_since_act` and `days_since_raise`, since it last raised its hand, are 36500
    where there is none.
    """

    as_of: int
    score: int | None
    probability: float | None
    fit_score: int | None
    engagement_score: int | None
    grade: str | None
    rung: Rung | None
    confidence: Confidence | None
    base_rate: float | None
    age_days: float | None
    attributes: dict[str, Any]
    history: dict[str, int | float]
    acts: int | float
    days_since_act: float
    held: Held = FRESH
    days_since_raise: float = NEVER_DAYS


_to_json = msgspec.json.Encoder(order="deterministic").encode
_of_json = msgspec.json.Decoder(Facts).decode


def facts_text(facts: Facts) -> str:
    """Return facts as JSON, the same text for the same facts."""
    return _to_json(facts).decode()


def facts_of(text: str | bytes) -> Facts:
    """Return the facts that a text says. Raises ValueError where it says none."""
    return _of_json(text)
