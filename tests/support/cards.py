"""Scorecards and vectors for laws: every kind of feature, rule and value, and what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from small_company import a_batch, an_event, day

from features.columns import Column
from features.spec import FeatureSpec
from features.vectors import Vectoriser
from models.scorecard.points_card import PointsCard, Rule, Section

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPEC = FeatureSpec(
    columns=(
        Column(name="employees", kind="number", family="fit"),
        Column(name="page_view", kind="number", family="fit"),
        Column(name="industry", kind="category", family="fit", vocabulary=("Retail", "banking", "other")),
        Column(name="interests", kind="multi", family="fit", vocabulary=("crm", "ads")),
        Column(name="opted_in", kind="boolean", family="fit"),
        Column(name="utm_source", kind="category", family="context", vocabulary=("search",)),
        Column(name="job_title", kind="title", family="fit"),
    ),
    unused=(),
    event_keys=("email_bounced", "page_view", "page_view.pricing"),
    touch_keys=("email_bounced",),
    has_age=True,
    has_events=True,
    missing=(),
    decimal=".",
    detail_keys=("page_view.pricing",),
    channels=("web",),
)
TEXTS = st.none() | st.sampled_from(["Bought before", "größer", 'a "b" \\ c'])


_CELLS: dict[str, st.SearchStrategy[Any]] = {
    "employees": st.none() | st.integers(0, 12).map(str),
    "page_view": st.none() | st.integers(0, 3).map(str),
    "industry": st.sampled_from([None, "Retail", "banking", "other", "mining"]),
    "interests": st.sampled_from([None, "crm", "crm; ads", "golf"]),
    "opted_in": st.sampled_from([None, "yes", "no"]),
    "utm_source": st.sampled_from([None, "search", "fair"]),
    "job_title": st.sampled_from([None, "CEO", "Junior Analyst", "VP Sales"]),
}
_EVENTS = st.lists(
    st.builds(
        an_event,
        st.sampled_from(["page_view", "email_bounced"]),
        st.floats(0, 100).map(day),
        page=st.sampled_from([None, "pricing"]),
    ),
    max_size=4,
)
_VECTORISER = Vectoriser(SPEC)


@st.composite
def vectors(draw: st.DrawFn, rows: int = 3) -> NDArray[np.float64]:
    """Return vectors of SPEC, float64 (n, features), of leads as they could be."""
    count = draw(st.integers(1, rows))
    cells = {name: [draw(cell) for _ in range(count)] for name, cell in _CELLS.items()}
    batch = a_batch(cells, events=[draw(_EVENTS) for _ in range(count)], touches=frozenset({"email_bounced"}))
    return _VECTORISER(batch).values


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Return a rule on a feature of SPEC; its test may be one that this feature does not take."""
    feature = draw(st.sampled_from(SPEC.features))
    value = (
        st.sampled_from([*feature.vocabulary, "other", "no such"])
        if feature.is_category
        else st.booleans() | st.integers(0, 12)
    )
    test: dict[str, Any] = draw(
        st.one_of(
            value.map(lambda one: {"equals": one}),
            st.lists(value, min_size=1, max_size=3).map(lambda several: {"in": several}),
            st.floats(-2, 12).map(lambda least: {"at_least": least}),
        )
    )
    test["half_life"] = draw(st.sampled_from([None, "1 day", "14 days", "36 hours"]))
    return Rule(
        feature=feature.name,
        points=draw(st.integers(-100, 100)),
        text=draw(TEXTS),
        **test,
    )


@st.composite
def cards(draw: st.DrawFn) -> PointsCard:
    """Return a card with rules in any section."""

    def section() -> Section:
        return Section(
            cap=draw(st.none() | st.integers(0, 150)),
            rules=tuple(draw(st.lists(rules(), max_size=4))),
        )

    return PointsCard(
        threshold=draw(st.integers(0, 99)),
        origin=draw(TEXTS),
        profile=section(),
        demographic=section(),
        behavioural=section(),
        stage=section(),
    )
