import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.columns import Column
from features.spec import FeatureSpec
from features.words import ENGLISH
from models.reasons.groups import groups_of, sums_by_group

ORIGIN = Column(name="origin", kind="category", family="context", vocabulary=("Google",))
MEDIUM = Column(name="utm_medium", kind="category", family="context", vocabulary=("cpc",))
ACTS, TOUCHES = ("page_view", "demo_requested"), ("sales_call", "sales_email")
DETAILS = ("page_view.pricing",)


def a_source(*read: str, name: str = "lead.source") -> Column:
    return Column(
        name=name, kind="source", family="context", reads=tuple(("channel", column) for column in read)
    )


def a_spec(*columns: Column, events: tuple[str, ...] = ()) -> FeatureSpec:
    return FeatureSpec(
        columns=columns,
        unused=(),
        event_keys=events,
        touch_keys=tuple(key for key in events if key in TOUCHES),
        detail_keys=tuple(key for key in events if key in DETAILS),
        has_age=True,
        has_events=bool(events),
        missing=(),
        decimal=".",
    )


SPECS = st.builds(
    lambda columns, events: a_spec(*columns, events=events),
    st.sampled_from(
        [(), (ORIGIN,), (ORIGIN, a_source("origin")), (MEDIUM, ORIGIN, a_source("origin", "utm_medium"))]
    ),
    st.lists(st.sampled_from([*ACTS, *TOUCHES, *DETAILS]), unique=True).map(tuple),
)


@given(SPECS, st.integers(0, 9))
def test_every_feature_is_in_one_group_of_its_family_and_the_sums_are_those_of_all(
    spec: FeatureSpec, seed: int
) -> None:
    groups = groups_of(spec)
    assert sorted(at for group in groups for at in group.positions) == list(range(len(spec.features)))
    assert len({group.key for group in groups}) == len(groups)
    for group in groups:
        assert group.features == tuple(spec.features[at] for at in group.positions)
        assert {feature.family for feature in group.features} == {group.family}
        assert (group.features[0].is_of_column, group.features[0].about) == group.key
    contributions = np.random.default_rng(seed).integers(-8, 9, (3, len(spec.features))).astype(float)
    assert (sums_by_group(contributions, groups).sum(axis=1) == contributions.sum(axis=1)).all()


@pytest.mark.parametrize(
    ("events", "alone"),
    [
        (("page_view",), {"page_view", "touches"}),
        (("page_view", "page_view.pricing"), {"page_view", "page_view.pricing", "touches"}),
        (("page_view", "sales_call"), {"page_view", "sales_call"}),
        (("page_view", "demo_requested"), {"page_view", "demo_requested", "activity", "touches"}),
        (("sales_call", "sales_email"), {"sales_call", "sales_email", "touches", "activity"}),
    ],
)
def test_where_one_type_is_all_that_the_lead_or_we_do_they_are_one(
    events: tuple[str, ...], alone: set[str]
) -> None:
    found = {group.about for group in groups_of(a_spec(events=events))}
    assert found - {"lead.age", "response"} == alone


def test_an_act_that_is_all_activity_is_told_as_that_act_and_once() -> None:
    spec = a_spec(events=("page_view",))
    [group] = [group for group in groups_of(spec) if group.about == "page_view"]
    names = [feature.name for feature in group.features]
    assert {"page_view.count.7d", "activity.count.7d", "activity.pace"} <= set(names)
    values = [2.0 if feature.measure == "count" else 1.0 for feature in group.features]
    assert ENGLISH.say(group.features, values) == "Visited the website twice in the last 7 days"
    assert ENGLISH.say(group.features, [0.0] * len(values)) == "Has not visited the website yet"
    assert ENGLISH.name(group.features) == "Visits to the website"


@pytest.mark.parametrize(
    ("columns", "keys"),
    [
        ((ORIGIN, a_source("origin")), {(True, "origin")}),
        ((ORIGIN, a_source("origin", name="lead.source (derived)")), {(True, "origin")}),
        ((ORIGIN, a_source("referrer")), {(True, "origin"), (True, "lead.source")}),
        (
            (ORIGIN, MEDIUM, a_source("origin", "utm_medium")),
            {(True, "origin"), (True, "utm_medium"), (True, "lead.source")},
        ),
        (
            (Column(name="origin", kind="multi", family="context", vocabulary=("a",)), a_source("origin")),
            {(True, "origin"), (True, "lead.source")},
        ),
        (
            (Column(name="origin", kind="category", family="fit", vocabulary=("a",)), a_source("origin")),
            {(True, "origin"), (True, "lead.source")},
        ),
    ],
)
def test_a_source_that_one_column_tells_is_one_with_it(
    columns: tuple[Column, ...], keys: set[tuple[bool, str]]
) -> None:
    assert {group.key for group in groups_of(a_spec(*columns))} - {(False, "lead.age")} == keys
