from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from decisions.routing.turns import LEAD, Turns, pool_key, safe_choices, take_turn

QUEUE = "sales"
REPS = ("ana", "ben", "cy", "dora", "eli", "fay")

weights = st.integers(1, 9) | st.sampled_from([1, 50, 100])
teams = st.dictionaries(st.sampled_from(REPS), weights, min_size=1)


@st.composite
def histories(draw: st.DrawFn, leads: int) -> list[tuple[Mapping[str, int], Mapping[str, int]]]:
    """Leads with the pool of each and who of it is eligible: absences and weights change in between."""
    groups = draw(st.lists(teams, min_size=1, max_size=3))
    told: list[tuple[Mapping[str, int], Mapping[str, int]]] = []
    while len(told) < leads:
        group = draw(st.sampled_from(groups))
        there = draw(st.lists(st.sampled_from(sorted(group)), min_size=1, unique=True))
        told += [(group, {rep: group[rep] for rep in there})] * draw(st.integers(1, 12))
    return told


def given_to(
    history: Sequence[tuple[Mapping[str, int], Mapping[str, int]]], turns: Turns | None = None
) -> list[tuple[str, Turns]]:
    turns, told = turns or Turns(), []
    for group, eligible in history:
        rep, turns = take_turn(turns, QUEUE, group, eligible)
        told.append((rep, turns))
    return told


def assert_shares(history: Sequence[tuple[Mapping[str, int], Mapping[str, int]]]) -> None:
    """Count anew, with exact fractions, from each change of a pool's eligible reps or weights on."""
    counted: dict[str, tuple[Mapping[str, int], Counter[str]]] = {}
    for (group, eligible), (chosen, _) in zip(history, given_to(history), strict=True):
        key = pool_key(group)
        if key not in counted or counted[key][0] != eligible:
            counted[key] = (eligible, Counter())
        counted[key][1][chosen] += 1
        total, leads = sum(eligible.values()), counted[key][1].total()
        assert chosen in eligible
        for rep, weight in eligible.items():
            assert abs(counted[key][1][rep] - Fraction(leads * weight, total)) < 1


@pytest.mark.proof(part="fairness")
def test_from_the_last_change_on_each_share_is_within_one_lead_of_the_weight(
    proof_size: Callable[[int, int], int], record_property: Callable[[str, object], None]
) -> None:
    record_property("histories", proof_size(60, 3_000))

    @settings(
        max_examples=proof_size(60, 3_000),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
    )
    @given(histories(proof_size(40, 120)))
    def holds(history: list[tuple[Mapping[str, int], Mapping[str, int]]]) -> None:
        assert_shares(history)

    holds()


@pytest.mark.proof(part="fairness")
def test_the_share_holds_for_many_leads_and_uneven_weights(proof_size: Callable[[int, int], int]) -> None:
    @settings(max_examples=proof_size(10, 200), deadline=None, database=None)
    @given(teams, st.just(proof_size(250, 3_000)))
    def holds(team: dict[str, int], leads: int) -> None:
        assert_shares([(team, team)] * leads)

    holds()


@pytest.mark.proof(part="fairness")
def test_what_is_carried_over_changes_and_overlapping_pools_stays_small(
    proof_size: Callable[[int, int], int], record_property: Callable[[str, object], None]
) -> None:
    """Nobody falls behind for good, whoever comes and goes."""
    most = [0.0]

    @settings(max_examples=proof_size(30, 1_000), deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories(proof_size(60, 300)))
    def holds(history: list[tuple[Mapping[str, int], Mapping[str, int]]]) -> None:
        for _, turns in given_to(history):
            most.append(max(abs(deficit) / LEAD for deficit in turns.carried.values()))
            assert most[-1] <= len(REPS) / 2

    holds()
    record_property("largest carried deficit", f"{max(most):.2f}")


def test_who_comes_second_by_weight_gets_leads_too_where_the_set_changes_with_each_lead() -> None:
    """Alone, each stretch of one lead would go to the largest weight."""
    group = {"ana": 2, "ben": 1, "cy": 1}
    history = [(group, group), (group, {"ana": 2, "ben": 1})] * 60
    got = Counter(rep for rep, _ in given_to(history))
    assert got["ana"] == pytest.approx(60 / 2 + 60 * 2 / 3, abs=2)
    assert got["ben"] == pytest.approx(60 / 4 + 60 / 3, abs=2)


def test_a_rep_of_two_pools_gets_no_double_share() -> None:
    """German leads go to Ana and Ben, French to Ben and Cy, by turns: his half of each is due to Ben."""
    german, french = {"ana": 1, "ben": 1}, {"ben": 1, "cy": 1}
    history = [(german, german), (french, french)] * 90
    got = Counter(rep for rep, _ in given_to(history))
    assert got["ben"] == pytest.approx(90, abs=1)
    assert got["ana"] == pytest.approx(45, abs=1)


@given(st.integers(1, 40), st.integers(1, 200), st.integers(1, 12))
def test_who_is_back_from_leave_gets_neither_a_flood_nor_a_penalty(
    before: int, away: int, after: int
) -> None:
    team = dict.fromkeys(("ana", "ben", "cy", "dora"), 1)
    without = {rep: 1 for rep in team if rep != "ana"}
    history = [(team, team)] * before + [(team, without)] * away + [(team, team)] * after
    chosen = [rep for rep, _ in given_to(history)][before + away :]
    assert abs(chosen.count("ana") - after / 4) < 1


def test_a_large_deficit_from_before_leave_is_brought_back_as_one_lead_at_most() -> None:
    team = {"ana": 1, "ben": 1}
    turns = given_to([(team, {"ben": 1})], Turns({}, {"ana": 40 * LEAD}))[-1][1]
    back = given_to([(team, team)], turns)[-1][1]
    assert back.carried["ana"] == LEAD + LEAD // 2 - LEAD


def test_ties_favour_nobody() -> None:
    """Each morning the whole team is new: the first lead of a day goes to everybody as often."""
    team = dict.fromkeys(REPS, 1)
    first = Counter(take_turn(Turns(), f"queue {day}", team, team)[0] for day in range(1200))
    assert set(first) == set(REPS)
    assert all(150 < count < 250 for count in first.values())


def test_the_order_within_a_round_is_another_each_time() -> None:
    team = dict.fromkeys(REPS, 1)
    chosen = [rep for rep, _ in given_to([(team, team)] * 60)]
    rounds = [tuple(chosen[start : start + 6]) for start in range(0, 60, 6)]
    assert all(set(one) == set(REPS) for one in rounds)
    assert len(set(rounds)) > 5


@given(teams, st.integers(0, 60))
def test_turns_depend_on_what_was_given_and_on_nothing_else(team: dict[str, int], leads: int) -> None:
    turned = dict(reversed(team.items()))
    straight = [rep for rep, _ in given_to([(team, team)] * leads)]
    assert straight == [rep for rep, _ in given_to([(turned, turned)] * leads)]


def test_whoever_must_have_the_next_lead_is_the_only_choice() -> None:
    team = {"ana": 3, "ben": 1}
    turns = given_to([(team, team)] * 3)[-1][1]
    pool = turns.queues[QUEUE].pools[pool_key(team)]
    assert safe_choices(pool) == [("ben" if pool.given.get("ben", 0) == 0 else "ana")]
    assert sum(pool.deficit(rep) for rep in team) == pytest.approx(0)
