"""Whatever happens to leads, once the worker has settled each that is shown has one decision."""

import random
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from recorded import HOUR, T0, Desk
from settled_leads import look, settle

from decisions.policy import Policy, policy_of_text
from features.mapping import mapping_from
from serving.history.identity import delete_lead, numbers_of
from serving.history.merging import merge_leads
from serving.importing import import_files
from serving.selling.said import feedback
from serving.selling.said.answers import keep_answers
from serving.selling.standing.sales_stages import set_stage
from serving.store.database import Store
from serving.store.schema_selling import DECISIONS, LEAD_STATES


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return Desk(store, tmp_path / "home")


def test_no_lead_is_without_a_decision_whatever_happens(desk: Desk) -> None:
    """Leads come, act, end, are merged, deleted and revived, and are spoken of, in an order of chance."""
    rng = random.Random(8)  # noqa: S311 - the same every time
    names = [f"L-{number}" for number in range(8)]
    for name in names:
        desk.lead(name, T0, employees=str(rng.randrange(0, 600, 100)))
    for step in range(60):
        _happen(desk, rng, names, T0 + step * HOUR)
        if step % 6 == 5:
            settle(desk, T0 + step * HOUR + HOUR // 2)
            assert look(desk.store) >= 1
    with desk.store.reading() as connection:
        counted = sa.select(sa.func.count()).select_from(DECISIONS)
        assert connection.execute(counted).scalar_one() > len(names)


def _happen(desk: Desk, rng: random.Random, names: list[str], now: int) -> None:
    name, other = rng.sample(names, 2)
    acts: list[Any] = [
        lambda: desk.lead(name, now, employees=str(rng.randrange(0, 600, 100))),
        lambda: desk.event(name, now),
        lambda: desk.event(name, now, "demo_requested"),
        lambda: desk.outcome(name, rng.choice(["won", "lost", "disqualified", "reversed"]), now),
        lambda: desk.store.write(lambda c: delete_lead(c, name, now)),
        lambda: desk.store.write(lambda c: _say(c, rng, name, now)),
        lambda: _merge(desk, name, other, now) if rng.random() < 0.3 else None,
    ]
    rng.choice(acts)()


def _merge(desk: Desk, name: str, other: str, now: int) -> None:
    with desk.store.reading() as connection:
        numbers = numbers_of(connection, [name, other])
    if numbers[name] != numbers[other]:
        desk.lead(name, now)
        desk.lead(other, now)
        desk.store.write(lambda c: merge_leads(c, name, [other], now))


def _say(connection: sa.Connection, rng: random.Random, name: str, now: int) -> None:
    lead = numbers_of(connection, [name])[name]
    kind = rng.randrange(5)
    if kind == 0:
        keep_answers(connection, lead, {"budget": "yes", "need": "yes"}, now, now, author="rep")
    elif kind == 1:
        set_stage(connection, lead, "opportunity", "proposal", now, at=now, author="rep", because="met")
    elif kind == 2:
        feedback.returned(connection, lead, "no_need", "rep", now, policy=Policy())
    elif kind == 3:
        feedback.accepted(connection, lead, "rep", now)
    else:
        feedback.reinstated(connection, lead, None, "a mistake", "rep", now)


def test_leads_that_are_imported_are_decided_on(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("Id,Created,employees\na,2026-11-01,5\nb,2026-11-02,500\n")
    (tmp_path / "o.csv").write_text("lead,at,end\nb,2026-11-03,lost\n")
    content = {
        "leads": {"path": "l.csv", "id": "Id", "created_at": "Created"},
        "outcomes": {"path": "o.csv", "lead_id": "lead", "occurred_at": "at", "outcome": "end"},
        "training": {"horizon": "9 days"},
    }
    import_files(desk.store, mapping_from(content), tmp_path, T0)
    settle(desk, T0 + HOUR)
    assert look(desk.store) == 2


def test_leads_of_before_there_were_decisions_are_decided_on(desk: Desk) -> None:
    for name in ("open", "won"):
        desk.lead(name)
    desk.outcome("won", "won", T0)
    settle(desk, T0 + HOUR)
    desk.store.write(lambda c: [c.execute(sa.delete(table)) for table in (LEAD_STATES, DECISIONS)])
    settle(desk, T0 + 2 * HOUR)
    assert look(desk.store) == 2


def test_another_policy_decides_on_all_open_leads_again(desk: Desk) -> None:
    desk.lead("one", employees="400")
    desk.event("one", T0)
    settle(desk, T0 + HOUR)
    desk.use(policy_of_text("score_threshold = 99\n"))
    settle(desk, T0 + 2 * HOUR)
    assert look(desk.store) == 1
    with desk.store.reading() as connection:
        digests = connection.execute(sa.select(DECISIONS.c.policy_sha256).distinct()).scalars().all()
        [state] = connection.execute(LEAD_STATES.select()).all()
    assert (len(digests), state.policy_sha256) == (2, desk.champion.policy.sha256)


def test_a_lead_that_cannot_be_scored_is_decided_on(desk: Desk) -> None:
    desk.lead("odd", employees="many")
    settle(desk, T0 + HOUR)
    assert look(desk.store) == 1
