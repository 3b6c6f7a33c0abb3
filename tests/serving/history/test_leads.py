from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from threads import in_threads

from serving.history.events import EventSent, keep_events
from serving.history.identity import StoredLead, delete_lead, find_lead, held
from serving.history.leads import LeadKept, LeadSent, keep_leads
from serving.store.database import Store, StoreBusyError, to_json_text
from serving.store.schema import CHANGES, LEADS, STALE_LEADS

HOUR = 3_600_000_000
NOW = 1_000 * HOUR
WRITERS = 50


def put(
    store: Store, lead_id: str, cells: dict[str, Any], now: int, created_at: int | None = None
) -> LeadKept:
    [kept] = store.write(
        lambda connection: keep_leads(connection, [LeadSent(lead_id, created_at, cells)], now)
    )
    return kept


def found(store: Store, lead_id: str) -> StoredLead:
    with store.reading() as connection:
        lead = find_lead(connection, lead_id)
    assert lead is not None
    return lead


def changes_of(store: Store, number: int) -> list[tuple[str, int, Any]]:
    with store.reading() as connection:
        query = sa.select(CHANGES.c.column, CHANGES.c.changed_at, CHANGES.c.value)
        rows = connection.execute(query.where(CHANGES.c.lead == number).order_by(CHANGES.c.number))
        return [tuple(row) for row in rows]


def replayed(changes: list[tuple[str, int, Any]]) -> dict[str, Any]:
    cells = {column: value for column, _, value in changes}
    return {column: value for column, value in cells.items() if value is not None}


def marks(store: Store) -> dict[int, int]:
    with store.reading() as connection:
        rows = connection.execute(sa.select(STALE_LEADS.c.lead, STALE_LEADS.c.mark))
        return {row.lead: row.mark for row in rows}


def test_a_lead_that_is_sent_is_found_and_waits_for_its_score(store: Store) -> None:
    kept = put(store, "L-1", {"country": "DE", "size": None}, NOW)
    assert kept == LeadKept("L-1", kept.number, "created", ("country",))
    lead = found(store, "L-1")
    assert (lead.cells, lead.created_at, lead.arrived_at, lead.last.standing) == (
        {"country": "DE"},
        NOW,
        NOW,
        "open",
    )
    assert lead.last.score is None
    assert lead.aliases == ()
    assert marks(store) == {kept.number: 1}


def test_only_what_differs_is_a_change(store: Store) -> None:
    put(store, "L-1", {"country": "DE", "size": 420, "tools": ["a", "b"]}, NOW)
    again = put(store, "L-1", {"country": "DE", "tools": ["a", "b"]}, NOW + 1)
    assert (again.state, again.changed) == ("unchanged", ())
    assert found(store, "L-1").updated_at == NOW
    assert marks(store) == {again.number: 1}
    other = put(store, "L-1", {"country": None, "size": "420", "tools": ["b", "a"]}, NOW + 2)
    assert (other.state, other.changed) == ("changed", ("country", "size", "tools"))
    assert found(store, "L-1").cells == {"size": "420", "tools": ["b", "a"]}
    assert marks(store) == {again.number: 2}


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, False), (1, 1.0), ("1", 1), (["a"], "a")])
def test_cells_that_are_only_equal_in_python_differ(store: Store, one: Any, other: Any) -> None:
    put(store, "L-1", {"x": one}, NOW)
    assert put(store, "L-1", {"x": other}, NOW + 1).changed == ("x",)
    assert to_json_text(found(store, "L-1").cells["x"]) == to_json_text(other)


def test_what_arrives_within_an_hour_of_the_creation_is_known_from_it_on(store: Store) -> None:
    kept = put(store, "L-1", {"country": "DE"}, NOW, NOW - HOUR)
    put(store, "L-1", {"country": "FR"}, NOW + 1)
    assert changes_of(store, kept.number) == [
        ("country", NOW - HOUR, "DE"),
        ("country", NOW + 1, "FR"),
    ]


@pytest.mark.parametrize("created_at", [NOW - HOUR - 1, NOW + 1])
def test_what_arrives_later_or_before_is_known_from_its_arrival_on(store: Store, created_at: int) -> None:
    kept = put(store, "L-1", {"country": "DE"}, NOW, created_at)
    assert changes_of(store, kept.number) == [("country", NOW, "DE")]


def test_only_the_first_arrival_is_dated_back(store: Store) -> None:
    kept = put(store, "L-1", {}, NOW, NOW)
    put(store, "L-1", {"country": "DE"}, NOW + 5)
    assert changes_of(store, kept.number) == [("country", NOW + 5, "DE")]


def test_a_clock_that_stands_still_or_goes_back_leaves_the_changes_in_order(store: Store) -> None:
    kept = put(store, "L-1", {"n": 0}, NOW)
    for number, now in enumerate([NOW, NOW, NOW - HOUR], start=1):
        put(store, "L-1", {"n": number}, now)
    assert [moment for _, moment, _ in changes_of(store, kept.number)] == [NOW, NOW + 1, NOW + 2, NOW + 3]


@pytest.fixture
def undated(store: Store) -> int:
    """The number of a lead that was imported without a creation."""
    number = put(store, "L-1", {"size": 1}, NOW).number
    store.write(lambda c: c.execute(sa.update(LEADS).values(created_at=None)))
    return number


def test_a_creation_that_was_not_known_is_kept_where_it_is_sent(store: Store, undated: int) -> None:
    kept = put(store, "L-1", {"size": 1}, NOW + 1, NOW - 9 * HOUR)
    assert (kept.state, kept.changed) == ("changed", ("created_at",))
    assert found(store, "L-1").created_at == NOW - 9 * HOUR
    assert marks(store) == {undated: 2}


@pytest.mark.usefixtures("undated")
@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_creation_that_nobody_tells_is_not_made_up(store: Store, *, is_deleted: bool) -> None:
    if is_deleted:
        store.write(partial(delete_lead, lead_id="L-1", now=NOW))
    assert put(store, "L-1", {"size": 2}, NOW + 1).changed == ("size",)
    assert found(store, "L-1").created_at is None


def test_a_lead_that_was_announced_is_created_on_its_arrival(store: Store) -> None:
    store.write(partial(held, lead_ids=["L-1"], now=NOW - HOUR))
    assert put(store, "L-1", {}, NOW).changed == ()
    assert found(store, "L-1").created_at == NOW


def test_a_creation_can_be_corrected_and_is_kept_where_it_is_not_sent(store: Store) -> None:
    put(store, "L-1", {}, NOW, NOW - 5)
    assert put(store, "L-1", {}, NOW + 1).state == "unchanged"
    again = put(store, "L-1", {}, NOW + 2, NOW - 9)
    assert (again.state, again.changed) == ("changed", ("created_at",))
    assert found(store, "L-1").created_at == NOW - 9


def test_a_lead_that_was_only_announced_is_created_when_it_is_sent(store: Store) -> None:
    store.write(lambda connection: keep_events(connection, [EventSent("L-1", "page_view", 1)], NOW - 5))
    with store.reading() as connection:
        assert find_lead(connection, "L-1") is None
    kept = put(store, "L-1", {"country": "DE"}, NOW, NOW - HOUR)
    assert (kept.state, kept.changed) == ("created", ("country",))
    assert changes_of(store, kept.number) == [("country", NOW - HOUR, "DE")]
    assert found(store, "L-1").arrived_at == NOW


def test_a_deleted_lead_is_gone_until_it_is_sent_again(store: Store) -> None:
    kept = put(store, "L-1", {"country": "DE"}, NOW)
    assert store.write(lambda connection: delete_lead(connection, "L-1", NOW + 1))
    assert not store.write(lambda connection: delete_lead(connection, "L-1", NOW + 2))
    assert not store.write(lambda connection: delete_lead(connection, "nobody", NOW + 2))
    with store.reading() as connection:
        assert find_lead(connection, "L-1") is None
    assert marks(store) == {}
    again = put(store, "L-1", {"size": 1}, NOW + 3)
    assert again == LeadKept("L-1", kept.number, "revived", ("size",))
    assert found(store, "L-1").cells == {"country": "DE", "size": 1}
    assert marks(store) == {kept.number: 1}


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=5),
    st.lists(st.sampled_from(["crm", "mail", "Größe"]), max_size=2),
)
UPSERTS = st.lists(
    st.tuples(
        st.sampled_from(["one", "other"]),
        st.dictionaries(st.sampled_from(["a", "b", 'Größe, "x" [y]']), CELLS, max_size=3),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=8,
)
EXAMPLES = count()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(UPSERTS, st.booleans())
@pytest.mark.proof(part="upserts")
def test_any_upserts_give_the_cells_of_a_plain_dictionary_and_changes_that_give_them_again(
    store: Store, upserts: list[tuple[str, dict[str, Any], int]], together: bool
) -> None:
    example = next(EXAMPLES)
    sent = [(LeadSent(f"{name}-{example}", None, cells), NOW + later) for name, cells, later in upserts]
    if together:
        kept = store.write(lambda connection: keep_leads(connection, [lead for lead, _ in sent], NOW))
    else:
        kept = [put(store, lead.lead_id, dict(lead.cells), now) for lead, now in sent]
    model: dict[str, dict[str, Any]] = {}
    for lead, said in zip((lead for lead, _ in sent), kept, strict=True):
        was = model.setdefault(lead.lead_id, {})
        differing = [c for c, v in lead.cells.items() if to_json_text(was.get(c)) != to_json_text(v)]
        assert said.changed == tuple(differing)
        was |= lead.cells
    for said in kept:
        expected = {c: v for c, v in model[said.lead_id].items() if v is not None}
        changes = changes_of(store, said.number)
        # As text, in which 1, 1.0 and true are not the same.
        assert as_text(found(store, said.lead_id).cells) == as_text(expected)
        assert as_text(replayed(changes)) == as_text(expected)
        moments = [moment for _, moment, _ in changes]
        assert moments == sorted(moments)
        assert len({(column, moment) for column, moment, _ in changes}) == len(changes)


def as_text(cells: dict[str, Any]) -> str:
    return to_json_text(dict(sorted(cells.items())))


def count_up(connection: sa.Connection, now: int) -> None:
    """What reads before it writes: it holds the lead first."""
    held(connection, ["L-1"])
    lead = find_lead(connection, "L-1")
    assert lead is not None
    keep_leads(connection, [LeadSent("L-1", None, {"counted": lead.cells.get("counted", 0) + 1})], now)


def until_done(work: Callable[[], object]) -> None:
    """There are more writers than connections: who gets none in time tries again, as a client would."""
    while True:
        try:
            work()
        except StoreBusyError:
            continue
        return


@pytest.mark.proof(part="writers")
def test_fifty_writers_of_one_lead_lose_no_update(
    store: Store, proof_size: Callable[[int, int], int], record_property: Callable[[str, object], None]
) -> None:
    rounds = proof_size(4, 200)
    clock = count(NOW)
    put(store, "L-1", {}, NOW)

    def write(name: str) -> None:
        for number in range(rounds):
            cells = {name: number, "last": f"{name}, {number}"}
            until_done(lambda cells=cells: put(store, "L-1", cells, next(clock)))
            until_done(lambda: store.write(lambda connection: count_up(connection, next(clock))))

    names = [f"writer {number}" for number in range(WRITERS)]
    in_threads([partial(write, name) for name in names])
    lead = found(store, "L-1")
    changes = changes_of(store, lead.number)
    assert lead.cells == replayed(changes)
    assert lead.cells == dict.fromkeys(names, rounds - 1) | {
        "counted": WRITERS * rounds,
        "last": lead.cells["last"],
    }
    # Every write was one change of one of these two, later than all before it.
    writes = [(moment, value) for column, moment, value in changes if column in {"counted", "last"}]
    moments = [moment for moment, _ in writes]
    assert moments == sorted(set(moments))
    sent = {f"{name}, {number}" for name in names for number in range(rounds)}
    assert {value for _, value in writes} == sent | set(range(1, WRITERS * rounds + 1))
    record_property("writes", len(writes))
