from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from some_facts import AS_OF, DAY_US, DEFAULT, facts

from decisions.deciding import Decider, Facts, Held, Override, RuledOut
from decisions.deciding.facts import facts_of, facts_text
from decisions.policy import Policy, policy_of_text

RULED = Decider(DEFAULT)
STAGES = [None, "IQL", "MQL", "PQL", "SQL", "opportunity", "recycled", "disqualified"]
ANSWERS = st.dictionaries(
    st.sampled_from(["budget", "authority", "need", "timeline"]), st.sampled_from(["yes", "no", "unknown"])
)
HELD = st.builds(
    Held,
    standing=st.sampled_from(["open", "open", "open", "won", "lost", "disqualified"]),
    stage=st.sampled_from(STAGES),
    since=st.integers(AS_OF - 100 * DAY_US, AS_OF),
    by_sales=st.booleans(),
    over_threshold=st.booleans(),
    bant=ANSWERS,
    lifted=st.sampled_from([(), ("student",), ("competitor", "student")]),
    ruled_out=st.none() | st.builds(RuledOut, category=st.just("other"), by=st.just("R-1"), until=st.none()),
)
COUNT = st.sampled_from([0, 0, 0, 1, 3, 12])


@st.composite
def some_facts(draw: st.DrawFn) -> Facts:
    acts = draw(st.integers(0, 20))
    return facts(
        score=draw(st.none() | st.integers(0, 99)),
        probability=draw(st.none() | st.floats(0, 1)),
        fit_score=draw(st.integers(0, 99)),
        grade=draw(st.sampled_from(["A1", "A2", "B2", "D4"])),
        rung=draw(st.sampled_from(["points", "blend", "model"])),
        acts=acts,
        days_since_act=draw(st.floats(0, 200)) if acts else 36_500.0,
        acts_30d=min(acts, draw(COUNT)),
        acts_90d=min(acts, draw(COUNT)),
        hand_raises=min(acts, draw(COUNT)),
        demos_14d=min(acts, draw(COUNT)),
        pricing_14d=min(acts, draw(COUNT)),
        limits_hit_30d=min(acts, draw(COUNT)),
        bounces_90d=draw(COUNT),
        employees=draw(st.none() | st.sampled_from([3, 70, 5_000.5])),
        studies=draw(st.booleans()),
        seniority=draw(st.sampled_from(["", "other", "head"])),
        relationship=draw(st.sampled_from(["", "competitor"])),
        do_not_contact=draw(st.sampled_from(["unknown", "unknown", "yes"])),
        email_consent=draw(st.sampled_from(["unknown", "yes", "no"])),
        held=draw(HELD),
    )


@given(some_facts())
def test_the_same_facts_give_the_same_decision_to_the_letter(known: Facts) -> None:
    decision = RULED.decide(known)
    assert decision == Decider(Policy()).decide(known) == RULED.decide(facts_of(facts_text(known)))
    assert facts_text(facts_of(facts_text(known))) == facts_text(known)


@given(some_facts())
def test_what_a_request_hears_is_what_is_decided(known: Facts) -> None:
    decision, (settled, temperature) = RULED.decide(known), RULED.settle(known)
    told = (
        settled.action,
        settled.stage,
        settled.queue,
        settled.track,
        settled.rule,
        settled.why,
        temperature,
    )
    assert told == tuple(
        getattr(decision, name)
        for name in ("action", "stage", "queue", "track", "rule", "why", "temperature")
    )


@given(some_facts())
def test_every_decision_is_whole(known: Facts) -> None:
    decision = RULED.decide(known)
    assert (decision.action == "route") is (decision.queue is not None) is (decision.priority is not None)
    assert (decision.action == "nurture") is (decision.track is not None)
    assert decision.why.endswith(".")
    assert decision.trace[-1].rule == decision.rule
    assert decision.trace[-1].said == decision.why
    assert (known.held.standing == "won") is (decision.kind == "customer") is (decision.action == "none")


@given(some_facts())
def test_without_acts_a_lead_is_cold_whatever_its_score(known: Facts) -> None:
    decision = RULED.decide(known)
    assert known.acts > 0 or decision.temperature == "cold"


@given(some_facts())
def test_below_the_fit_threshold_nothing_but_a_raised_hand_makes_an_sql(known: Facts) -> None:
    fresh = replace(known, fit_score=10, held=Held())
    bold = policy_of_text("[stages.SQL]\nenter = 'true'\nleave = 'false'")
    for policy in (DEFAULT, bold):
        decision = Decider(policy).decide(fresh)
        assert decision.stage != "SQL" or decision.hand_raised


@given(some_facts())
def test_a_raised_hand_goes_to_a_person_whatever_speaks_against_it(known: Facts) -> None:
    standing = replace(known.held, standing="open", ruled_out=None)
    raised = replace(known, held=standing, history=known.history | {"hand_raises": 1})
    decision = RULED.decide(raised)
    assert decision.hand_raised
    if standing.stage != "recycled" or not standing.by_sales:
        assert decision.action == "route"


@given(st.lists(st.integers(66, 99), min_size=1, max_size=30))
def test_a_lead_at_the_edge_does_not_flap(scores: list[int]) -> None:
    held, sides = Held(), []
    for score in scores:
        decision = RULED.decide(facts(score=score, held=held))
        sides.append(decision.action)
        held = Held(stage=decision.stage, since=AS_OF, over_threshold=decision.over_threshold)
    assert sides.count("route") == 0 or "nurture" not in sides[sides.index("route") :]
    assert RULED.decide(facts(score=65, held=replace(held, over_threshold=True))).action == "route"
    assert RULED.decide(facts(score=64, held=replace(held, over_threshold=True))).action == "nurture"


@given(st.floats(0, 200), st.floats(0, 200))
def test_a_lead_never_warms_by_waiting(one: float, other: float) -> None:
    order = ["cold", "warm", "hot"]
    sooner, later = sorted([one, other])
    warm, warmer = (RULED.decide(facts(days_since_act=days)).temperature for days in (later, sooner))
    assert order.index(warm) <= order.index(warmer)


@pytest.mark.parametrize(
    ("answers", "qualified", "asked"),
    [
        ({"budget": "yes", "authority": "yes", "need": "yes"}, True, 0),
        ({"budget": "yes", "authority": "yes"}, False, 2),
        ({"budget": "yes", "authority": "yes", "need": "no"}, False, 1),
        ({}, False, 4),
    ],
)
def test_what_is_not_known_is_asked_for_and_never_counted_as_no(
    answers: dict[str, Any], qualified: bool, asked: int
) -> None:
    decision = RULED.decide(facts(score=80, held=Held(bant=answers)))
    assert (decision.qualified, decision.kind) == (qualified, "prospect" if qualified else "lead")
    assert len(decision.asks) == asked
    assert not RULED.decide(facts(score=80, fit_score=10, held=Held(bant=answers))).qualified


def test_a_disqualifier_that_somebody_lifted_rules_nobody_out() -> None:
    known = {"relationship": "competitor", "score": 80}
    assert RULED.decide(facts(**known)).action == "out"
    assert RULED.decide(facts(**known, held=Held(lifted=("competitor",)))).action == "route"


def test_an_override_holds_until_it_ends_and_is_in_the_trace() -> None:
    override = Override(by="R-7", reason="met at the fair", until=AS_OF + 1, action="route", queue="fair")
    decision = RULED.decide(facts(score=5, held=Held(override=override)))
    assert (decision.action, decision.queue, decision.rule) == ("route", "fair", "override")
    assert "R-7" in decision.why
    assert "met at the fair" in decision.why
    ended = Override(by="R-7", reason="met at the fair", until=AS_OF, action="route", queue="fair")
    assert RULED.decide(facts(score=5, held=Held(override=ended))).action == "nurture"


def test_a_lead_that_somebody_ruled_out_is_looked_at_again_when_they_said() -> None:
    ruled = RuledOut(category="no need", by="R-7", until=AS_OF + DAY_US)
    decision = RULED.decide(facts(score=80, held=Held(ruled_out=ruled)))
    assert (decision.action, decision.category, decision.look_again_at) == ("out", "no need", AS_OF + DAY_US)
    assert (
        RULED.decide(replace(facts(score=80, held=Held(ruled_out=ruled)), as_of=AS_OF + DAY_US)).action
        == "route"
    )


def test_what_sales_said_stands_whatever_the_score() -> None:
    for held in (
        Held(stage="SQL", substage="accepted", by_sales=True, since=AS_OF),
        Held(stage="opportunity", substage="proposal", by_sales=True, since=AS_OF),
    ):
        decision = RULED.decide(facts(score=1, held=held))
        assert (decision.stage, decision.substage, decision.action) == (held.stage, held.substage, "route")


def test_required_fields_come_first_but_a_raised_hand_is_handed_over_with_the_gap_named() -> None:
    ruled = Decider(policy_of_text("[required]\nfields = ['phone', 'country']"))
    unknown = {"phone": False, "country": ""}
    decision = ruled.decide(facts(ruled.policy, score=90, **unknown))
    assert (decision.action, decision.track, decision.rule) == ("nurture", "ask_for_fields", "required")
    raised = ruled.decide(facts(ruled.policy, score=90, hand_raises=1, **unknown))
    assert raised.action == "route"
    assert raised.asks[:2] == ("Ask for phone, which is missing.", "Ask for country, which is missing.")
    assert ruled.decide(facts(ruled.policy, score=90, phone=True, country="de")).action == "route"


@pytest.mark.parametrize(
    ("text", "known", "action"),
    [
        ("by = 'probability'\nprobability = 0.2", {"score": 10, "probability": 0.2}, "route"),
        ("by = 'probability'\nprobability = 0.2", {"score": 90, "probability": 0.19}, "nurture"),
        ("by = 'probability'\nprobability = 0.2", {"score": 90, "probability": None}, "route"),
        (
            "by = 'value'\n[handoff.value]\ndeal = 1000\ntouch_cost = 20\nleast = 30",
            {"probability": 0.05},
            "route",
        ),
        (
            "by = 'value'\n[handoff.value]\ndeal = 1000\ntouch_cost = 21\nleast = 30",
            {"probability": 0.05},
            "nurture",
        ),
        ("by = 'value'\n[handoff.value]\nleast = 30", {"probability": 0.01, "deal_value": 9_000}, "route"),
        ("by = 'capacity'\na_day = 3", {"score": 60, "held": Held(cut=60)}, "route"),
        ("by = 'capacity'\na_day = 3", {"score": 90, "held": Held(cut=91)}, "nurture"),
        ("by = 'capacity'\na_day = 3", {"score": 90}, "route"),
        (
            "segments = [{ dimension = 'size', value = 'mid', score = 40 }]",
            {"score": 40, "employees": 60},
            "route",
        ),
        (
            "segments = [{ dimension = 'size', value = 'mid', score = 40 }]",
            {"score": 40, "employees": 6},
            "nurture",
        ),
    ],
)
def test_a_threshold_may_be_of_other_kinds(text: str, known: dict[str, Any], action: str) -> None:
    policy = policy_of_text(f"[handoff]\n{text}")
    assert Decider(policy).decide(facts(policy, **known)).action == action


@pytest.mark.parametrize("by", ["capacity", "value"])
def test_who_was_among_the_best_of_a_day_stays_over(by: str) -> None:
    policy = policy_of_text(f"[handoff]\nby = '{by}'\na_day = 1\nvalue = {{ least = 10.0 }}")
    held = Held(stage="SQL", substage="offered", since=AS_OF, over_threshold=True)
    for cut in (None, 999):
        decision = Decider(policy).decide(facts(policy, score=40, held=replace(held, cut=cut)))
        assert (decision.action, decision.over_threshold) == ("route", True)


def test_what_sales_has_taken_on_stays_with_sales_whatever_rules_it_out() -> None:
    for held in (
        Held(stage="SQL", substage="accepted", by_sales=True, since=AS_OF),
        Held(stage="opportunity", substage="proposal", by_sales=True, since=AS_OF),
    ):
        for raised in (0, 1):
            known = {"relationship": "competitor", "hand_raises": raised, "held": held}
            decision = RULED.decide(facts(**known))
            assert (decision.stage, decision.substage, decision.action) == (
                held.stage,
                held.substage,
                "route",
            )
            assert "competitor" in decision.why
        ruled = replace(held, ruled_out=RuledOut(category="no need", by="R-1"))
        assert RULED.decide(facts(held=ruled)).action == "out"


def test_a_raised_hand_of_who_objected_goes_to_a_person_with_every_channel_closed() -> None:
    decision = RULED.decide(facts(hand_raises=1, do_not_contact="yes"))
    assert (decision.action, decision.closed) == ("route", ("email", "call"))
    assert "objected" in decision.why


def test_nought_is_known_and_what_is_required_is_so_in_every_stage_that_goes_to_sales() -> None:
    policy = policy_of_text("[required]\nfields = ['employees']\n[stages.PQL]\naction = 'route'")
    ruled = Decider(policy)
    assert ruled.decide(facts(policy, score=90, employees=0.0)).action == "route"
    assert ruled.decide(facts(policy, score=20, limits_hit_30d=1, employees=None)).rule == "required"
    own = "[attributes.job_words]\nkind = 'words'\ncolumns = ['title']\n"
    words = policy_of_text(own + "[required]\nfields = ['job_words']")
    assert Decider(words).decide(facts(words, score=90)).rule == "required"


def test_whom_a_person_ruled_out_since_the_hand_was_raised_stays_out_until_it_is_raised_again() -> None:
    ruled = Held(ruled_out=RuledOut(category="spam", by="R-1", at=AS_OF - DAY_US))
    asked_before = facts(hand_raises=1, days_since_raise=2.0, held=ruled)
    asked_since = facts(hand_raises=1, days_since_raise=0.5, held=ruled)
    assert RULED.decide(asked_before).action == "out"
    assert RULED.decide(asked_since).action == "route"


@pytest.mark.parametrize(
    ("known", "action"),
    [
        ({"do_not_contact": "yes"}, "out"),
        ({"standing": "lost"}, "nurture"),
        ({"standing": "disqualified"}, "out"),
        ({"standing": "won"}, "none"),
    ],
)
def test_an_objection_and_an_outcome_stand_above_an_override(known: dict[str, Any], action: str) -> None:
    override = Override(by="R-7", reason="met at the fair", until=AS_OF + 1, action="route")
    held = Held(override=override, standing=known.pop("standing", "open"))
    assert RULED.decide(facts(**known, held=held)).action == action


def test_a1_is_served_first() -> None:
    def priority(**known: Any) -> int | None:
        return RULED.decide(facts(score=80, **known)).priority

    assert priority(grade="A1") == 1
    assert priority(grade="B2", demos_14d=1) == 2
    assert priority(grade="B2") == 3
