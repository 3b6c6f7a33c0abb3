import pytest
import sqlalchemy as sa
from fake_assigning import RULES, FakeAssigning, keep_open_leads

from serving.selling.clocks.answering import (
    CLOCKS_DIFFER_US,
    Acknowledged,
    ContactKept,
    ContactMade,
    NotTheirsError,
    acknowledge,
    keep_contact,
)
from serving.selling.clocks.kept_clocks import ClocksKept, clocks_of_lead
from serving.selling.clocks.timers import settle_timers
from serving.store.database import Store
from serving.store.schema_selling import ASSIGNMENTS, LEAD_STATES, REP_CONTACTS

MINUTE_US = 60_000_000
NOW = 1_790_000_000_000_000


@pytest.fixture
def offered(store: Store) -> Store:
    """A store in which ann has lead 1, nobody has lead 2, and lead 3 waits."""
    keep_open_leads(store, 3)
    assigning = FakeAssigning(RULES)

    def assigned(connection: sa.Connection) -> None:
        assigning.assign(connection, "a1", 1, NOW)
        assigning.assign(connection, "a3", 3, NOW, rep=None, state="waiting")

    store.write(assigned)
    return store


def say(store: Store, rep: str | None, at: int, lead: int = 1, now: int | None = None) -> Acknowledged:
    return store.write(
        lambda connection: acknowledge(connection, lead, rep, at, RULES, at if now is None else now)
    )


def touch(
    store: Store, at: int, rep: str | None = "ann", lead: int = 1, outcome: str = "no_answer"
) -> ContactKept:
    made = ContactMade(rep=rep, at=at, channel="phone", outcome=outcome)  # type: ignore[arg-type]  # as sent
    return store.write(lambda connection: keep_contact(connection, lead, made, RULES, max(at, NOW)))


def clocks(store: Store, now: int) -> ClocksKept:
    with store.reading() as connection:
        return clocks_of_lead(connection, 1, now)[0]


def statuses(store: Store, now: int) -> dict[str, str]:
    found = clocks(store, now).timers
    return {
        f"{one.deadline.kind} {one.deadline.step}" if one.deadline.step else one.deadline.kind: one.status
        for one in found
    }


def test_the_first_acknowledgement_stands(offered: Store) -> None:
    assert say(offered, None, NOW + 5) == Acknowledged("a1", "ann", NOW + 5, is_new=True)
    assert say(offered, "ann", NOW + 9) == Acknowledged("a1", "ann", NOW + 5, is_new=False)


def test_an_acknowledgement_is_not_before_the_assignment(offered: Store) -> None:
    assert say(offered, "ann", NOW - 5, now=NOW).at == NOW


@pytest.mark.parametrize(("rep", "lead"), [("bob", 1), ("ann", 2), (None, 2), (None, 3), ("ann", 3)])
def test_nobody_acknowledges_what_another_has(offered: Store, rep: str | None, lead: int) -> None:
    with pytest.raises(NotTheirsError, match="not with this rep"):
        say(offered, rep, NOW, lead)


def test_the_same_contact_is_kept_once(offered: Store) -> None:
    assert touch(offered, NOW + 5) == ContactKept("ann", "a1", is_new=True)
    assert touch(offered, NOW + 5) == ContactKept("ann", "a1", is_new=False)
    assert touch(offered, NOW + 6, rep=None) == ContactKept("ann", "a1", is_new=True)
    with offered.reading() as connection:
        assert len(connection.execute(REP_CONTACTS.select()).all()) == 2
        this = sa.select(ASSIGNMENTS.c.contacted_at).where(ASSIGNMENTS.c.id == "a1")
        assert connection.execute(this).scalar_one() == NOW + 5


def test_a_contact_that_is_told_later_may_be_the_first(offered: Store) -> None:
    touch(offered, NOW + 9)
    touch(offered, NOW + 5)
    with offered.reading() as connection:
        this = sa.select(ASSIGNMENTS.c.contacted_at).where(ASSIGNMENTS.c.id == "a1")
        assert connection.execute(this).scalar_one() == NOW + 5


@pytest.mark.parametrize(
    ("rep", "at", "lead"),
    [("bob", NOW + 5, 1), ("ann", NOW + 5, 2), ("ann", NOW - CLOCKS_DIFFER_US, 1), ("ann", NOW + 5, 3)],
)
def test_a_contact_of_somebody_else_or_before_is_kept_and_counts_nowhere(
    offered: Store, rep: str, at: int, lead: int
) -> None:
    assert touch(offered, at, rep, lead) == ContactKept(rep, None, is_new=True)
    assert statuses(offered, NOW + 6)["first_contact"] == "running"


def test_a_contact_a_little_before_its_assignment_is_one_at_it(offered: Store) -> None:
    assert touch(offered, NOW - CLOCKS_DIFFER_US + 1).assignment_id == "a1"
    taken = clocks(offered, NOW + 5).response["first_contact"]
    assert taken is not None
    assert taken.by_wall_us == 0


@pytest.mark.parametrize("lead", [2, 3])
def test_a_contact_without_a_rep_needs_somebody_who_has_the_lead(offered: Store, lead: int) -> None:
    with pytest.raises(NotTheirsError, match="with nobody"):
        touch(offered, NOW, rep=None, lead=lead)


def test_what_was_kept_and_what_was_missed_is_told(offered: Store) -> None:
    say(offered, "ann", NOW + 4 * MINUTE_US)
    touch(offered, NOW + 61 * MINUTE_US)
    found = statuses(offered, NOW + 62 * MINUTE_US)
    assert found == {
        "warning": "missed",
        "acknowledge": "kept",
        "escalate": "kept",
        "reassign": "kept",
        "first_contact": "missed",
        "accept": "running",
        "follow_up 1": "running",
        "follow_up 2": "running",
        "end": "running",
    }
    response = clocks(offered, NOW + 62 * MINUTE_US).response
    assert response["acknowledge"] is not None
    assert response["acknowledge"].by_wall_us == response["acknowledge"].by_working_us == 4 * MINUTE_US
    assert response["accept"] is None


def test_what_nobody_owes_any_more_is_over(offered: Store) -> None:
    state = {
        "lead": 1, "decision_id": "d", "decided_at": NOW, "policy_sha256": "", "action": "route",
        "stage": "opportunity", "stage_since": NOW + 9, "temperature": "hot", "rule": "", "segments": {},
        "attributes": {},
    }  # fmt: skip
    touch(offered, NOW + 5)

    def moved(connection: sa.Connection) -> None:
        connection.execute(LEAD_STATES.insert().values(state))
        settle_timers(connection, ["a1"], RULES, NOW + 9)

    offered.write(moved)
    found = statuses(offered, NOW + 10**15)
    assert (found["follow_up 1"], found["end"], found["accept"]) == ("over", "over", "missed")
