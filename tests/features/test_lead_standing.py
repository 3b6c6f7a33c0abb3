from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import a_mapping, tables

from features.history import History
from features.lead_standing import Act, Ending, raw_touches, standing_at
from features.snapshots import Lives
from features.vocabulary import TOUCH_TYPES

# Few moments, so that ties, and what lies just before and after a moment, come up all the time.
MOMENTS = st.integers(0, 9)
OUTCOMES = st.sampled_from(["won", "lost", "lost", "disqualified"])
ENDINGS = st.lists(st.builds(Ending, OUTCOMES, MOMENTS, MOMENTS), max_size=5)
ACTIONS = st.lists(st.tuples(st.builds(Act, MOMENTS, MOMENTS), st.booleans()), max_size=6)


def lives_of(endings: list[Ending], actions: list[tuple[Act, bool]], created_at: int) -> Lives:
    """The same rows as tables, of the one lead L-1."""
    outcomes = [
        {"lead_id": "L-1", "outcome": end.outcome, "occurred_at": end.occurred_at, "known_at": end.known_at}
        for end in endings
    ]
    events = [
        {
            "lead_id": "L-1",
            "type": "sales_call" if is_touch else "page_view",
            "is_touch": is_touch,
            "occurred_at": act.occurred_at,
            "known_at": act.known_at,
        }
        for act, is_touch in actions
    ]
    all_tables = tables(
        [{"lead_id": "L-1", "created_at": created_at}], events=events, outcomes=outcomes, extract_at=20
    )
    return Lives(all_tables, History(all_tables, a_mapping()))


@given(ENDINGS, ACTIONS, MOMENTS)
@pytest.mark.proof(part="standing")
def test_a_lead_is_open_when_it_is_open_to_those_who_learn_from_it(
    endings: list[Ending], actions: list[tuple[Act, bool]], created_at: int
) -> None:
    moments = np.arange(11)
    learned = lives_of(endings, actions, created_at).is_open(np.zeros(11, np.int64), moments)
    acts = [act for act, is_touch in actions if not is_touch]
    for as_of, is_open in zip(moments.tolist(), learned.tolist(), strict=True):
        standing = standing_at(endings, acts, as_of)
        assert is_open == (created_at <= as_of and standing == "open")
        wins = [end for end in endings if end.outcome == "won" and end.occurred_at <= as_of]
        assert (standing == "won") == bool(wins)
        losses = {end.outcome for end in endings if end.occurred_at <= as_of}
        assert standing in {"open", *losses}


def test_of_two_losses_the_last_says_how_the_lead_stands() -> None:
    losses = [Ending("disqualified", 5, 5), Ending("lost", 3, 3)]
    assert standing_at(losses, [], 4) == "lost"
    assert standing_at(losses, [Act(4, 4)], 5) == "disqualified"


def test_of_two_losses_at_one_time_the_later_in_order_counts() -> None:
    losses = [Ending("disqualified", 5, 5), Ending("lost", 5, 5)]
    assert standing_at(losses, [], 5) == "lost"
    assert standing_at(losses[::-1], [], 5) == "disqualified"


def test_touches_are_named_as_they_are_sent() -> None:
    events: dict[str, Any] = {
        "path": "events.csv",
        "lead_id": "lead_id",
        "occurred_at": "occurred_at",
        "type": "type",
        "types": {"Cold Call": "sales_call", "sms_sent": "sms", "Letter": "letter_sent"},
        "touches": ["letter_sent"],
    }
    section = a_mapping(events=events).events
    assert raw_touches(section) == (TOUCH_TYPES - {"sms_sent"}) | {"Cold Call", "Letter", "letter_sent"}
    assert raw_touches(None) == TOUCH_TYPES
