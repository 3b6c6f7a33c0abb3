"""What a backtest learns at a moment rests on nothing that happened, or was known, after it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import TINY, a_mapping, day, generated_tables, tables

from features.history import History
from training.backtest.cadence import cadences_of
from training.backtest.known import known_at
from training.backtest.roll import backtest
from training.examples import cut_examples
from training.fitting.fit import learned_spec
from training.fitting.recipe import Recipe

if TYPE_CHECKING:
    from features.tables import Tables

MOMENT = 200
MAPPING = a_mapping()
LEADS = 120
BEFORE = st.integers(20, MOMENT).map(day)
AFTER = st.one_of(st.integers(MOMENT + 1, 390).map(day), st.just(day(MOMENT) + 1))
WHO = st.integers(0, LEADS - 1).map(lambda number: f"L-{number:05d}")


def outcomes(occurred: Any, known: Any) -> Any:
    return st.fixed_dictionaries({
        "lead_id": WHO, "occurred_at": occurred, "known_at": known,
        "outcome": st.sampled_from(["won", "lost", "disqualified"]),
    })  # fmt: skip


def acts(occurred: Any, known: Any) -> Any:
    return st.fixed_dictionaries({
        "lead_id": WHO, "occurred_at": occurred, "known_at": known, "is_touch": st.just(False),
        "type": st.sampled_from(["page_view", "email_opened"]),
    })  # fmt: skip


@cache
def past() -> tuple[list[Any], list[Any], list[Any]]:
    """All that was known at the moment, of leads that were there."""
    rows, events, ends = generated_tables(LEADS)
    for row in (*events, *ends):
        row["known_at"] = row["occurred_at"]
    now = day(MOMENT)
    return rows, [a for a in events if a["occurred_at"] <= now], [e for e in ends if e["occurred_at"] <= now]


def told(later_acts: list[Any], later_ends: list[Any], newcomers: int = 0) -> Tables:
    rows, events, ends = past()
    new = [{**rows[0], "lead_id": f"N-{n}", "created_at": day(MOMENT + 1 + n)} for n in range(newcomers)]
    return tables([*rows, *new], events=[*events, *later_acts], outcomes=[*ends, *later_ends])


def learned_from(all_tables: Tables) -> tuple[Any, ...]:
    """Everything that a fit at the moment is given: examples, census, labels, spec, vectors to the bit."""
    history = History(all_tables, MAPPING)
    given_to_fit = known_at(all_tables, history, day(MOMENT))
    spec = learned_spec(history, given_to_fit[0], Recipe())
    return spec.to_json(), *(
        (
            [history.lead_ids[lead] for lead in moments.lead],
            moments.as_of.tobytes(),
            moments.label.tobytes(),
            history.vectors(spec, moments.lead, moments.as_of).values.tobytes(),
        )
        for moments in given_to_fit
    )


@cache
def learned_from_the_past() -> tuple[Any, ...]:
    return learned_from(told([], []))


@given(
    st.lists(acts(AFTER, AFTER) | acts(BEFORE, AFTER), max_size=12),
    st.lists(outcomes(AFTER, AFTER) | outcomes(BEFORE, AFTER), max_size=12),
    st.integers(0, 3),
)
@pytest.mark.proof(part="no-future")
def test_a_poisoned_future_changes_nothing_of_what_is_learned_at_a_moment(
    later_acts: list[Any], later_ends: list[Any], newcomers: int
) -> None:
    assert learned_from(told(later_acts, later_ends, newcomers)) == learned_from_the_past()


def test_the_law_sees_what_was_known_at_the_moment_itself() -> None:
    """Else it would hold for a backtest that learns from nothing."""
    now = {"occurred_at": day(MOMENT - 10), "known_at": day(MOMENT)}
    rows, _, ends = past()
    ended = {end["lead_id"] for end in ends}
    lead = next(
        r["lead_id"] for r in rows if r["created_at"] < day(MOMENT - 40) and r["lead_id"] not in ended
    )
    assert learned_from(told([], [{"lead_id": lead, "outcome": "won", **now}])) != learned_from_the_past()


def rolled(ends: list[Any]) -> Any:
    """Roll over a whole company; the labels of its last rows are those of `ends`."""
    rows, events, known = generated_tables(300)
    all_tables = tables(rows, events=events, outcomes=[*known, *ends])
    examples = cut_examples(all_tables, MAPPING)
    return backtest(all_tables, examples, Recipe(boosting=TINY, folds=2), cadences_of("20 weeks,never"))


def test_labels_that_are_decided_after_the_last_row_move_no_probability() -> None:
    """Wins after the last foretold moment: labels and so log loss differ, what was said does not."""
    rows, _, known = generated_tables(300)
    ended = {end["lead_id"] for end in known}
    wins = [
        {"lead_id": row["lead_id"], "occurred_at": day(385), "outcome": "won"}
        for row in rows
        if row["lead_id"] not in ended
    ]
    plain, poisoned = rolled([]), rolled(wins)
    assert len(wins) > 50
    assert plain.rows == poisoned.rows
    for one, other in zip(plain.contenders, poisoned.contenders, strict=True):
        early = len(one.by_period) // 2
        assert one.by_period[:early] == other.by_period[:early]
        assert one.by_period[-1]["log_loss"] != other.by_period[-1]["log_loss"]
