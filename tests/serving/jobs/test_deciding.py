import sqlalchemy as sa
from decided_leads import DEFAULT, decide, stages_of, state_of
from fake_recorder import put_leads, waiting

from decisions.policy import policy_of_text
from serving.history.stale import mark_stale
from serving.jobs.deciding import PAUSE_US, ROUND_US, Deciding
from serving.selling.said import feedback
from serving.selling.standing.due_decisions import MANY_WAIT, mark_undecided
from serving.store.database import Store
from serving.store.schema import LEADS, STALE_LEADS

NOW = 1_795_253_400_000_000
DAY = 86_400_000_000


def settled(store: Store) -> None:
    store.write(lambda connection: connection.execute(sa.delete(STALE_LEADS)))


def job(store: Store, text: str = "") -> Deciding:
    policy = policy_of_text(text)
    return Deciding(store, lambda: policy)


def test_every_lead_that_is_shown_gets_a_decision(store: Store) -> None:
    decided, won, gone, merged, fresh = put_leads(store, 5)
    with_values = {won: {"standing": "won"}, gone: {"deleted_at": 1}, merged: {"merged_into": 1}}

    def stand(connection: sa.Connection) -> None:
        for lead, values in with_values.items():
            connection.execute(sa.update(LEADS).where(LEADS.c.number == lead).values(values))

    store.write(stand)
    decide(store, [decided], NOW)
    one = job(store)
    one.step(NOW + 1)
    assert waiting(store) == [won, fresh]
    settled(store)
    one.step(NOW + 2)
    assert waiting(store) == [], "not at once again"
    one.step(NOW + 2 + ROUND_US)
    assert waiting(store) == [won, fresh]


def test_all_leads_are_walked_along_however_many(store: Store) -> None:
    numbers = put_leads(store, 7)
    after: int | None = 0
    rounds = 0
    while after is not None:
        after = mark_undecided(store, after, 3, NOW).to
        rounds += 1
    assert (waiting(store), rounds) == (numbers, 3)


def test_a_lead_is_looked_at_again_on_its_date_and_once(store: Store) -> None:
    [lead] = put_leads(store, 1)
    student = {"relationship": "student"}
    decide(store, [lead], NOW, attributes=student)
    due = state_of(store, lead).look_again_at
    assert due == NOW + 365 * DAY
    one = job(store)
    one.step(due - 1)
    assert waiting(store) == []
    assert one.step(due - 1 + PAUSE_US)
    assert waiting(store) == [lead]
    settled(store)
    decide(store, [lead], due + PAUSE_US, attributes=student)
    one.step(due + 3 * PAUSE_US)
    assert waiting(store) == []


def test_an_override_and_a_ruling_out_end_at_their_moments(store: Store) -> None:
    over, out, other = numbers = put_leads(store, 3)
    decide(store, numbers, NOW, acts=1)

    def say(connection: sa.Connection) -> None:
        feedback.override(connection, over, {"action": "route"}, "vip", "boss", NOW, until=NOW + DAY)
        feedback.disqualified(connection, out, "spam", "made up", "rep", NOW, until=NOW + DAY)
        feedback.disqualified(connection, other, "spam", "made up", "rep", NOW)

    store.write(say)
    decide(store, numbers, NOW + 1, acts=1)
    settled(store)
    one = job(store)
    one.step(NOW + DAY - 1)
    assert waiting(store) == []
    one.step(NOW + DAY + PAUSE_US)
    assert waiting(store) == [over, out]
    decide(store, numbers, NOW + DAY + PAUSE_US, acts=1)
    assert [state_of(store, number).action for number in numbers] == ["nurture", "nurture", "out"]
    settled(store)
    one.step(NOW + DAY + 3 * PAUSE_US)
    assert waiting(store) == []


def test_who_was_given_back_for_a_while_is_where_the_policy_puts_him_then(store: Store) -> None:
    back, further = numbers = put_leads(store, 2)
    decide(store, numbers, NOW, score=90, acts=1)

    def say(connection: sa.Connection) -> None:
        for number in numbers:
            feedback.returned(connection, number, "too_early", "rep", NOW, policy=DEFAULT)
        feedback.accepted(connection, further, "rep", NOW + 5)

    store.write(say)
    decide(store, numbers, NOW + 9, score=90, acts=0)
    assert state_of(store, back).stage == "recycled"
    settled(store)
    job(store).step(NOW + 90 * DAY)
    assert waiting(store) == numbers
    decide(store, numbers, NOW + 91 * DAY, score=90, acts=1)
    assert [state_of(store, number).stage for number in numbers] == ["SQL", "SQL"]
    assert [one[1] for one in stages_of(store, further)] == ["offered", None, "accepted"]


def test_the_best_of_a_day_are_decided_on_when_places_are_free(store: Store) -> None:
    text = '[handoff]\nby = "capacity"\na_day = 1\n'
    numbers = put_leads(store, 3)
    each = {number: {"score": 50 + at, "acts": 1} for at, number in enumerate(numbers)}
    decide(store, numbers, NOW, each=each, policy=policy_of_text(text))
    one, policy = job(store, text), policy_of_text(text)
    one.step(NOW + 1)
    assert waiting(store) == [], "they have no scores yet"
    for number, said in each.items():
        new = sa.update(LEADS).where(LEADS.c.number == number).values(score=said["score"])
        store.write(lambda connection, new=new: connection.execute(new))
    for day, number in enumerate(reversed(numbers)):
        now = NOW + day * DAY + 2 * PAUSE_US
        one.step(now)
        assert waiting(store) == [number]
        settled(store)
        decide(store, [number], now, each=each, policy=policy)
        assert state_of(store, number).action == "route"
        one.step(now + 2 * PAUSE_US)
        assert waiting(store) == [], "one a day"


def test_while_many_wait_for_scores_nobody_is_the_best(store: Store) -> None:
    text = '[handoff]\nby = "capacity"\na_day = 1\n'
    first, *others = put_leads(store, MANY_WAIT + 1, score=50)
    decide(store, [first], NOW, acts=1)
    store.write(lambda connection: mark_stale(connection, others, NOW))
    one = job(store, text)
    one.step(NOW + 1)
    assert first not in waiting(store)
    store.write(
        lambda connection: connection.execute(sa.delete(STALE_LEADS).where(STALE_LEADS.c.lead == others[0]))
    )
    one.step(NOW + 2 * PAUSE_US)
    assert first in waiting(store)


def test_what_waits_already_is_left_as_it_is(store: Store) -> None:
    [lead] = put_leads(store, 1)
    store.write(lambda connection: mark_stale(connection, [lead], NOW))
    job(store).step(NOW + 1)
    with store.reading() as connection:
        assert connection.execute(sa.select(STALE_LEADS.c.mark)).scalar_one() == 1
