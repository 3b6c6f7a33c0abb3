"""Simulations and the agreement over HTTP."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from decided_leads import decide
from service_here import NOW, Service

from decisions.agreement import agreement_of, as_markdown
from decisions.policy import Policy
from serving.policies.versions import draft_policy
from serving.selling.standing.recorded_pasts import Asked, recorded_past
from serving.store.schema import ALIASES
from serving.store.schema_selling import FEEDBACK

Ask = Callable[..., Any]
DAY_US = 86_400_000_000
LOWER = 'name = "lower"\nscore_threshold = 50\n'
_numbers = count()


def simulated(ask: Ask, **body: Any) -> Any:
    return ask("POST", "/simulate", scope="admin", json={"policy": LOWER, **body})


@pytest.fixture
def leads(ask: Ask, service: Service) -> dict[str, int]:
    """Four new leads by id, decided about ten, six and two days ago: two come over 70, one over 50."""
    run = next(_numbers)
    ids = {name: f"sim-{run}-{name}" for name in ("high", "middle", "low", "won")}
    for lead_id in ids.values():
        ask("PUT", f"/leads/{lead_id}", json={"lead": {"created_at": "2026-10-02T08:00:00Z"}})
    store = service.parts.store
    with store.reading() as connection:
        numbers = {
            name: connection.execute(
                sa.select(ALIASES.c.lead).where(ALIASES.c.lead_id == lead_id)
            ).scalar_one()
            for name, lead_id in ids.items()
        }
    scores = {"high": (75, 80, 80), "middle": (40, 60, 60), "low": (10, 10, 10), "won": (20, 72, 72)}
    for turn, days in enumerate((10, 6, 2)):
        each = {numbers[name]: {"score": told[turn], "acts": 1 + turn} for name, told in scores.items()}
        decide(store, list(numbers.values()), NOW - days * DAY_US, each=each)
    won = {"lead_id": ids["won"], "outcome": "won", "occurred_at": "2026-11-20T08:00:00Z", "value": 900}
    assert ask("POST", "/outcomes", json={"outcomes": [won]}).status_code == 200
    return {ids[name]: number for name, number in numbers.items()}


def test_another_policy_is_simulated_on_what_was_recorded(ask: Ask, leads: dict[str, int]) -> None:
    response = simulated(ask)
    assert response.status_code == 200, response.text
    told = response.json()
    assert (told["present"]["name"], told["other"]["name"]) == ("default", "lower")
    assert told["leads"] >= 4
    assert told["share"] == 1
    changed = {one["lead_id"]: one for one in told["changed_to_sales"]}
    [middle] = [lead_id for lead_id in leads if lead_id.endswith("middle")]
    assert changed[middle]["why"].startswith("Score 60 reaches the threshold of 50")
    assert changed[middle]["why_not"].startswith("Score 60 is below the threshold of 70")
    assert changed[middle]["at"] == "2026-11-15T09:30:00Z"
    assert told["figures"]["difference"]["handed_over"]["value"] == told["to_sales"]
    assert told["figures"]["present"]["caught"]["value"] >= 1
    assert told["from_sales"] == 0
    assert told["queues"][0]["name"] == "sales"
    assert any("recorded" in caution or "scored or decided" in caution for caution in told["cautions"])
    assert simulated(ask).json() == told


def test_only_what_lies_in_the_time_asked_for_is_counted(ask: Ask, leads: dict[str, int]) -> None:
    told = simulated(ask, since="2026-11-18T00:00:00Z").json()
    assert not {one["lead_id"] for one in told["changed_to_sales"]} & set(leads)  # it went before
    assert (told["since"], told["until"]) == ("2026-11-18T00:00:00Z", "2026-11-21T09:30:00Z")
    none = simulated(ask, since="2024-01-01T00:00:00Z", until="2024-02-01T00:00:00Z").json()
    assert (none["leads"], none["moments"]) == (0, 0)


def test_versions_of_the_store_can_be_tried(ask: Ask, leads: dict[str, int], service: Service) -> None:
    made = service.parts.store.write(lambda connection: draft_policy(connection, LOWER, "test", None, NOW))
    told = simulated(ask, policy=None, version=made.version, against_version=made.version).json()
    assert (told["present"], told["to_sales"], told["from_sales"]) == (told["other"], 0, 0)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"policy": "score_threshold = 170"}, "score_threshold"),
        ({"policy": None, "version": 999_999}, "version"),
        ({"policy": None, "version": "1"}, "version"),
        ({"policy": None}, "policy"),
        ({"version": 1}, "policy"),
        ({"policy": 7}, "policy"),
        ({"against_version": True}, "against_version"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": "many"}, "capacity"),
        ({"since": "tomorrow"}, "since"),
        ({"since": "2026-11-20", "until": "2026-11-19"}, "since"),
        ({"more": 1}, "more"),
    ],
)
def test_what_cannot_be_simulated_is_refused_with_its_place(
    ask: Ask, body: dict[str, Any], where: str
) -> None:
    response = simulated(ask, **body)
    assert response.status_code == 422, response.text
    assert any(where in fault["field"] for fault in response.json()["errors"])


def test_only_an_admin_may_simulate(ask: Ask) -> None:
    assert ask("POST", "/simulate", scope="read", json={"policy": LOWER}).status_code == 403


def test_no_more_than_so_many_moments_are_read(service: Service, leads: dict[str, int]) -> None:
    with service.parts.store.snapshot() as connection:
        for most in (3, 7, 1_000_000):
            asked = Asked(since=NOW - 90 * DAY_US, until=NOW, now=NOW, horizon=90 * DAY_US, most=most)
            found = recorded_past(connection, asked)
            moments = found.under(Policy()).moments
            assert moments <= most
            assert (found.share == 1) is (most > 100)
            assert 0 < found.share <= 1


def test_the_agreement_is_that_of_the_policy_in_force(ask: Ask) -> None:
    response = ask("GET", "/policy/agreement")
    assert response.headers["content-type"].startswith("text/markdown")
    assert response.text == as_markdown(agreement_of(Policy()))


def test_what_sales_answered_proposes_a_threshold_once_there_are_enough_answers(
    ask: Ask, service: Service
) -> None:
    assert ask("GET", "/policy/proposal").json()["why"].startswith("Too few answers")

    def answered(connection: sa.Connection) -> None:
        rows = [
            {
                "id": f"answer-{number:04}", "lead": 1_000_000 + number, "author": "ann", "at": NOW - number,
                "kind": "accepted" if number % 100 < score else "rejected", "content": {"score": score},
                "reason": "" if number % 100 < score else "no_need",
            }
            for number in range(400)
            for score in [40 + number // 7]
        ]  # fmt: skip
        again = {**rows[0], "id": "older", "kind": "rejected", "reason": "other", "at": NOW - 10**6}
        connection.execute(FEEDBACK.delete())  # what other tests have sales say
        connection.execute(FEEDBACK.insert().values([*rows, again]))

    service.parts.store.write(answered)
    told = ask("GET", "/policy/proposal?wanted_percent=80").json()
    assert told["threshold"]["low"] <= told["threshold"]["value"] <= told["threshold"]["high"]
    assert 60 <= told["threshold"]["value"] <= 99
    assert told["accepted"] + told["returned"] == 400  # the older answer to the same lead is over
    assert told["wanted"] == 0.8
    assert set(told["reasons"]) == {"no_need"}
    service.parts.store.write(lambda connection: connection.execute(FEEDBACK.delete()))
