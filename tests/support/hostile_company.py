"""A generated company as hostile exports have it: odd names, repeats, strangers, late news, empty columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from features.mapping import Mapping, mapping_from
from training.synthetic import History, generate

if TYPE_CHECKING:
    from pathlib import Path

ODD_NAMES = {
    "industry": 'the "industry", in words',
    "country": "number",
    "employees": "cells",
    "job_title": "Größe 🦄 / job title",
    "technologies": "select",
}
"""Names of columns that a careless statement of SQL, or a reader of JSON, would trip over."""


def hostile_company(folder: Path, form: Literal["csv", "parquet"], leads: int, seed: int = 5) -> Mapping:
    """Write the tables of a company into a folder, and return their mapping. All of it is generated."""
    made = generate(History(leads=leads, seed=seed), folder / "made", format="parquet")
    tables = {
        name: pd.read_parquet(getattr(made, name).path)
        for name in ("leads", "events", "changes", "outcomes", "accounts")
    }
    people = tables["leads"].rename(columns=ODD_NAMES | {"lead_id": "Prospect ID", "created_at": "created"})
    people["nobody filled this in"] = None
    people["lead_id"] = "an id of another system"
    people["seldom"] = [f"S{at % 3}" if at % 7 == 5 else None for at in range(len(people))]
    people["Select me"] = ["Select" if at % 3 else f"yes {at % 5}" for at in range(len(people))]
    people["is known"] = [bool(at % 2) for at in range(len(people))]
    people["whole"] = [at % 11 for at in range(len(people))]
    people["part"] = [None if at % 5 == 0 else at % 7 / 4 for at in range(len(people))]
    people["score of theirs"] = 1
    again = people.iloc[[3, 7]].assign(**{"Select me": "no, this"})
    _write(pd.concat([people, again]), folder / f"leads.{form}")
    _write(_events(tables["events"]), folder / f"events.{form}")
    _write(_changes(tables["changes"], people), folder / f"changes.{form}")
    _write(_outcomes(tables["outcomes"]), folder / f"outcomes.{form}")
    companies = tables["accounts"].rename(columns={"domain": "Domain"}).assign(key="an own column")
    _write(pd.concat([companies, companies.iloc[:3]]), folder / f"accounts.{form}")
    return mapping_from(_content(form))


def _events(events: pd.DataFrame) -> pd.DataFrame:
    events = events.astype({"type": "str"}).rename(columns={"type": "What"})
    strangers = events.iloc[:40].assign(
        lead_id="nobody we know", event_id=[f"stranger {at}" for at in range(40)], What="first seen here"
    )
    early = events.iloc[100:150].assign(known_at=events["occurred_at"].iloc[100:150])
    late = events.iloc[200:260].assign(
        known_at=events["known_at"].iloc[200:260] + pd.Timedelta(days=9), What="page_view"
    )
    nameless = events.iloc[300:330].assign(event_id=None)
    return pd.concat([strangers, late, events, early, nameless, nameless.iloc[:9]], ignore_index=True)


def _changes(changes: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    changes = changes.assign(column=changes["column"].astype("str").replace(ODD_NAMES))
    ids = people["Prospect ID"].iloc[:60]
    own = {"lead_id": ids, "changed_at": people["created"].iloc[:60] + pd.Timedelta(days=3)}
    of_no_column = pd.DataFrame(own).assign(column="a column of nobody", value="x")
    cleared = pd.DataFrame(own).assign(column="seldom", value=None)
    back = pd.DataFrame(own).assign(column="seldom", value="S1")
    # At one time the last of them stands, and a row that came twice is no last one.
    return pd.concat([changes, of_no_column, back, cleared, back.iloc[:30]], ignore_index=True)


def _outcomes(outcomes: pd.DataFrame) -> pd.DataFrame:
    outcomes = outcomes.astype({"outcome": "str"})
    late = outcomes["occurred_at"] + pd.Timedelta(days=11)
    known = outcomes["known_at"].where(outcomes.index % 4 != 1, late)
    ended = outcomes.assign(known_at=known, outcome=outcomes["outcome"].replace({"lost": "Closed - Lost"}))
    return pd.concat([ended, ended.iloc[:20], ended.iloc[:2].assign(lead_id="nobody at all")])


def _content(form: str) -> dict[str, Any]:
    return {
        "leads": {
            "path": f"leads.{form}",
            "id": "Prospect ID",
            "created_at": "created",
            "exclude": ["score of theirs", "lead_id"],
            "missing": ["Select"],
            "context": ["Select me"],
            "multi": {"select": ";"},
        },
        "events": {
            "path": f"events.{form}",
            "lead_id": "lead_id",
            "occurred_at": "occurred_at",
            "type": "What",
            "event_id": "event_id",
            "value": "value",
            "known_at": "known_at",
            "properties": ["page", "campaign"],
            "touches": ["sales_call", "post"],
            "types": {"sales_email": "post"},
        },
        "changes": {
            "path": f"changes.{form}",
            "lead_id": "lead_id",
            "column": "column",
            "changed_at": "changed_at",
            "value": "value",
        },
        "outcomes": {
            "path": f"outcomes.{form}",
            "lead_id": "lead_id",
            "occurred_at": "occurred_at",
            "outcome": "outcome",
            "known_at": "known_at",
            "outcomes": {"Closed - Lost": "lost"},
        },
        "accounts": {
            "path": f"accounts.{form}",
            "key": "Domain",
            "lead_key": "email",
            "known_from": "known_from",
        },
        "training": {"horizon": "90 days", "census": "weekly"},
    }


def _write(table: pd.DataFrame, path: Path) -> None:
    if path.suffix == ".csv":
        table.to_csv(path, index=False)
    else:
        table.to_parquet(path, index=False)
