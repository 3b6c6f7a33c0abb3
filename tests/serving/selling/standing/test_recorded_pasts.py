"""What was recorded of leads and of the team, read for a simulation, on both databases."""

from decided_leads import decide
from fake_recorder import put_leads
from sold_leads import keep_reps

from decisions.policy import Policy, policy_of_text
from decisions.simulation import simulate
from serving.selling.said.known_of_sales import known_of_sales
from serving.selling.standing.recorded_pasts import Asked, Recorded, recorded_past
from serving.store.database import Store
from serving.store.schema import OUTCOMES
from serving.store.schema_selling import ASSIGNMENTS

DAY_US = 86_400_000_000
NOW = 1_795_253_400_000_000


def recorded(store: Store, most: int = 1_000, days: int = 30) -> Recorded:
    asked = Asked(since=NOW - days * DAY_US, until=NOW, now=NOW, horizon=90 * DAY_US, most=most)
    with store.snapshot() as connection:
        return recorded_past(connection, asked)


def test_the_past_is_what_was_known_at_each_decision(store: Store) -> None:
    first, second, quiet = put_leads(store, 3)
    for days, score in ((40, 30), (20, 60), (5, 80)):
        decide(store, [first], NOW - days * DAY_US, score=score, acts=2)
    decide(store, [second], NOW - 10 * DAY_US, score=20, acts=1)
    decide(store, [quiet], NOW - 45 * DAY_US, score=20, acts=1)
    won = {"lead": second, "outcome": "won", "occurred_at": NOW - 9 * DAY_US, "known_at": NOW - 8 * DAY_US}
    taken_back = {**won, "occurred_at": NOW - 11 * DAY_US, "ended_at": NOW - 8 * DAY_US, "value": None}
    not_known = {**won, "lead": first, "known_at": NOW + DAY_US, "ended_at": None, "value": None}
    rows = [{**won, "ended_at": None, "value": 700.0}, taken_back, not_known]
    store.write(lambda connection: connection.execute(OUTCOMES.insert().values(rows)))

    past = recorded(store).under(Policy())
    by_scores = {tuple(facts.score for facts in lead.facts): lead for lead in past.leads}
    assert set(by_scores) == {
        (30, 60, 80),
        (20,),
    }  # what came before tells who was with sales; quiet has no more
    one, other = by_scores[30, 60, 80], by_scores[20,]
    assert (one.won_at, other.won_at, other.won_value) == (None, NOW - 9 * DAY_US, 700.0)
    assert [facts.as_of for facts in one.facts] == [NOW - days * DAY_US for days in (40, 20, 5)]
    assert past.share == 1


def test_what_a_policy_asks_for_and_was_not_recorded_stands_as_not_known(store: Store) -> None:
    [lead] = put_leads(store, 1)
    decide(store, [lead], NOW - DAY_US, score=80, acts=2)
    policy = policy_of_text(
        '[attributes]\nshoe = { columns = ["shoe"] }\n[history]\nwaves = { events = ["wave"] }\n'
        "[disqualifiers.barefoot]\nwhen = \"shoe == '' && waves == 0.0\"\n"
        'words = "is barefoot"\ncategory = "feet"'
    )
    found = recorded(store)
    past = found.under(policy)
    assert past.leads[0].facts[0].attributes["shoe"] == ""
    assert "shoe, waves" in past.cautions[-1]
    assert len(found.under(Policy()).cautions) == 1
    told = simulate((found.under(Policy()), Policy()), (past, policy))
    assert [one.why_not for one in told.sides.from_sales] == ["The lead is barefoot."]


def test_of_too_many_moments_some_leads_stand_for_all(store: Store) -> None:
    numbers = put_leads(store, 120)
    for days in (9, 3):
        decide(store, numbers, NOW - days * DAY_US, score=80 if days == 3 else 20, acts=days)
    found = recorded(store, most=150)
    assert len(found.leads) == 50
    assert found.share == 50 / 120
    some = recorded(store, most=20)
    assert (len(some.leads), some.share) == (10, 10 / 120)
    assert some.leads == found.leads[:10]


def test_the_team_is_known_by_its_reps_and_by_how_soon_they_answered(store: Store) -> None:
    with store.reading() as connection:
        assert known_of_sales(connection).assigning is None
    keep_reps(store, ann={}, ben={})
    first, second = put_leads(store, 2)
    common = {"queue": "sales", "segments": {}, "by": "policy", "trace": []}
    rows = [
        {"lead": lead, "rep": rep, "assigned_at": at, "contacted_at": contacted, "ended_at": ended, **common}
        | {"id": f"a{at}", "state": "offered" if ended is None else "returned"}
        for lead, rep, at, contacted, ended in (
            (first, "ann", 100, None, 300), (first, "ben", 300, 450, None), (second, "ben", 500, None, None),
        )
    ]  # fmt: skip
    store.write(lambda connection: connection.execute(ASSIGNMENTS.insert().values(rows)))
    with store.reading() as connection:
        found = known_of_sales(connection)
    assert list(found.recorded.values()) == [350]
    assert found.assigning is not None
