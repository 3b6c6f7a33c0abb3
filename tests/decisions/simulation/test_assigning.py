from collections import Counter
from typing import Any

from made_pasts import a_lead, a_past, facts_on

from decisions.deciding import Decider
from decisions.policy import policy_of_text
from decisions.routing.rep import Rep
from decisions.simulation import Past, Sales, simulate
from decisions.simulation.assigning import NEVER, Assigning, Given

POLICY = policy_of_text("score_threshold = 70")


def reps(**weights: int) -> dict[str, Rep]:
    return {name: Rep(rep_id=name, name=name, queues={"sales": weight}) for name, weight in weights.items()}


def given(lead_id: str, on: float = 0, *, until: int = NEVER, days: int = 1, **said: Any) -> Given:
    facts = facts_on(on, 80, **said)
    return Given(lead_id, facts, Decider(POLICY).decide(facts), until, days)


def test_reps_get_leads_by_their_weights() -> None:
    assigning = Assigning(POLICY, reps(ann=3, ben=1))
    got = Counter(assigning.give(given(f"L{number}")) for number in range(40))
    assert got == {"ann": 30, "ben": 10}


def test_a_lead_that_comes_back_and_its_company_go_to_the_same_rep() -> None:
    assigning = Assigning(POLICY, reps(ann=1, ben=1))
    first = assigning.give(given("a", email_domain="acme.example"))
    assert assigning.give(given("b", 0.1)) != first
    assert assigning.give(given("c", 0.2, email_domain="acme.example")) == first
    assert assigning.give(given("a", 9)) == first


def test_room_is_kept_to_by_day_and_at_once() -> None:
    limited = policy_of_text("[routing]\ncapacity_a_day = 2\ncapacity_open = 5")
    assigning = Assigning(limited, reps(ann=1))
    assert [assigning.give(given(f"a{n}")) for n in range(4)] == ["ann", "ann", None, None]
    assert [assigning.give(given(f"b{n}", 7, days=7)) for n in range(4)] == ["ann", "ann", "ann", None]
    ends = given("x", 20, until=facts_on(21, 1).as_of)
    free = Assigning(policy_of_text("[routing]\ncapacity_open = 1"), reps(ann=1))
    assert [free.give(ends), free.give(given("y", 20.5)), free.give(given("z", 21))] == ["ann", None, "ann"]


def test_without_reps_of_the_queue_a_lead_waits() -> None:
    assert Assigning(POLICY, {}).give(given("a")) is None


def test_the_load_of_reps_is_told_with_a_caution() -> None:
    past: Past = a_past(*(a_lead(f"L{n:02}", [80 if n % 2 else 65]) for n in range(20)))
    other = policy_of_text("score_threshold = 60")
    team = Sales(assigning=lambda policy: Assigning(policy, reps(ann=1, ben=1)).give)
    found = simulate((past, POLICY), (past, other), team)
    assert [(one.name, one.present.value, one.other.value) for one in found.of_reps] == [
        ("ann", 5, 10),
        ("ben", 5, 10),
    ]
    assert any("reps as they are now" in caution for caution in found.cautions)
