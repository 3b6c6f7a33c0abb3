import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import HOSTILE_NAME, a_batch, a_mapping, an_event, dated_company, day

from features.columns import Column, Unused
from features.learning import learn_spec
from features.spec import FeatureSpec, spec_from_json
from features.vectors import vectorise

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
COLUMNS = st.builds(
    Column,
    name=TEXTS,
    kind=st.sampled_from(
        ["number", "boolean", "category", "multi", "title", "email", "country", "source", "completeness"]
    ),
    family=st.sampled_from(["fit", "context"]),
    vocabulary=st.lists(TEXTS, max_size=3).map(tuple),
    separator=st.sampled_from([";", ",", "|"]),
    reads=st.lists(st.tuples(TEXTS, TEXTS), max_size=2).map(tuple),
)
SPECS = st.builds(
    FeatureSpec,
    columns=st.lists(COLUMNS, max_size=4).map(tuple),
    unused=st.lists(st.builds(Unused, TEXTS, TEXTS), max_size=2).map(tuple),
    event_keys=st.lists(TEXTS, max_size=3).map(tuple),
    touch_keys=st.lists(TEXTS, max_size=1).map(tuple),
    has_age=st.booleans(),
    has_events=st.booleans(),
    missing=st.lists(TEXTS, max_size=2).map(tuple),
    decimal=st.sampled_from([".", ","]),
)


def events_of(leads: int, kind: str, **more: Any) -> list[list[dict[str, Any]]]:
    return [[an_event(kind, day(1), **more)] for _ in range(leads)]


@given(SPECS)
def test_a_spec_is_read_back_from_json_as_it_was(spec: FeatureSpec) -> None:
    again = spec_from_json(spec.to_json())
    assert again == spec
    assert again.features == spec.features
    assert again.to_json() == spec.to_json()


def test_a_learned_spec_is_read_back_and_measures_the_same() -> None:
    company = dated_company()
    spec, batch = company.scorer.spec, company.batch()
    again = spec_from_json(spec.to_json())
    assert HOSTILE_NAME in again.names
    assert vectorise(again, batch).values.tobytes() == vectorise(spec, batch).values.tobytes()


@pytest.mark.parametrize(
    "change", [lambda names: names[::-1], lambda names: names[1:], lambda names: [*names, "x"]]
)
def test_a_spec_whose_list_of_names_was_changed_is_refused(change: Any) -> None:
    content = json.loads(dated_company().scorer.spec.to_json())
    content["names"] = change(content["names"])
    with pytest.raises(ValueError, match="orders or names features differently"):
        spec_from_json(json.dumps(content))


@pytest.mark.parametrize(("leads", "known"), [(19, False), (20, True)])
def test_a_type_of_event_is_measured_from_twenty_leads_on(leads: int, known: bool) -> None:
    batch = a_batch({}, events=events_of(leads, "page_view", page="pricing") + [[]] * 30)
    spec = learn_spec(batch, a_mapping())
    assert ("page_view" in spec.event_keys) is known
    assert ("page_view.pricing" in spec.event_keys) is known


def test_twenty_events_of_one_lead_are_not_twenty_leads() -> None:
    batch = a_batch({}, events=[[an_event("page_view", day(n)) for n in range(40)], []])
    assert learn_spec(batch, a_mapping()).event_keys == ()


@pytest.mark.parametrize("late", [{"occurred_at": day(101)}, {"known_at": day(101)}])
def test_what_leads_did_after_their_moment_teaches_no_type(late: dict[str, int]) -> None:
    events = [[{**an_event("page_view", day(1)), **late}] for _ in range(40)]
    assert learn_spec(a_batch({}, events=events), a_mapping()).event_keys == ()


def test_without_any_event_nothing_is_measured_but_that_there_is_none() -> None:
    spec = learn_spec(a_batch({}, events=[[]] * 30), a_mapping())
    assert spec.event_keys == ()
    assert "activity.count.7d" in spec.names


def test_a_touch_is_context_and_an_act_is_engagement() -> None:
    events = [[an_event("sales_call", day(1)), an_event("page_view", day(2))] for _ in range(30)]
    spec = learn_spec(a_batch({}, events=events), a_mapping())
    families = {feature.about: feature.family for feature in spec.features}
    assert families["sales_call"] == families["touches"] == "context"
    assert families["page_view"] == families["activity"] == "engagement"
    assert spec.touch_keys == ("sales_call",)


@pytest.mark.parametrize("name", ["activity", "touches"])
def test_a_type_named_like_all_acts_or_all_touches_does_not_take_their_place(name: str) -> None:
    spec = learn_spec(a_batch({}, events=events_of(30, name) + [[]] * 5), a_mapping())
    assert len(set(spec.names)) == len(spec.names)
    values = vectorise(spec, a_batch({}, events=events_of(1, name))).values[0]
    assert values[spec.names.index("activity.count.ever")] == 0.0
    assert values[spec.names.index("touches.count.ever")] == 0.0


def test_a_lead_that_stands_at_many_moments_teaches_once() -> None:
    batch = a_batch({"country": ["DE"] * 60, "tier": ["A"] * 60})
    same_lead = type(batch)(
        lead_ids=batch.lead_ids,
        created_at=batch.created_at,
        as_of=batch.as_of,
        cells=batch.cells,
        events=batch.events,
        owner=np.zeros(60, np.int64),
    )
    assert learn_spec(same_lead, a_mapping(events=None)).columns == ()
    assert [column.name for column in learn_spec(batch, a_mapping(events=None)).columns] == [
        "country", "tier", "lead.completeness"
    ]  # fmt: skip


def test_a_mapping_without_events_makes_no_event_features() -> None:
    spec = learn_spec(a_batch({"tier": ["A"] * 60}), a_mapping(events=None))
    assert spec.names == ["tier", "lead.age_days"]
