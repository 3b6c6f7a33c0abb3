import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from decisions.routing.case import Case, Routed
from decisions.routing.policy import DEFAULT_ROUTING, STEPS, QueueRules, Routing
from decisions.routing.rep import Load, Record, Rep
from decisions.routing.route import route
from decisions.routing.territory import territory
from decisions.routing.turns import Turns
from features.errors import InputError

NOW = 1_000
HOUR_US = 3_600_000_000


@dataclass(frozen=True)
class Opens:
    """Hours that begin at a moment, and do not end."""

    at: int | None

    def is_open(self, at: int) -> bool:
        return self.at is not None and at >= self.at

    def next_open(self, at: int) -> int | None:
        return None if self.at is None else max(at, self.at)


def rep(rep_id: str, **known: Any) -> Rep:
    return Rep(**{"rep_id": rep_id, "name": rep_id.capitalize(), "queues": {"sales": 1}, **known})


def routed(
    case: Case,
    reps: Sequence[Rep],
    policy: Routing | None = None,
    loads: dict[str, Load] | None = None,
    turns: Turns | None = None,
) -> Routed:
    return route(case, reps, loads or {}, turns or Turns(), policy or Routing(), NOW)


def said(routed: Routed) -> str:
    return "\n".join(step.words for step in routed.trace)


ANA, BEN = rep("ana"), rep("ben")

NARROWING = {
    "territory": (
        {"country": "Germany", "postcode": "80 331"},
        {"territories": ("DE:80*",)},
        {"territories": ("US",)},
    ),
    "product": ({"products": ("Crm",)}, {"products": ("crm", "erp")}, {"products": ("erp",)}),
    "language": ({"language": "fr"}, {"languages": ("FR", "en")}, {"languages": ("en",)}),
    "industry": ({"industry": "software"}, {"industries": ("software",)}, {"industries": ("retail",)}),
    "size": ({"size": "enterprise"}, {"company_sizes": ("enterprise",)}, {"company_sizes": ("small",)}),
    "seniority": ({"seniority": "c-level"}, {"seniority": "senior"}, {"seniority": "junior"}),
}  # fmt: skip


def test_the_default_is_what_its_lines_say() -> None:
    assert Routing.model_validate(tomllib.loads(DEFAULT_ROUTING)["routing"]) == Routing()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"steps": ["owner", "owner"]}, "named once"),
        ({"steps": ["shoe size"]}, "shoe size"),
        ({"fallback_queue": "nobody"}, "there is no"),
        ({"queues": {"sales": {"nobody_at_work": ["night"]}}}, "night"),
        ({"queues": {"sales": {"choose": "random"}}}, "random"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_section_that_cannot_hold_is_refused(content: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Routing.model_validate(content)


@pytest.mark.parametrize("step", list(NARROWING))
def test_each_step_narrows_and_is_skipped_where_the_policy_leaves_it_out(step: str) -> None:
    asked, takes, takes_not = NARROWING[step]
    reps = [rep("ana", **takes_not), rep("ben", **takes)]
    for _ in range(2):  # whoever stands first
        found = routed(Case(**asked), reps)
        assert found.rep_id == "ben"
        assert "taken by Ben, 1 of 2" in said(found)
        reps.reverse()
    without = Routing(steps=tuple(name for name in STEPS if name != step))
    assert step not in {one.step for one in routed(Case(**asked), reps, without).trace}


@pytest.mark.parametrize("step", list(NARROWING))
def test_a_step_that_would_leave_nobody_is_passed_over_and_says_so(step: str) -> None:
    asked, _, takes_not = NARROWING[step]
    found = routed(Case(**asked), [rep("ana", **takes_not)])
    assert found.rep_id == "ana"
    assert "passed over" in said(found)


@pytest.mark.parametrize("step", list(NARROWING))
def test_whoever_states_nothing_takes_any(step: str) -> None:
    asked, _, takes_not = NARROWING[step]
    assert routed(Case(**asked), [rep("ana", **takes_not), BEN]).rep_id == "ben"


@pytest.mark.parametrize(
    ("case", "by"),
    [
        (Case(owner="ben"), "owner"),
        (Case(duplicates_owner="ben"), "owner"),
        (Case(account_owner="ben", account_domain="acme.example"), "account_owner"),
        (Case(account_domain="shop.acme.example"), "named_accounts"),
        (Case(owner="ben", duplicates_owner="ana", account_owner="ana"), "owner"),
    ],
)
def test_who_has_the_lead_or_its_company_gets_it(case: Case, by: str) -> None:
    policy = Routing(named_accounts={"acme.example": "ben"})
    found = routed(case, [ANA, replace(BEN, queues={})], policy)
    assert (found.rep_id, found.by) == ("ben", by)
    assert "Ben, who gets it" in said(found)
    assert found.turns == Turns()  # it was nobody's turn


def test_the_order_of_the_naming_steps_is_the_policys() -> None:
    case = Case(owner="ana", account_owner="ben")
    assert routed(case, [ANA, BEN], Routing(steps=("account_owner", "owner"))).rep_id == "ben"


def test_a_named_account_may_go_to_a_queue() -> None:
    policy = Routing(
        queues={"sales": QueueRules(), "key accounts": QueueRules()},
        named_accounts={"acme.example": "key accounts"},
    )
    found = routed(Case(account_domain="acme.example"), [ANA, rep("ben", queues={"key accounts": 1})], policy)
    assert (found.rep_id, found.queue) == ("ben", "key accounts")


@pytest.mark.parametrize(
    ("owner", "load", "why"),
    [
        ({"status": "left"}, Load(), "has left"),
        ({"status": "away"}, Load(), "is away"),
        ({"hours": Opens(NOW + 25 * HOUR_US)}, Load(), "is not at work within 24 hours"),
        ({"hours": Opens(None)}, Load(), "is not at work within 24 hours"),
        ({"capacity_open": 3}, Load(open_now=3), "has 3 open leads, of 3"),
        ({"capacity_a_day": 2}, Load(given_today=2), "was given 2 leads today, of 2"),
    ],
)
def test_an_owner_who_cannot_keep_it_is_passed_over_and_it_is_said_why(
    owner: dict[str, Any], load: Load, why: str
) -> None:
    found = routed(Case(owner="ana"), [rep("ana", **owner), BEN], loads={"ana": load})
    assert found.rep_id == "ben"
    assert f"The lead is already with Ana, who {why}" in said(found)


def test_an_owner_is_found_whatever_the_capitals_and_an_unknown_one_is_named() -> None:
    assert routed(Case(owner="ANA"), [ANA, BEN]).by == "owner"
    assert routed(Case(owner="ANA", barred=frozenset({"ana"})), [ANA, BEN]).rep_id == "ben"
    assert "'zoe', who is not known here" in said(routed(Case(owner="zoe"), [ANA]))


def test_an_owner_who_is_back_tomorrow_keeps_it() -> None:
    found = routed(Case(owner="ana"), [rep("ana", hours=Opens(NOW + 24 * HOUR_US)), BEN])
    assert found.rep_id == "ana"


def test_who_gave_a_lead_back_does_not_get_it_again() -> None:
    assert routed(Case(owner="ana", barred=frozenset({"ana"})), [ANA, BEN]).rep_id == "ben"
    assert routed(Case(barred=frozenset({"ana", "ben"})), [ANA, BEN]).rep_id is None


@pytest.mark.parametrize(
    ("known", "load"),
    [
        ({"status": "away"}, Load()),
        ({"status": "left"}, Load()),
        ({"hours": Opens(NOW + 1)}, Load()),
        ({"capacity_a_day": 0}, Load()),
        ({"capacity_open": 5}, Load(open_now=5)),
        ({}, Load(given_today=7)),
    ],
)
def test_who_is_not_there_or_full_gets_nothing(known: dict[str, Any], load: Load) -> None:
    policy = Routing(capacity_a_day=7)
    for _ in range(3):
        found = routed(Case(), [rep("ana", **known), BEN], policy, {"ana": load})
        assert found.rep_id == "ben"
    alone = routed(Case(), [rep("ana", **known)], policy, {"ana": load})
    assert alone.rep_id is None
    assert alone.asks_acknowledgement


def test_where_nobody_is_at_work_the_queues_named_are_asked_in_order_then_the_fallback() -> None:
    policy = Routing(
        queues={
            "sales": QueueRules(),
            "emea": QueueRules(nobody_at_work=("us", "apac")),
            "us": QueueRules(),
            "apac": QueueRules(),
        }
    )
    sleeps = {"hours": Opens(NOW + 10)}
    emea, us = rep("ana", queues={"emea": 1}, **sleeps), rep("ben", queues={"us": 1})
    apac, sales = rep("cy", queues={"apac": 1}), rep("dora", queues={"sales": 1})
    asked = Case(queue="emea")
    assert routed(asked, [emea, us, apac, sales], policy).rep_id == "ben"
    assert routed(asked, [emea, replace(us, **sleeps), apac, sales], policy).rep_id == "cy"
    found = routed(asked, [emea, replace(us, **sleeps), sales], policy)
    assert (found.rep_id, found.queue) == ("dora", "sales")
    nobody = routed(asked, [emea, replace(sales, hours=Opens(NOW + 5))], policy)
    assert (nobody.rep_id, nobody.queue, nobody.look_again_at) == (None, "emea", NOW + 5)
    assert nobody.asks_acknowledgement
    assert "acknowledgement" in said(nobody)


def test_a_queue_that_is_not_there_is_the_fallback() -> None:
    assert routed(Case(queue="no such"), [ANA]).queue == "sales"
    assert "There is no queue 'no such'" in said(routed(Case(queue="no such"), [ANA]))


def test_reps_claim_from_a_queue_that_says_so() -> None:
    policy = Routing(queues={"sales": QueueRules(claim=True)})
    found = routed(Case(), [ANA, BEN], policy)
    assert (found.rep_id, found.by, found.asks_acknowledgement) == (None, "claim", False)
    assert routed(Case(owner="ana"), [ANA, BEN], policy).rep_id == "ana"


def test_least_loaded_is_relative_to_capacity() -> None:
    policy = Routing(queues={"sales": QueueRules(choose="least_loaded")}, capacity_open=10)
    loads = {"ana": Load(open_now=12), "ben": Load(open_now=5)}
    found = routed(Case(), [rep("ana", capacity_open=40), BEN], policy, loads)
    assert found.rep_id == "ana"


def test_the_fastest_and_the_best_fit_are_chosen_by_their_records() -> None:
    fastest = Routing(queues={"sales": QueueRules(choose="fastest")})
    loads = {
        "ana": Load(median_response_us=HOUR_US, responses=50, records={"industry=retail": Record(30, 70)}),
        "ben": Load(
            median_response_us=HOUR_US // 6, responses=50, records={"industry=retail": Record(10, 90)}
        ),
    }
    assert routed(Case(), [ANA, BEN], fastest, loads).rep_id == "ben"
    best = Routing(queues={"sales": QueueRules(choose="best_fit")})
    found = routed(Case(segments={"industry": "retail"}), [ANA, BEN], best, loads)
    assert found.rep_id == "ana"
    assert "Ana wins such leads most often (of industry retail" in said(found)


@pytest.mark.parametrize("choose", ["least_loaded", "fastest", "best_fit"])
def test_where_all_are_alike_nobody_is_favoured(choose: Any) -> None:
    policy, turns, chosen = Routing(queues={"sales": QueueRules(choose=choose)}), Turns(), []
    for _ in range(40):
        found = routed(Case(), [ANA, BEN], policy, turns=turns)
        turns = found.turns
        chosen.append(found.rep_id)
    assert 8 < chosen.count("ana") < 32


@given(st.permutations(["ana", "ben", "cy", "dora"]), st.integers(0, 20))
def test_the_same_arguments_give_the_same_answer_in_any_order(order: list[str], leads: int) -> None:
    turns, turns_of_order = Turns(), Turns()
    straight = [rep(rep_id, queues={"sales": 1 + len(rep_id)}) for rep_id in sorted(order)]
    for _ in range(leads):
        here = routed(Case(), straight, turns=turns)
        there = routed(
            Case(), [rep(one, queues={"sales": 1 + len(one)}) for one in order], turns=turns_of_order
        )
        assert here == there
        turns, turns_of_order = here.turns, there.turns


@pytest.mark.parametrize(
    ("pattern", "place", "holds"),
    [
        ("DE", ("Deutschland", None, None), True),
        ("de", ("AT", None, None), False),
        ("US-CA", ("USA", "ca", None), True),
        ("US-CA", ("USA", "US-CA", None), True),
        ("US-CA", ("US", None, "94105"), False),
        ("GB:SW1*", ("United Kingdom", None, "sw1a 2aa"), True),
        ("DE:80*", ("DE", None, "70173"), False),
        ("DE:8?331", ("DE", None, "80331"), True),
        ("DE", (None, None, "80331"), False),
    ],
)
def test_a_territory_holds_what_its_pattern_says(pattern: str, place: Any, holds: bool) -> None:
    assert territory(pattern).holds(*place) is holds


@pytest.mark.parametrize("pattern", ["", "Germany", "DE:", "DE-", "DE:[80]", "US-CALIF"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InputError, match="Write DE, US-CA"):
        territory(pattern)
