"""`[handoff]`: from where on a lead is for sales."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from decisions.policy.section import Section

Threshold = Annotated[int, Field(ge=0, le=99, strict=True)]
By = Literal["score", "probability", "capacity", "value"]


class Thresholds(Section):
    """A threshold for each rung; None where none is stated for it."""

    points: Threshold | None = None
    blend: Threshold | None = None
    model: Threshold | None = None


DEFAULT_THRESHOLDS = Thresholds(points=60, blend=65, model=70)
"""What holds where nothing is stated: the less a rung has learned, the earlier a lead is handed over. A lead
that sales looks at in vain costs a call; one that a rough score keeps from sales is lost, and with it what
the first model could have learned from it."""


class SegmentThreshold(Section):
    """Another threshold for the leads of one segment, such as `size = "enterprise"`."""

    dimension: str
    value: str
    score: Threshold | None = None
    probability: Annotated[float, Field(ge=0, le=1)] | None = None


class Value(Section):
    """What a lead is worth: probability x deal value - the cost of a touch, in money.

    The deal value is that of the attribute `deal_value`, else `deal`.
    """

    deal: Annotated[float, Field(ge=0)] = 1_000.0
    touch_cost: Annotated[float, Field(ge=0)] = 20.0
    least: float = 0.0


class Handoff(Section):
    """How it is told that a lead is for sales.

    `by` score, inclusive; by `probability`; by `capacity`: the best `a_day` by score; by `value`: the best
    `a_day` among those worth at least `least`. A lead that was over stays over until it falls `hysteresis`
    points (or that many hundredths of the threshold) below. `fit`: below this fit score nothing but a raised
    hand makes a lead one for sales. Where a rung has no probability the score threshold decides.
    """

    by: By = "score"
    probability: Annotated[float, Field(ge=0, le=1)] = 0.2
    a_day: Annotated[int, Field(ge=1)] | None = None
    hysteresis: Annotated[int, Field(ge=0, le=50)] = 5
    fit: Threshold = 25
    segments: tuple[SegmentThreshold, ...] = ()
    value: Value = Value()
