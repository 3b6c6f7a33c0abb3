import sqlalchemy as sa
from decided_leads import decide, state_of
from fake_recorder import put_leads

from decisions.policy import policy_of_text
from serving.selling.standing.best_of_day import BEYOND_ALL, best_of_day, cuts_of
from serving.selling.standing.how_leads_stand import held_of
from serving.store.database import Store
from serving.store.schema import LEADS

NOW = 1_795_253_400_000_000
DAY = 86_400_000_000
CAPACITY = policy_of_text('[handoff]\nby = "capacity"\na_day = 2\n')
VALUE = policy_of_text('[handoff]\nby = "value"\na_day = 1\n[handoff.value]\ndeal = 1000\ntouch_cost = 0\n')


def routed(store: Store, numbers: list[int]) -> list[int]:
    return [number for number in numbers if state_of(store, number).action == "route"]


def scored(store: Store, scores: list[int]) -> dict[int, dict[str, int]]:
    return {put_leads(store, 1, score=score)[0]: {"score": score, "acts": 1} for score in scores}


def test_the_best_of_the_day_are_handed_over_and_no_more_of_equal_ones(store: Store) -> None:
    leads = scored(store, [50, 90, 90, 90, 10])
    numbers = list(leads)
    decide(store, numbers, NOW, policy=CAPACITY, each=leads)
    assert routed(store, numbers) == numbers[1:3]
    decide(store, numbers, NOW + 1, policy=CAPACITY, each=leads)
    assert routed(store, numbers) == numbers[1:3], "all places of the day are taken, and nobody loses his"
    decide(store, numbers, NOW + DAY, policy=CAPACITY, each=leads)
    assert routed(store, numbers) == numbers[:4]


def test_a_raised_hand_takes_a_place_and_needs_none(store: Store) -> None:
    leads = scored(store, [90, 80, 70])
    first, second, third = leads
    decide(store, [third], NOW, policy=CAPACITY, each={third: {"score": 70, "raised": True}})
    decide(store, [first, second], NOW + 1, policy=CAPACITY, each=leads)
    assert routed(store, [first, second, third]) == [first, third]
    late = scored(store, [5])
    [one] = late
    decide(store, [one], NOW + 2, policy=CAPACITY, each={one: {"score": 5, "raised": True}})
    assert routed(store, [one]) == [one]


def test_who_was_never_scored_waits_until_it_is(store: Store) -> None:
    """However many come at once: what they will score is not known before, and there are never too many."""
    numbers = put_leads(store, 3)
    each = {number: {"score": 90, "acts": 1} for number in numbers}
    decide(store, numbers, NOW, policy=CAPACITY, each=each)
    assert routed(store, numbers) == []
    scores = sa.update(LEADS).values(score=90)
    store.write(lambda connection: connection.execute(scores))
    decide(store, numbers, NOW + 1, policy=CAPACITY, each=each)
    assert routed(store, numbers) == numbers[:2]


def test_a_new_model_hands_over_no_more_than_the_best_that_were_known(store: Store) -> None:
    leads = scored(store, [50, 40, 30])
    decide(
        store, list(leads), NOW, policy=CAPACITY, each={number: {"score": 99, "acts": 1} for number in leads}
    )
    assert routed(store, list(leads)) == list(leads)[:2]


def test_by_value_the_most_valuable_go_first_and_the_one_that_went_stays(store: Store) -> None:
    numbers = put_leads(store, 2)
    each = {numbers[0]: {"probability": 0.1, "acts": 1}, numbers[1]: {"probability": 0.4, "acts": 1}}
    decide(store, numbers, NOW, each=each)
    with store.reading() as connection:
        assert best_of_day(connection, VALUE.handoff, NOW) == {numbers[1]: 380.0}
    for moment in (NOW + 1, NOW + 2):
        decide(store, numbers, moment, policy=VALUE, each=each)
        assert routed(store, numbers) == [numbers[1]]
    decide(store, numbers, NOW + DAY, policy=VALUE, each=each)
    assert routed(store, numbers) == numbers


def test_without_a_limit_of_the_day_nothing_is_cut(store: Store) -> None:
    [lead] = put_leads(store, 1, score=90)
    with store.reading() as connection:
        assert cuts_of(connection, [lead], NOW, policy_of_text("").handoff) == {lead: None}
        assert held_of(connection, [lead], NOW)[lead].cut is None
    assert BEYOND_ALL["capacity"] > 99
