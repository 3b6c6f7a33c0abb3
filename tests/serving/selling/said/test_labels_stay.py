"""Nothing that reps say, and nothing that is decided, reaches what training learns from."""

from pathlib import Path

import pandas as pd
import sqlalchemy as sa
from recorded import HOUR, T0, Desk
from settled_leads import settle

from decisions.policy import Policy
from features.mapping import mapping_from
from serving.history.training_tables import stored_tables
from serving.selling.said import feedback
from serving.selling.said.answers import keep_answers
from serving.selling.standing.sales_stages import set_stage
from serving.store.database import Store
from serving.store.schema import VIEWS

MAPPING = mapping_from(
    {"leads": {"source": "store"}, "events": {}, "outcomes": {}, "training": {"horizon": "9 days"}}
)


def test_training_sees_the_same_tables_to_the_bit_before_and_after(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, tmp_path / "home")
    numbers = [desk.lead(name, employees="400", budget="yes") for name in ("one", "two", "three")]
    for name in ("one", "two"):
        desk.event(name, T0 + HOUR)
    desk.outcome("three", "won", T0 + HOUR)
    before, rows = tables(store), views(store)
    store.write(lambda connection: say_everything(connection, numbers, T0 + 2 * HOUR))
    settle(desk, T0 + 3 * HOUR)
    assert views(store) == rows
    for name, table in tables(store).items():
        pd.testing.assert_frame_equal(table, before[name], check_exact=True)


def say_everything(connection: sa.Connection, numbers: list[int], now: int) -> None:
    for lead in numbers:
        keep_answers(connection, lead, {"budget": "no", "need": "yes"}, now, now, author="rep")
        set_stage(connection, lead, "opportunity", "proposal", now, at=now, author="rep", because="met")
        feedback.accepted(connection, lead, "rep", now)
        feedback.wrong_score(connection, lead, "too high", "rep", now)
        feedback.override(connection, lead, {"action": "out"}, "no", "rep", now, until=now + HOUR * 99)
        feedback.returned(connection, lead, "no_need", "rep", now, policy=Policy())
        feedback.disqualified(connection, lead, "spam", "made up", "rep", now)
        feedback.reinstated(connection, lead, "student", "she works", "rep", now)


def tables(store: Store) -> dict[str, pd.DataFrame]:
    read = stored_tables(store, MAPPING)
    found = {"leads": read.leads, "events": read.events, "changes": read.changes, "outcomes": read.outcomes}
    return {name: table for name, table in found.items() if table is not None}


def views(store: Store) -> dict[str, list[tuple[str, ...]]]:
    with store.reading() as connection:
        return {name: sorted(_rows(connection, name)) for name in VIEWS}


def _rows(connection: sa.Connection, name: str) -> list[tuple[str, ...]]:
    asked = sa.text(f"SELECT * FROM {name}")  # noqa: S608 - names of our own
    return [tuple(map(str, row)) for row in connection.execute(asked)]
