"""The card that comes with LeadLens: points for what any company would look at, where it is known.

The figures are a start by common sense, the same for all: who means to buy asks for a demo, a price or a
trial; who reads on is on the way; what is long ago counts less. They were learned from nobody's data.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from features.feature import ACTIVITY, STEP
from features.vocabulary import step_of
from models.scorecard.points_card import PointsCard, Rule, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from features.columns import Column
    from features.spec import FeatureSpec

ORIGIN = "The card that comes with LeadLens: a start by common sense, learned from nobody's data."

_POINTS_OF_ACT = {1: 3, 2: 8, 3: 20}
_POINTS_OF_PAGE = {1: 2, 2: 5, 3: 12}
"""By the buyer's step that an act, or a visit to a page, shows: awareness, consideration, decision."""

_HALF_LIFE = {1: "14 days", 2: "28 days", 3: "28 days"}
"""What shows a wish to buy is true for a month or so; a look at the blog is forgotten sooner."""

_AGAINST = {"unsubscribe": -30, "email_bounced": -15, "meeting_no_show": -5}
_SIZE = re.compile(
    r"employee|company[\W_]*size|headcount|mitarbeiter|effectif|empleados|dipendenti", re.IGNORECASE
)


def default_card(spec: FeatureSpec) -> PointsCard:
    """Return the card for the features of a spec: behaviour first, and columns of kinds that it knows.

    It works where there are no columns of a company (business to consumer).
    """
    return PointsCard(
        origin=ORIGIN,
        demographic=Section(
            cap=35, rules=tuple(rule for column in spec.columns for rule in _of_column(column))
        ),
        behavioural=Section(cap=70, rules=(*_of_acts(spec), *_of_activity(spec))),
        stage=Section(cap=15, rules=tuple(_of_stage(spec))),
    )


def _of_column(column: Column) -> Iterator[Rule]:
    match column.kind:
        case "title":
            name = f"{column.name}.seniority"
            yield Rule(feature=name, one_of=("owner", "c-level", "vice president", "director"), points=15)
            yield Rule(feature=name, one_of=("head", "manager"), points=10)
            yield Rule(feature=name, equals="junior", points=-5)
        case "email":
            yield Rule(feature=f"{column.name}.kind", equals="company", points=5)
            yield Rule(feature=f"{column.name}.kind", equals="disposable", points=-30)
        case "source":
            yield Rule(feature=column.name, equals="referral", points=10)
            yield Rule(feature=column.name, one_of=("inbound", "event"), points=5)
        case "number" if _SIZE.search(column.name):
            yield Rule(feature=column.name, at_least=50, points=5)
            yield Rule(feature=column.name, at_least=250, points=5)


def _of_acts(spec: FeatureSpec) -> Iterator[Rule]:
    touches = set(spec.touch_keys)
    for key in spec.event_keys:
        ever = f"{key}.count.ever"
        step = step_of(key)
        if key in _AGAINST:
            yield Rule(feature=ever, at_least=1, points=_AGAINST[key])
        elif step and key not in touches:
            points = _POINTS_OF_PAGE if key.startswith("page_view") else _POINTS_OF_ACT
            yield Rule.model_validate(
                {"feature": ever, "at_least": 1, "points": points[step], "half_life": _HALF_LIFE[step]}
            )


def _of_activity(spec: FeatureSpec) -> Iterator[Rule]:
    if spec.has_events:
        yield Rule(feature=f"{ACTIVITY}.active_days.30d", at_least=3, points=5)
        yield Rule(feature=f"{ACTIVITY}.active_days.30d", at_least=7, points=5)
        yield Rule(
            feature=f"{ACTIVITY}.days_since",
            at_least=60,
            points=-10,
            text="Not active for two months or more",
        )


def _of_stage(spec: FeatureSpec) -> Iterator[Rule]:
    if any(feature.about == STEP for feature in spec.features):
        yield Rule(feature=STEP, at_least=2, points=5, text="Has come to considering a purchase")
        yield Rule(feature=STEP, at_least=3, points=10, text="Has come to deciding on a purchase")
