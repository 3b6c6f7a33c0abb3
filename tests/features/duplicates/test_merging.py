from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from small_company import a_mapping, day, tables

from features.columns import Column
from features.duplicates.merging import merge_duplicates
from features.history import History
from features.mapping import mapping_from
from features.snapshots import Lives
from features.spec import FeatureSpec
from features.tables import Tables
from features.vectors import vectorise
from training.examples import cut_examples
from training.fitting.folds import folds_of
from training.fitting.recipe import Recipe

if TYPE_CHECKING:
    import random

MAPPING = a_mapping()


def a_lead(lead_id: str, created: float, **cells: Any) -> dict[str, Any]:
    return {"lead_id": lead_id, "created_at": day(created), "email": "ada@acme.example", **cells}


def an_act(lead_id: str, number: float, **more: Any) -> dict[str, Any]:
    return {"lead_id": lead_id, "occurred_at": day(number), "type": "page_view", **more}


def a_change(lead_id: str, number: float, value: Any) -> dict[str, Any]:
    return {"lead_id": lead_id, "column": "tier", "changed_at": day(number), "value": value}


def merged(leads: list[dict[str, Any]], **others: Any) -> Tables:
    return merge_duplicates(tables(leads, **others), MAPPING)[0]


def stood(all_tables: Tables, *moments: float, column: str = "tier") -> list[Any]:
    """Return what stood in a column of the only lead on some days."""
    history = History(all_tables, MAPPING)
    when = np.asarray([day(moment) for moment in moments], np.int64)
    cells = history.at(np.zeros(len(when), np.int64), when).cells[column]
    return [None if pd.isna(cell) else cell for cell in cells]


def test_without_duplicates_the_very_same_tables_come_back() -> None:
    before = tables([a_lead("A", 0), a_lead("B", 1, email="bo@acme.example")], events=[an_act("A", 2)])
    after, what = merge_duplicates(before, MAPPING)
    assert after is before
    assert (what.leads, what.people, dict(what.alias)) == (0, 0, {})


def test_events_and_outcomes_of_the_others_become_the_survivors() -> None:
    ends = [{"lead_id": "B", "occurred_at": day(9), "outcome": "won"}]
    before = tables([a_lead("B", 5), a_lead("A", 0)], events=[an_act("A", 1), an_act("B", 6)], outcomes=ends)
    after, what = merge_duplicates(before, MAPPING)
    assert after.events is not None
    assert after.outcomes is not None
    assert dict(what.alias) == {"B": "A"}
    assert after.leads["lead_id"].tolist() == ["A"]
    assert after.events["lead_id"].tolist() == ["A", "A"]
    assert after.outcomes["lead_id"].tolist() == ["A"]
    lives = Lives(after, History(after, MAPPING))
    never = lives.labelled(np.zeros(1, np.int64), np.asarray([day(9)]), day(1) - day(0))
    assert len(never) == 0


def test_what_the_other_did_is_known_once_the_other_was_created() -> None:
    after = merged([a_lead("A", 0), a_lead("B", 5)], events=[an_act("B", 2), an_act("B", 7)])
    assert after.events is not None
    known = (after.events["known_at"].astype("int64")).tolist()
    assert known == [day(5), day(7)]


def test_an_event_that_both_hold_counts_once_and_is_known_when_it_first_was() -> None:
    leads = [a_lead("A", 0), a_lead("B", 5)]
    late = an_act("A", 6, known_at=day(30))
    after, what = merge_duplicates(tables(leads, events=[late, an_act("B", 6)]), MAPPING)
    assert after.events is not None
    assert what.repeated_events == 1
    assert after.events["known_at"].astype("int64").tolist() == [day(6)]


def test_of_events_with_one_id_the_one_known_first_counts() -> None:
    leads = [a_lead("A", 0), a_lead("B", 5)]
    events = [an_act("A", 8, event_id="e-1"), an_act("B", 7, event_id="e-1", page="blog")]
    after = merged(leads, events=events)
    assert after.events is not None
    assert after.events["detail"].tolist() == ["blog"]


def test_two_alike_events_of_one_lead_stay_two() -> None:
    leads = [a_lead("A", 0), a_lead("B", 5)]
    events = [an_act("A", 6), an_act("A", 6), an_act("B", 6), an_act("B", 6, page="blog")]
    after = merged(leads, events=events)
    assert after.events is not None
    assert len(after.events) == 3


def test_a_value_that_the_survivor_lacks_comes_with_the_other_lead() -> None:
    after = merged([a_lead("A", 0, tier=None), a_lead("B", 5, tier="x"), a_lead("C", 9, tier="y")])
    assert stood(after, 0, 4.9, 5, 20) == [None, None, "x", "x"]
    assert after.borrowed == ("tier",)


def test_a_column_is_not_dated_by_what_was_borrowed() -> None:
    leads = [a_lead("A", 0, tier=None), a_lead("B", 5, tier="x")]
    assert "tier" in History(merged(leads), MAPPING).undated()
    others = [a_lead(f"C{n}", 0, email=f"c{n}@acme.example", tier="z") for n in range(10)]
    logged = [a_change(f"C{n}", 0, "z") for n in range(10)]
    with_history = merged([*leads, *others], changes=[*logged, a_change("B", 6, "y")])
    assert "tier" not in History(with_history, MAPPING).undated()


def test_a_value_that_the_survivor_has_stands() -> None:
    after = merged([a_lead("A", 0, tier="own"), a_lead("B", 5, tier="x")], changes=[a_change("B", 6, "y")])
    assert stood(after, 0, 5, 6) == ["own", "own", "own"]


def test_a_value_that_the_survivor_loses_or_gains_is_lent_for_that_time_alone() -> None:
    changes = [
        a_change("A", 2, "a"), a_change("A", 8, None), a_change("A", 12, "c"),
        a_change("B", 3, "b"), a_change("B", 10, "d"),
    ]  # fmt: skip
    after = merged([a_lead("A", 0, tier="now"), a_lead("B", 5, tier="now")], changes=changes)
    assert stood(after, 1, 2, 5, 8, 10, 12) == ["now", "a", "a", "b", "d", "c"]


def test_lists_are_lent_whole() -> None:
    leads = [a_lead("A", 0, tags=None), a_lead("B", 5, tags=np.asarray(["crm", "ads"]))]
    after = merged(leads)
    assert after.changes is not None
    assert after.changes["value"].iloc[0].tolist() == ["crm", "ads"]


def test_rows_of_one_person_in_flat_data_stay_and_share_a_fold() -> None:
    mapping = mapping_from(
        {"leads": {"path": "l.csv", "id": "lead_id"}, "outcomes": {"label": "won", "positive": 1}}
    )
    rows = [
        {"lead_id": f"L-{number}", "created_at": None, "email": f"p{number // 3}@acme.example"}
        for number in range(30)
    ]
    frame = tables(rows).leads.astype({"created_at": "datetime64[us, UTC]"})
    label = pd.Series(np.arange(30) % 2, dtype="float64")
    flat = Tables(leads=frame, label=label, extract_at=pd.Timestamp(0, tz="UTC"))
    examples = cut_examples(flat, mapping)
    assert len(examples.learned) == 30
    assert len(set(examples.history.owner.tolist())) == 10
    folds = folds_of(examples.history, Recipe()).reshape(10, 3)
    assert (folds == folds[:, :1]).all()
    assert len(set(folds[:, 0].tolist())) > 1


SPEC = FeatureSpec(
    columns=(Column(name="tier", kind="category", family="fit", vocabulary=("x", "y", "z")),),
    unused=(),
    event_keys=("email_opened", "page_view", "page_view.blog"),
    touch_keys=(),
    has_age=True,
    has_events=True,
    missing=(),
    decimal=".",
)
IDS = tuple("ABCDE")
WHEN = st.integers(0, 20)
VALUES = st.sampled_from([None, "x", "y", "z"])
LEADS = st.lists(st.tuples(WHEN, st.integers(0, 2), VALUES), min_size=2, max_size=len(IDS))
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "lead_id": st.sampled_from(IDS),
            "occurred_at": WHEN.map(day),
            "type": st.sampled_from(["page_view", "email_opened"]),
            "page": st.sampled_from([None, "blog"]),
        },
        optional={"known_at": WHEN.map(lambda number: day(number + 3))},
    ),
    max_size=14,
)
CHANGES = st.lists(st.builds(a_change, st.sampled_from(IDS), WHEN, VALUES), max_size=8)
ENDS = st.lists(
    st.fixed_dictionaries(
        {
            "lead_id": st.sampled_from(IDS),
            "occurred_at": WHEN.map(day),
            "outcome": st.sampled_from(["won", "lost"]),
        }
    ),
    max_size=4,
)


def company(leads: Any, events: Any, changes: Any, ends: Any, until: int | None = None) -> Tables:
    """Return generated tables; with `until`, without the leads created later and what is of them."""
    rows = [
        a_lead(lead_id, created, email=f"p{person}@acme.example", tier=tier)
        for lead_id, (created, person, tier) in zip(IDS, leads, strict=False)
        if until is None or created <= until
    ]
    there = {row["lead_id"] for row in rows}
    own = [[row for row in part if row["lead_id"] in there] for part in (events, changes, ends)]
    return tables(rows, events=own[0], changes=own[1], outcomes=own[2])


def vectors(all_tables: Tables, moment: int) -> dict[str, bytes]:
    """Return the vector at a moment of each survivor that was created by then."""
    after, _ = merge_duplicates(all_tables, MAPPING)
    history = History(after, MAPPING)
    rows = np.arange(len(history))
    values = vectorise(SPEC, history.at(rows, np.full(len(rows), moment))).values
    return {
        lead: value.tobytes()
        for lead, value, created in zip(history.lead_ids, values, history.created_at, strict=True)
        if created <= moment
    }


@given(LEADS, EVENTS, CHANGES, WHEN)
def test_merging_leads_that_come_later_moves_no_feature(
    leads: Any, events: Any, changes: Any, moment: int
) -> None:
    whole = vectors(company(leads, events, changes, []), day(moment))
    then = (
        vectors(company(leads, events, changes, [], until=moment), day(moment))
        if any(created <= moment for created, _, _ in leads)
        else {}
    )
    assert whole == then


@given(LEADS, EVENTS, EVENTS, CHANGES, CHANGES, WHEN)
def test_what_happens_later_moves_no_feature_of_a_merged_lead(
    leads: Any, events: Any, later: Any, changes: Any, changed: Any, moment: int
) -> None:
    def of(held: Any, when: str, *, after: bool) -> Any:
        return [row for row in held if (max(row[when], row.get("known_at", 0)) > day(moment)) == after]

    dated = [a_change(lead_id, 0, "x") for lead_id in IDS]  # else the table's own value is of any time
    changes = [*dated, *of(changes, "changed_at", after=False)]
    events = of(events, "occurred_at", after=False)
    then = vectors(company(leads, events, changes, []), day(moment))
    more = [*of(later, "occurred_at", after=True), *events]
    more_changes = [*of(changed, "changed_at", after=True), *changes]
    assert vectors(company(leads, more, more_changes, []), day(moment)) == then


@given(LEADS, EVENTS, CHANGES, ENDS)
def test_merging_twice_is_merging_once(leads: Any, events: Any, changes: Any, ends: Any) -> None:
    once, _ = merge_duplicates(company(leads, events, changes, ends), MAPPING)
    twice, what = merge_duplicates(once, MAPPING)
    assert twice is once
    assert what.leads == 0


@given(LEADS, EVENTS, CHANGES, ENDS)
def test_every_outcome_is_kept_and_no_event_is_counted_twice(
    leads: Any, events: Any, changes: Any, ends: Any
) -> None:
    before = company(leads, events, changes, ends)
    after, what = merge_duplicates(before, MAPPING)
    assert before.events is not None
    assert after.events is not None
    assert before.outcomes is not None
    assert after.outcomes is not None
    assert len(after.outcomes) == len(before.outcomes)
    assert len(after.events) == len(before.events) - what.repeated_events
    assert not set(what.alias) & {
        *after.leads["lead_id"], *after.events["lead_id"], *after.outcomes["lead_id"],
        *(after.changes["lead_id"] if after.changes is not None else ()),
    }  # fmt: skip
    most: Counter[Any] = Counter()
    of_each: Counter[Any] = Counter(_contents(before.events))
    for (lead, *content), count in of_each.items():
        key = (what.alias.get(lead, lead), *content)
        most[key] = max(most[key], count)
    assert Counter(_contents(after.events)) == most


def _contents(events: pd.DataFrame) -> list[tuple[Any, ...]]:
    pages = events["detail"].astype(object).where(events["detail"].notna(), None)
    return list(zip(events["lead_id"], events["occurred_at"], events["type"], pages, strict=True))


@given(LEADS, EVENTS, CHANGES, WHEN, st.randoms(use_true_random=False))
def test_the_order_of_leads_and_events_makes_no_difference(
    leads: Any, events: Any, changes: Any, moment: int, shuffle: random.Random
) -> None:
    before = company(leads, events, changes, [])
    order, acts = list(range(len(before.leads))), events[:]
    shuffle.shuffle(order)
    shuffle.shuffle(acts)
    mixed = company(leads, acts, changes, [])
    turned = Tables(
        leads=mixed.leads.iloc[order].reset_index(drop=True),
        events=mixed.events,
        changes=mixed.changes,
        outcomes=mixed.outcomes,
        extract_at=mixed.extract_at,
    )
    assert vectors(turned, day(moment)) == vectors(before, day(moment))
