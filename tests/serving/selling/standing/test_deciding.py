from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from decided_leads import DEFAULT, decide, decided, decisions_of, facts, stages_of, state_of
from fake_recorder import put_leads
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decisions.policy import Policy, policy_of_text
from serving.history.stale import mark_stale
from serving.selling.standing.deciding import KeptDecisions, keep_decisions
from serving.selling.standing.how_leads_stand import held_of
from serving.selling.standing.stage_log import BY_TIMER, Passage, pass_stages
from serving.store.database import Store
from serving.store.schema import LEADS
from serving.store.schema_selling import ASSIGNMENTS, LEAD_STATES, STAGES_PASSED

NOW = 1_795_253_400_000_000
DAY = 86_400_000_000


def said_by_sales(store: Store, lead: int, stage: str, substage: str | None, at: int) -> None:
    passage = Passage(lead=lead, stage=stage, substage=substage, at=at, because="said so", by="rep-1")
    store.write(lambda connection: pass_stages(connection, [passage]))


def stand(store: Store, lead: int, **values: Any) -> None:
    store.write(
        lambda connection: connection.execute(sa.update(LEADS).where(LEADS.c.number == lead).values(values))
    )


def assign(store: Store, lead: int, **values: Any) -> None:
    row = {
        "id": f"a-{lead}", "lead": lead, "rep": "rep-1", "queue": "sales", "state": "offered", "segments": {},
        "assigned_at": NOW, "by": "policy", "trace": {},
    } | values  # fmt: skip
    store.write(lambda connection: connection.execute(ASSIGNMENTS.insert().values(row)))


def test_a_first_decision_is_the_state_of_the_lead_and_is_kept_with_its_facts(store: Store) -> None:
    [lead] = put_leads(store, 1)
    kept = decide(
        store, [lead], NOW, version=3, score=80, acts=2, attributes={"country": "de", "campaign": "x"}
    )
    state, [made] = state_of(store, lead), decisions_of(store, lead)
    assert kept == KeptDecisions((lead,), ())
    assert (state.action, state.stage, state.substage, state.queue) == ("route", "SQL", "offered", "sales")
    assert (state.decision_id, state.decided_at, state.policy_version) == (made.id, NOW, 3)
    assert (state.policy_sha256, state.stage_since, state.over_threshold) == (DEFAULT.sha256, NOW, True)
    assert (state.attributes, state.segments["campaign"]) == ({"country": "de"}, "x")
    assert made.content["rule"] == "stages.SQL.enter"
    assert made.facts["score"] == 80
    assert stages_of(store, lead) == [("SQL", "offered", NOW, None, "policy")]


def test_what_says_the_same_is_not_kept_again_but_the_state_is_of_the_newest_look(store: Store) -> None:
    [lead] = put_leads(store, 1)
    decide(store, [lead], NOW, score=80, acts=2)
    decide(store, [lead], NOW + DAY, score=82, acts=2, probability=0.2)
    state, [made] = state_of(store, lead), decisions_of(store, lead)
    assert (state.decided_at, state.decision_id, state.stage_since) == (NOW + DAY, made.id, NOW)
    assert state.value == pytest.approx(180)
    decide(store, [lead], NOW + 2 * DAY, score=82, acts=2, version=4)
    assert [one.policy_version for one in decisions_of(store, lead)] == [None, 4]
    decide(store, [lead], NOW + 3 * DAY, score=20, acts=0, version=4)
    assert [one.content["action"] for one in decisions_of(store, lead)] == ["route", "route", "nurture"]
    assert stages_of(store, lead) == [("SQL", "offered", NOW, NOW + 3 * DAY, "policy")]
    assert state_of(store, lead).stage_since is None


def test_a_lead_without_a_score_is_decided_on_too(store: Store) -> None:
    [lead] = put_leads(store, 1)
    decide(store, [lead], NOW, score=None, probability=None, fit_score=None, grade=None, rung=None, acts=1)
    assert (state_of(store, lead).stage, state_of(store, lead).value) == ("IQL", None)


def test_an_ended_lead_follows_its_outcome_and_one_that_is_open_again_its_acts(store: Store) -> None:
    [lead] = put_leads(store, 1)
    decide(store, [lead], NOW, acts=1)
    stand(store, lead, standing="won")
    decide(store, [lead], NOW + 1, acts=1)
    assert (state_of(store, lead).action, state_of(store, lead).stage) == ("none", "customer")
    stand(store, lead, standing="lost")
    decide(store, [lead], NOW + 2, acts=1)
    assert (state_of(store, lead).action, state_of(store, lead).stage) == ("nurture", "recycled")
    stand(store, lead, standing="open")
    decide(store, [lead], NOW + 3, acts=2)
    assert state_of(store, lead).stage == "IQL"
    assert [one[0] for one in stages_of(store, lead)] == ["IQL", "customer", "recycled", "IQL"]


def test_what_was_overtaken_is_not_written(store: Store) -> None:
    """Between reading and writing somebody sets a stage, an outcome comes, or another worker decides."""
    numbers = put_leads(store, 5)
    decide(store, numbers, NOW, acts=1)
    with store.snapshot() as connection:
        held = held_of(connection, numbers, NOW + 5)
    made = [decided(number, facts(one, NOW + 5, score=90, acts=1)) for number, one in held.items()]
    staged, ended, gone, later, free = numbers
    said_by_sales(store, staged, "opportunity", "evaluation", NOW + 4)
    stand(store, ended, standing="won")
    stand(store, gone, deleted_at=NOW)
    decide(store, [later], NOW + 6, acts=1)
    kept = store.write(lambda connection: keep_decisions(connection, made, NOW + 7))
    assert kept.routed == (free,)
    assert [state_of(store, number).action for number in numbers] == ["nurture"] * 4 + ["route"]
    assert stages_of(store, staged)[-1] == ("opportunity", "evaluation", NOW + 4, None, "rep-1")
    decide(store, [staged], NOW + 8, score=10, acts=1)
    assert (state_of(store, staged).stage, state_of(store, staged).stage_since) == ("opportunity", NOW + 4)


def test_a_lead_whose_follow_up_came_to_its_end_stays_recycled(store: Store) -> None:
    [lead] = put_leads(store, 1)
    decide(store, [lead], NOW, score=90, acts=1)
    ended = Passage(lead=lead, stage="recycled", substage=None, at=NOW + 1, because="no answer", by=BY_TIMER)
    store.write(lambda connection: pass_stages(connection, [ended]))
    decide(store, [lead], NOW + 2, score=90, acts=1)
    assert (state_of(store, lead).action, state_of(store, lead).stage) == ("nurture", "recycled")


def test_the_first_qualification_is_remembered_whatever_comes_later(store: Store) -> None:
    [lead] = put_leads(store, 1)
    decide(store, [lead], NOW, attributes={"bant_budget": "yes", "bant_need": "yes"})
    assert state_of(store, lead).qualified_at is None
    answers = {"bant_budget": "yes", "bant_need": "yes", "bant_authority": "yes"}
    decide(store, [lead], NOW + 1, attributes=answers)
    decide(store, [lead], NOW + 2, attributes=answers | {"bant_need": "no"})
    decide(store, [lead], NOW + 3, attributes=answers)
    assert state_of(store, lead).qualified_at == NOW + 1
    with store.reading() as connection:
        assert held_of(connection, [lead], NOW + 4)[lead].qualified_at == NOW + 1


def test_it_is_told_who_needs_a_rep_and_from_whom_a_lead_is_taken(store: Store) -> None:
    alone, had, out = numbers = put_leads(store, 3)
    assert decide(store, numbers, NOW, score=90, acts=1) == KeptDecisions(tuple(numbers), ())
    assign(store, had)
    assign(store, out)
    again = decide(store, numbers, NOW + 1, score=90, acts=1, each={out: {"score": 1, "acts": 0}})
    assert again == KeptDecisions((alone,), (out,))
    other = policy_of_text('[routes.sales]\nqueue = "field"\n')
    assert decide(store, [had], NOW + 2, policy=other, score=90, acts=1).routed == (had,)
    assert decide(store, [had], NOW + 3, policy=other, score=90, acts=1).routed == ()


def test_who_has_a_lead_is_left_to_whoever_assigns(store: Store) -> None:
    [lead] = put_leads(store, 1)
    decide(store, [lead], NOW, score=90, acts=1)
    owned = sa.update(LEAD_STATES).values(owner="rep-7")
    store.write(lambda connection: connection.execute(owned))
    decide(store, [lead], NOW + 1, score=91, acts=1)
    assert state_of(store, lead).owner == "rep-7"


def test_stages_are_one_after_the_other_whatever_happens(store: Store) -> None:
    """Each is left when the next is entered, one at most is not left, and the state names that one."""
    [lead] = put_leads(store, 1)
    moment = [NOW]
    acts = st.one_of(
        st.tuples(st.just("decide"), st.sampled_from([5, 55, 90]), st.integers(0, 2)),
        st.tuples(
            st.just("say"),
            st.sampled_from(["opportunity", "recycled", "SQL"]),
            st.sampled_from(["evaluation", "accepted", None]),
        ),
        st.tuples(st.just("stand"), st.sampled_from(["open", "won", "lost", "disqualified"]), st.none()),
    )

    @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(acts, min_size=1, max_size=6), st.integers(-3, 3))
    def hold(steps: list[tuple[Any, ...]], drift: int) -> None:
        for kind, first, second in steps:
            moment[0] += 10
            if kind == "say":
                said_by_sales(store, lead, first, second, moment[0] + drift * 7)
            elif kind == "stand":
                stand(store, lead, standing=first)
            else:
                decide(store, [lead], moment[0] + 50, score=first, acts=second)
        moment[0] += 100
        decide(store, [lead], moment[0], score=55, acts=1)
        passed, state = stages_of(store, lead), state_of(store, lead)
        for before, after in pairwise(passed):
            assert before[3] is not None
            assert before[2] <= before[3] <= after[2]
        open_now = [one for one in passed if one[3] is None]
        assert [(one[0], one[1], one[2]) for one in open_now] == (
            [] if state.stage is None else [(state.stage, state.substage, state.stage_since)]
        )

    hold()


def test_the_database_itself_allows_a_lead_one_stage_at_a_time(store: Store) -> None:
    row = {"lead": 1, "stage": "IQL", "entered_at": 1, "because": "", "by": "policy"}
    store.write(lambda connection: connection.execute(STAGES_PASSED.insert().values(row)))
    with pytest.raises(sa.exc.IntegrityError, match=r"(?i)unique"):
        store.write(lambda connection: connection.execute(STAGES_PASSED.insert().values(row)))


def test_decisions_read_back_are_the_same_and_can_be_made_again(store: Store) -> None:
    import msgspec

    from decisions.deciding import Decider, Decision, Facts

    [lead] = put_leads(store, 1)
    decide(store, [lead], NOW, score=80, acts=2, raised=True)
    [made] = decisions_of(store, lead)
    again = Decider(Policy()).decide(msgspec.convert(made.facts, Facts))
    assert again == msgspec.convert(made.content, Decision)


def test_no_lead_is_left_marked_by_the_decision_itself(store: Store) -> None:
    [lead] = put_leads(store, 1)
    store.write(lambda connection: mark_stale(connection, [lead], NOW))
    decide(store, [lead], NOW)
    from fake_recorder import waiting

    assert waiting(store) == [lead], "whoever claimed it settles it"
