"""No example sees its own future, and no lead sees another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import a_mapping, dated_company, day, tables

from features.columns import Column
from features.history import History
from features.snapshots import Lives
from features.spec import FeatureSpec
from features.vectors import vectorise

if TYPE_CHECKING:
    import random

AS_OF = day(50)
MAPPING = a_mapping(
    changes={
        "path": "changes.csv", "lead_id": "lead_id", "column": "column",
        "changed_at": "changed_at", "value": "value",
    },
    accounts=[
        {"path": f"{n}.csv", "key": "domain", "lead_key": "email", "known_from": "known_from",
        "origin": origin}
        for n, origin in enumerate(["enriched", "third-party"])
    ],
)  # fmt: skip
SPEC = FeatureSpec(
    columns=(
        Column(name="employees", kind="number", family="fit"),
        Column(name="tier", kind="category", family="fit", vocabulary=("A", "B")),
        Column(name="size", kind="category", family="fit", vocabulary=("S", "L")),
        Column(name="email", kind="email", family="fit"),
    ),
    unused=(),
    event_keys=("email_opened", "page_view", "page_view.pricing", "sales_call"),
    touch_keys=("sales_call",),
    has_age=True,
    has_events=True,
    missing=(),
    decimal=".",
)
LEADS = ("L-0", "L-1", "L-2")
BEFORE = st.one_of(st.integers(0, 50).map(day), st.just(AS_OF))
AFTER = st.one_of(st.integers(51, 90).map(day), st.just(AS_OF + 1))
ANY = st.one_of(BEFORE, AFTER)


def events(occurred: Any, known: Any) -> Any:
    return st.fixed_dictionaries(
        {
            "lead_id": st.sampled_from(LEADS),
            "occurred_at": occurred,
            "known_at": known,
            "type": st.sampled_from(["page_view", "email_opened", "badge_scanned"]),
            "page": st.sampled_from([None, "pricing", "blog"]),
            "is_touch": st.just(False),
        }
    ) | st.fixed_dictionaries(
        {
            "lead_id": st.sampled_from(LEADS),
            "occurred_at": occurred,
            "known_at": known,
            "type": st.just("sales_call"),
            "is_touch": st.just(True),
        }
    )


def changes(when: Any) -> Any:
    values = st.sampled_from(
        [("tier", "A"), ("tier", "B"), ("tier", None), ("employees", "12"), ("employees", 7)]
        + [("email", f"q@{domain}") for domain in ("acme.example", "firm.example", "freemail.example")]
    )
    return st.tuples(st.sampled_from(LEADS), when, values).map(
        lambda drawn: {
            "lead_id": drawn[0],
            "column": drawn[2][0],
            "changed_at": drawn[1],
            "value": drawn[2][1],
        }
    )


def accounts(when: Any) -> Any:
    keys = st.sampled_from(["acme.example", "firm.example"])
    row = {"key": keys, "known_from": when, "size": st.sampled_from(["S", "L", None])}
    # The second table speaks of a column of the leads' own, too.
    row |= {"tier": st.sampled_from(["A", "B", "n/a"]), "table": st.sampled_from([0, 1])}
    return st.fixed_dictionaries(row)


def outcomes(occurred: Any, known: Any) -> Any:
    return st.fixed_dictionaries(
        {
            "lead_id": st.sampled_from(LEADS),
            "occurred_at": occurred,
            "known_at": known,
            "outcome": st.sampled_from(["won", "lost", "disqualified"]),
        }
    )


@dataclass(frozen=True)
class World:
    """What was known at `AS_OF`, or what came later."""

    events: list[Any]
    changes: list[Any]
    accounts: list[Any]
    outcomes: list[Any]

    def and_then(self, later: World, shuffle: random.Random) -> World:
        """Return both, mixed; what is at one time in the table of changes keeps its order."""
        mixed = [*self.events, *later.events]
        shuffle.shuffle(mixed)
        return World(
            mixed,
            [*later.changes, *self.changes],
            [*later.accounts, *self.accounts],
            [*later.outcomes, *self.outcomes],
        )


PAST = st.builds(
    World,
    st.lists(events(BEFORE, BEFORE), max_size=10),
    st.lists(changes(BEFORE), max_size=5),
    st.lists(accounts(BEFORE), max_size=3),
    st.lists(outcomes(BEFORE, BEFORE), max_size=2),
)
FUTURE = st.builds(
    World,
    st.lists(events(AFTER, ANY) | events(ANY, AFTER), max_size=8),
    st.lists(changes(AFTER), max_size=4),
    st.lists(accounts(AFTER), max_size=3),
    st.lists(outcomes(AFTER, AFTER), max_size=3),
)


def emails(leads: tuple[str, ...] = LEADS) -> dict[str, str]:
    domains = ["acme.example", "firm.example", "freemail.example"]
    return {lead: f"p@{domains[number % 3]}" for number, lead in enumerate(leads)}


def rows(leads: tuple[str, ...] = LEADS) -> list[dict[str, Any]]:
    return [
        {
            "lead_id": lead,
            "created_at": day(number),
            "employees": "5",
            "tier": "B",
            "email": emails(leads)[lead],
        }
        for number, lead in enumerate(leads)
    ]


def dated(world: World) -> World:
    """Give every column of every lead a history, so that no value of the table itself is of later."""
    first = [
        {"lead_id": lead, "column": column, "changed_at": day(0), "value": value}
        for lead in LEADS
        for column, value in (("tier", "A"), ("employees", "3"), ("email", emails()[lead]))
    ]
    return World(world.events, [*first, *world.changes], world.accounts, world.outcomes)


def of_table(world: World, number: int) -> list[dict[str, Any]]:
    """The rows of one of the two tables of accounts, which is never quite empty."""
    nobody = {"key": "nobody.example", "known_from": None, "size": None, "tier": None, "table": number}
    rows = [nobody, *(row for row in world.accounts if row["table"] == number)]
    return [{name: cell for name, cell in row.items() if name != "table"} for row in rows]


def history_of(world: World, leads: list[dict[str, Any]] | None = None) -> tuple[History, Lives]:
    all_tables = tables(
        leads or rows(),
        events=world.events,
        changes=world.changes,
        accounts=of_table(world, 0),
        more_accounts=[of_table(world, 1)],
        outcomes=world.outcomes,
    )
    history = History(all_tables, MAPPING)
    return history, Lives(all_tables, history)


def seen(world: World) -> tuple[bytes, list[bool]]:
    """Return the vectors of all leads at `AS_OF`, to the bit, and whether they were open."""
    history, lives = history_of(world)
    every, moments = np.arange(len(LEADS)), np.full(len(LEADS), AS_OF)
    return vectorise(SPEC, history.at(every, moments)).values.tobytes(), lives.is_open(
        every, moments
    ).tolist()


@given(PAST, FUTURE, FUTURE, st.randoms(use_true_random=False))
@pytest.mark.proof(part="no-future")
def test_nothing_that_came_or_was_known_later_moves_a_feature(
    past: World, future: World, other: World, shuffle: random.Random
) -> None:
    now = seen(past)
    assert seen(past.and_then(future, shuffle)) == now
    assert seen(past.and_then(other, shuffle)) == now


@given(PAST, st.randoms(use_true_random=False))
def test_the_order_of_events_in_their_table_moves_no_feature(past: World, shuffle: random.Random) -> None:
    assert seen(past.and_then(World([], [], [], []), shuffle)) == seen(past)


@given(PAST, st.integers(1, 4))
def test_adding_unrelated_leads_moves_no_feature(past: World, more: int) -> None:
    strangers = tuple(f"L-{number}" for number in range(5, 5 + more))
    for_them = [{**event, "lead_id": strangers[0]} for event in past.events]
    crowded = World([*for_them, *past.events], past.changes, past.accounts, past.outcomes)
    alone, _ = history_of(past)
    together, _ = history_of(crowded, [*rows(strangers), *rows()])
    every, moments = np.arange(len(LEADS)), np.full(len(LEADS), AS_OF)
    theirs = vectorise(SPEC, together.at(every + more, moments)).values
    assert theirs.tobytes() == vectorise(SPEC, alone.at(every, moments)).values.tobytes()


@given(st.lists(st.tuples(st.integers(0, 399), st.integers(0, 390)), min_size=1, max_size=20))
def test_any_leads_at_any_moments_in_any_order_give_the_bits_of_each_alone(
    pairs: list[tuple[int, int]],
) -> None:
    company = dated_company()
    spec = company.scorer.spec
    leads = np.asarray([lead for lead, _ in pairs], np.int64)
    moments = np.asarray([day(number) for _, number in pairs], np.int64)
    together = vectorise(spec, company.history.at(leads, moments)).values
    for row in range(len(pairs)):
        alone = vectorise(spec, company.history.at(leads[row : row + 1], moments[row : row + 1])).values
        assert alone.tobytes() == together[row].tobytes()


def test_the_law_sees_what_is_known_at_the_moment_itself() -> None:
    """The laws above would hold for a kernel that is blind: each kind of row at `AS_OF` must be seen."""
    nothing = seen(dated(World([], [], [], [])))
    act = {"lead_id": "L-0", "occurred_at": AS_OF, "known_at": AS_OF, "type": "page_view"}
    change = {"lead_id": "L-0", "column": "tier", "changed_at": AS_OF, "value": "B"}
    account = {"key": "acme.example", "known_from": AS_OF, "size": "S", "tier": None, "table": 0}
    moved = {"lead_id": "L-2", "column": "email", "changed_at": AS_OF, "value": "q@acme.example"}
    loss = {"lead_id": "L-0", "occurred_at": AS_OF, "known_at": AS_OF, "outcome": "lost"}
    for world in (
        World([act], [], [], []), World([], [change], [], []),
        World([], [], [account], []), World([], [], [{**account, "table": 1}], []),
        World([], [moved], [], []), World([], [], [], [loss]),
    ):  # fmt: skip
        assert seen(dated(world)) != nothing
