from collections.abc import Callable
from typing import Any

import pytest
from decided_leads import DEFAULT, decide, stages_of, state_of
from fake_recorder import put_leads, waiting

from decisions.deciding import Held, Override, RuledOut
from decisions.policy import policy_of_text
from serving.selling.said import feedback
from serving.selling.said.answers import answers_given, keep_answers
from serving.selling.said.feedback import UnknownReasonError, feedback_about, feedback_counts
from serving.selling.standing.how_leads_stand import held_of
from serving.selling.standing.sales_stages import set_stage
from serving.store.database import Store
from serving.store.schema_selling import ASSIGNMENTS

NOW = 1_795_253_400_000_000
DAY = 86_400_000_000


@pytest.fixture
def say(store: Store) -> Callable[..., Any]:
    """Say something of a lead, as a handler does: in one transaction."""

    def said(what: Callable[..., Any], *args: Any, **more: Any) -> Any:
        return store.write(lambda connection: what(connection, *args, **more))

    return said


def held(store: Store, lead: int, now: int = NOW) -> Held:
    with store.reading() as connection:
        return held_of(connection, [lead], now)[lead]


def test_the_newest_answer_stands_and_unknown_is_no_no(store: Store, say: Callable[..., Any]) -> None:
    [lead] = put_leads(store, 1)
    say(keep_answers, lead, {"budget": "yes", "need": "no"}, NOW, NOW, author="rep-1", note="by phone")
    say(keep_answers, lead, {"budget": "no"}, NOW - DAY, NOW, author="rep-2")
    assert held(store, lead).bant == {"budget": "yes", "need": "no"}
    say(keep_answers, lead, {"budget": "unknown"}, NOW + 1, NOW + 1, author="rep-2")
    assert held(store, lead).bant["budget"] == "unknown"
    assert waiting(store) == [lead]
    with store.reading() as connection:
        newest = answers_given(connection, lead)[0]
    assert (newest.answer, newest.author, newest.answered_at) == ("unknown", "rep-2", NOW + 1)
    columns = {"bant_budget": "yes", "bant_authority": "yes", "bant_timeline": "yes", "bant_need": "yes"}
    decide(store, [lead], NOW + 2, attributes=columns)
    assert state_of(store, lead).qualified_at == NOW + 2, (
        "the column's answer holds where the rep's is unknown"
    )


def test_a_lead_that_sales_accepted_stays_so_until_sales_says_more(
    store: Store, say: Callable[..., Any]
) -> None:
    [lead] = put_leads(store, 1)
    decide(store, [lead], NOW, score=90, acts=1)
    say(feedback.accepted, lead, "rep-1", NOW + 1)
    decide(store, [lead], NOW + 2, score=1, acts=0)
    assert (state_of(store, lead).stage, state_of(store, lead).substage) == ("SQL", "accepted")
    say(set_stage, lead, "opportunity", "proposal", NOW + 3, at=NOW + 3, author="rep-1", because="met")
    say(feedback.accepted, lead, "rep-1", NOW + 4)
    decide(store, [lead], NOW + 5, score=1, acts=0)
    assert state_of(store, lead).stage == "opportunity"
    assert not say(
        set_stage, lead, "opportunity", "proposal", NOW + 6, at=NOW + 6, author="rep-2", because="again"
    )
    assert stages_of(store, lead) == [
        ("SQL", "offered", NOW, NOW + 1, "policy"),
        ("SQL", "accepted", NOW + 1, NOW + 3, "rep-1"),
        ("opportunity", "proposal", NOW + 3, None, "rep-1"),
    ]


def test_a_returned_lead_is_recycled_or_ruled_out_as_the_policy_says(
    store: Store, say: Callable[..., Any]
) -> None:
    early, rival, needless = numbers = put_leads(store, 3)
    decide(store, numbers, NOW, score=90, acts=1)
    say(feedback.returned, early, "too_early", "rep-1", NOW + 1, policy=DEFAULT)
    say(feedback.returned, rival, "competitor", "rep-1", NOW + 1, policy=DEFAULT)
    say(feedback.returned, needless, "no_need", "rep-1", NOW + 1, policy=DEFAULT)
    decide(store, numbers, NOW + 2, score=90, acts=1)
    told = [(state_of(store, one).action, state_of(store, one).stage) for one in numbers]
    assert told == [("nurture", "recycled"), ("out", "disqualified"), ("out", "disqualified")]
    assert state_of(store, needless).look_again_at == NOW + 1 + 180 * DAY
    assert stages_of(store, rival)[-1] == ("disqualified", None, NOW + 2, None, "rep-1")
    assert [held(store, one).returns for one in numbers] == [1, 1, 1]
    assert held(store, needless, NOW + 200 * DAY).ruled_out is None
    for_good = RuledOut(category="competitor", by="rep-1", at=NOW + 1)
    assert held(store, rival, NOW + 9_999 * DAY).ruled_out == for_good
    with pytest.raises(UnknownReasonError, match="expected one of no_need"):
        say(feedback.returned, early, "bored", "rep-1", NOW, policy=DEFAULT)


def test_a_returned_lead_that_raises_its_hand_goes_to_a_person(store: Store, say: Callable[..., Any]) -> None:
    [lead] = put_leads(store, 1)
    say(feedback.disqualified, lead, "spam", "looks made up", "rep-1", NOW)
    decide(store, [lead], NOW + 1, raised=True)
    assert (state_of(store, lead).action, state_of(store, lead).stage) == ("route", "SQL")


def test_an_override_holds_until_it_runs_out_or_another_takes_its_place(
    store: Store, say: Callable[..., Any]
) -> None:
    [lead] = put_leads(store, 1)
    say(
        feedback.override,
        lead,
        {"action": "route", "queue": "vip"},
        "the board",
        "boss",
        NOW,
        until=NOW + DAY,
    )
    decide(store, [lead], NOW + 1)
    assert (state_of(store, lead).action, state_of(store, lead).queue) == ("route", "vip")
    say(feedback.override, lead, {"temperature": "hot"}, "met them", "boss", NOW + 2, until=NOW + DAY)
    assert held(store, lead, NOW + 3).override == Override(
        by="boss", reason="met them", until=NOW + DAY, temperature="hot"
    )
    decide(store, [lead], NOW + 3)
    assert (state_of(store, lead).action, state_of(store, lead).temperature) == ("nurture", "hot")
    assert held(store, lead, NOW + DAY).override is None


def test_a_ruling_out_and_a_disqualifier_are_lifted_by_name_or_all(
    store: Store, say: Callable[..., Any]
) -> None:
    [lead] = put_leads(store, 1)
    rivals = policy_of_text('[lists]\ncompetitors = ["acme.example"]\n')
    told = {"policy": rivals, "acts": 1, "attributes": {"email_domain": "acme.example"}}
    say(feedback.disqualified, lead, "spam", "no", "rep-1", NOW)
    say(feedback.reinstated, lead, None, "a mistake", "boss", NOW + 1)
    decide(store, [lead], NOW + 2, **told)
    assert state_of(store, lead).rule == "disqualifiers.competitor"
    say(feedback.reinstated, lead, "competitor", "a partner", "boss", NOW + 3)
    decide(store, [lead], NOW + 4, **told)
    assert state_of(store, lead).action == "nurture"
    assert held(store, lead).lifted == ("competitor",)


def test_what_is_said_is_shown_and_counted(store: Store, say: Callable[..., Any]) -> None:
    one, other = numbers = put_leads(store, 2, score=88)
    decide(store, numbers, NOW, score=88, acts=1)
    say(feedback.wrong_score, one, "they closed down", "rep-1", NOW + 1)
    say(feedback.returned, one, "too_early", "rep-1", NOW + 2, policy=DEFAULT, note="in March")
    say(feedback.returned, other, "too_early", "rep-2", NOW + 3, policy=DEFAULT)
    with store.reading() as connection:
        newest, wrong = feedback_about(connection, one, None, 9)
        assert feedback_about(connection, one, newest.id, 9) == [wrong]
        counts = feedback_counts(connection, None, None)
        assert [(at.kind, at.reason, at.count) for at in counts] == [
            ("rejected", "too_early", 2),
            ("wrong_score", "", 1),
        ]
        assert [at.count for at in feedback_counts(connection, "rejected", NOW + 3)] == [1]
        assert feedback_counts(connection, "accepted", None) == []
    assert wrong.content == {"score": 88, "stage": "SQL"}
    assert newest.content == {
        "then": "recycle", "category": "too early", "note": "in March", "score": 88, "stage": "SQL",
    }  # fmt: skip


def test_a_lead_is_held_by_the_rep_of_its_live_assignment(store: Store) -> None:
    [lead] = put_leads(store, 1)
    row = {"lead": lead, "queue": "q", "state": "offered", "segments": {}, "by": "policy", "trace": {}}
    rows = [
        {**row, "id": "a", "rep": "rep-1", "assigned_at": 1, "ended_at": 2},
        {**row, "id": "b", "rep": "rep-2", "assigned_at": 2, "ended_at": None},
    ]
    store.write(lambda connection: connection.execute(ASSIGNMENTS.insert(), rows))
    assert held(store, lead).owner == "rep-2"
