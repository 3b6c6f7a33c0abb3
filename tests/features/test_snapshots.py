from collections import Counter
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import START, a_mapping, day, tables

from features.durations import DAY_US
from features.history import History
from features.mapping import Mapping
from features.snapshots import Lives, Moments, census, flat_examples, snapshots
from features.tables import Tables

HORIZON = 30


def lives(
    outcomes: list[dict[str, Any]] | None = None,
    events: list[dict[str, Any]] | None = None,
    *,
    created_at: int = day(0),
    extract_at: int = day(400),
) -> tuple[History, Lives]:
    """Return the life of one lead, L-1."""
    lead = {"lead_id": "L-1", "created_at": created_at}
    all_tables = tables([lead], events=events or [], outcomes=outcomes or [], extract_at=extract_at)
    history = History(all_tables, a_mapping())
    return history, Lives(all_tables, history)


def an_end(outcome: str, number: float, known: float | None = None) -> dict[str, Any]:
    known_at = day(number if known is None else known)
    return {"lead_id": "L-1", "occurred_at": day(number), "known_at": known_at, "outcome": outcome}


def an_act(number: float, known: float | None = None, *, touch: bool = False) -> dict[str, Any]:
    known_at = day(number if known is None else known)
    kind = "sales_call" if touch else "page_view"
    return {
        "lead_id": "L-1",
        "occurred_at": day(number),
        "known_at": known_at,
        "type": kind,
        "is_touch": touch,
    }


def open_at(life: Lives, *numbers: float) -> list[bool]:
    moments = np.asarray([day(number) for number in numbers], np.int64)
    return life.is_open(np.zeros(len(moments), np.int64), moments).tolist()


def labels_at(life: Lives, *numbers: float) -> dict[float, float]:
    """Return the labels of the usable among some moments, by day."""
    moments = np.asarray([day(number) for number in numbers], np.int64)
    found = life.labelled(np.zeros(len(moments), np.int64), moments, HORIZON * DAY_US)
    return dict(zip(((found.as_of - START) / DAY_US).tolist(), found.label.tolist(), strict=True))


def test_a_lead_is_open_from_its_creation_on() -> None:
    _, life = lives(created_at=day(5))
    assert open_at(life, 4.99, 5, 300) == [False, True, True]


def test_a_won_lead_stays_won_whatever_it_does_later() -> None:
    _, life = lives([an_end("won", 10), an_end("lost", 20)], [an_act(15), an_act(25)])
    assert open_at(life, 9.99, 10, 16, 30) == [True, False, False, False]


@pytest.mark.parametrize("outcome", ["lost", "disqualified"])
def test_a_later_act_reopens_a_lost_lead_and_a_touch_or_an_earlier_act_does_not(outcome: str) -> None:
    _, life = lives([an_end(outcome, 10)], [an_act(5), an_act(12, touch=True), an_act(20)])
    assert open_at(life, 9.99, 10, 13, 19.99, 20, 30) == [True, False, False, False, True, True]


def test_an_act_at_the_very_time_of_the_loss_is_not_later() -> None:
    _, life = lives([an_end("lost", 10)], [an_act(10)])
    assert open_at(life, 11) == [False]


def test_a_lead_is_lost_again_by_a_second_loss() -> None:
    _, life = lives([an_end("lost", 10), an_end("lost", 30)], [an_act(20)])
    assert open_at(life, 15, 25, 35) == [False, True, False]


def test_a_loss_stands_from_when_it_was_known() -> None:
    _, life = lives([an_end("lost", 10, known=20)])
    assert open_at(life, 10, 19.99, 20) == [True, True, False]


def test_an_act_reopens_from_when_it_was_known() -> None:
    _, life = lives([an_end("lost", 10)], [an_act(15, known=18)])
    assert open_at(life, 17.99, 18) == [False, True]


def test_a_win_before_the_creation_leaves_nothing_to_learn() -> None:
    history, life = lives([an_end("won", 10)], created_at=day(20))
    assert open_at(life, 15, 20, 100) == [False, False, False]
    assert len(snapshots(history, life, a_mapping())) == 0
    assert len(census(history, life, a_mapping())) == 0


def test_a_win_counts_in_the_half_open_horizon_after_the_moment() -> None:
    _, life = lives([an_end("won", 100)])
    tick = 1 / DAY_US
    found = labels_at(life, 70 - tick, 70, 99, 100 - tick, 100, 101)
    assert list(found.values()) == [0.0, 1.0, 1.0, 1.0]
    assert labels_at(life, 100, 101) == {}


def test_an_early_win_inside_a_horizon_that_has_not_elapsed_is_left_out() -> None:
    _, life = lives([an_end("won", 380)], extract_at=day(400))
    assert labels_at(life, 365, 370, 370.5, 375) == {365: 1.0, 370: 1.0}


def test_a_second_win_changes_no_label() -> None:
    _, life = lives([an_end("won", 60), an_end("won", 20)])
    assert labels_at(life, 0, 10, 50) == {0: 1.0, 10: 1.0}


ENDS = st.lists(
    st.builds(
        lambda outcome, number, late: an_end(outcome, number, number + late),
        st.sampled_from(["won", "lost", "disqualified"]), st.integers(0, 60), st.integers(0, 9),
    ),
    max_size=4,
)  # fmt: skip
ACTS = st.lists(
    st.builds(
        lambda number, late, touch: an_act(number, number + late, touch=touch),
        st.integers(0, 60), st.integers(0, 9), st.booleans(),
    ),
    max_size=6,
)  # fmt: skip


@given(ENDS, ACTS, st.integers(0, 20), st.integers(40, 90))
def test_openness_and_labels_are_as_a_slow_reading_of_the_design(
    ends: list[dict[str, Any]], acts: list[dict[str, Any]], created: int, extract: int
) -> None:
    _, life = lives(ends, acts, created_at=day(created), extract_at=day(extract))
    ends = [end for end in ends if max(end["occurred_at"], end["known_at"]) <= day(extract)]
    slow = {}
    for number in range(70):
        now = day(number)
        losses = [
            end
            for end in ends
            if end["outcome"] != "won" and end["occurred_at"] <= now and end["known_at"] <= now
        ]
        seen = [a for a in acts if not a["is_touch"] and a["occurred_at"] <= now and a["known_at"] <= now]
        wins = [end["occurred_at"] for end in ends if end["outcome"] == "won"]
        standing = any(all(act["occurred_at"] <= loss["occurred_at"] for act in seen) for loss in losses)
        is_open = created <= number and not standing and all(win > now for win in wins)
        assert open_at(life, number) == [is_open]
        if is_open and number + HORIZON <= extract:
            slow[float(number)] = float(any(win <= now + HORIZON * DAY_US for win in wins))
    assert labels_at(life, *range(70)) == slow


def test_an_end_that_was_known_only_after_the_extract_is_no_part_of_it() -> None:
    _, life = lives([an_end("won", 20, known=401)])
    assert labels_at(life, 0, 10) == {0: 0.0, 10: 0.0}


def many(created: list[float], **training: Any) -> tuple[Tables, History, Lives, Mapping]:
    leads = [{"lead_id": f"L-{n}", "created_at": day(c)} for n, c in enumerate(created)]
    all_tables = tables(leads, events=[], outcomes=[], extract_at=day(100))
    mapping = a_mapping(training={"horizon": "30 days", **training})
    history = History(all_tables, mapping)
    return all_tables, history, Lives(all_tables, history), mapping


CREATED = st.lists(st.integers(0, 900).map(lambda tenth: tenth / 10), min_size=1, max_size=6)


@given(CREATED)
def test_the_census_holds_every_open_lead_at_every_monday_midnight(created: list[float]) -> None:
    _, history, life, mapping = many(created)
    found = census(history, life, mapping)
    slow = {
        (lead, day(7 * week)) for lead, c in enumerate(created) for week in range(11) if c <= 7 * week <= 70
    }
    assert Counter(zip(found.lead.tolist(), found.as_of.tolist(), strict=True)) == Counter(slow)
    for as_of in found.as_of.tolist():
        moment = datetime.fromtimestamp(as_of / 1e6, UTC)
        assert (moment.weekday(), moment.time()) == (0, datetime.min.time())


@given(CREATED)
def test_snapshots_lie_at_the_stated_ages_and_weigh_one_a_lead(created: list[float]) -> None:
    for training in ({}, {"snapshot_at": ["0 days", "14 days"]}, {"snapshot_every": "9 days"}):
        _, history, life, mapping = many(created, **training)
        found = snapshots(history, life, mapping)
        ages = {
            "snapshot_at": [0, 14], "snapshot_every": list(range(0, 100, 9)), "none": [0, 7, 30, 90, 180]
        }[next(iter(training), "none")]  # fmt: skip
        slow = Counter((n, day(c + age)) for n, c in enumerate(created) for age in ages if c + age <= 70)
        assert Counter(zip(found.lead.tolist(), found.as_of.tolist(), strict=True)) == slow
        totals = np.bincount(found.lead, weights=found.weight)
        np.testing.assert_allclose(totals[np.unique(found.lead)], 1.0, rtol=1e-12)


def test_a_census_of_snapshots_is_the_snapshots() -> None:
    _, history, life, mapping = many([0, 3.5], census="snapshots", snapshot_at=["14 days"])
    assert census(history, life, mapping).as_of.tolist() == [day(14), day(17.5)]


def test_flat_examples_are_the_rows_with_their_labels() -> None:
    all_tables, history, _, _ = many([0, 1, 2])
    flat = Tables(
        leads=all_tables.leads, label=all_tables.leads.index.to_series() % 2, extract_at=all_tables.extract_at
    )
    found = flat_examples(flat, history)
    assert found.label.tolist() == [0.0, 1.0, 0.0]
    with pytest.raises(TypeError, match="need a label"):
        flat_examples(all_tables, history)


def test_choosing_examples_keeps_their_order() -> None:
    moments = Moments(np.asarray([3, 1, 3]), np.asarray([30, 10, 31]), np.asarray([0.0, 1.0, 1.0]))
    chosen = moments.where(moments.lead == 3)
    assert chosen.as_of.tolist() == [30, 31]
    assert chosen.weight.tolist() == [0.5, 0.5]


def test_a_census_that_is_too_large_is_cut_by_rows_and_keeps_most_leads() -> None:
    _, history, life, mapping = many([tenth / 10 for tenth in range(400)])
    whole = census(history, life, mapping)
    some = census(history, life, mapping, size=len(whole) // 4)
    rows = set(zip(whole.lead.tolist(), whole.as_of.tolist(), whole.label.tolist(), strict=True))
    kept = list(zip(some.lead.tolist(), some.as_of.tolist(), some.label.tolist(), strict=True))
    assert kept == sorted(set(kept))
    assert set(kept) <= rows
    assert 0.2 * len(whole) < len(kept) <= len(whole) // 4
    assert len(np.unique(some.lead)) > 0.85 * len(np.unique(whole.lead))
