"""Learning as of a moment is the same whatever came later: from files, prepared ones, and the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hostile_company import hostile_company
from small_company import TINY

from features.mapping import Mapping, mapping_from
from features.prepared.write import prepare
from features.reading import read_tables
from models.artifact import BOOSTER, SCORER, save_scorer
from serving.history.events import EventSent, keep_events
from serving.history.leads import LeadSent, keep_leads
from serving.history.outcomes import OutcomeSent, keep_outcomes
from serving.history.training_tables import stored_tables
from serving.importing import import_files
from training.examples import Examples, cut_examples, cut_prepared
from training.fitting.fit import fit_scorer
from training.fitting.recipe import Recipe

if TYPE_CHECKING:
    from pathlib import Path

    from serving.store.database import Store

RECIPE = Recipe(boosting=TINY, folds=2)
TIMES = {
    "leads": ["created"],
    "events": ["occurred_at", "known_at"],
    "changes": ["changed_at"],
    "outcomes": ["occurred_at", "known_at"],
}


def as_of(mapping: Mapping, moment: pd.Timestamp) -> Mapping:
    content = mapping.model_dump(mode="json", by_alias=True, exclude_none=True)
    training = {**content["training"], "extract_at": moment.isoformat()}
    return mapping_from({**content, "training": training})


def without_what_came_after(folder: Path, moment: pd.Timestamp, out: Path) -> None:
    """Write the files as they would have been taken out at a moment."""
    out.mkdir()
    for name, times in TIMES.items():
        table = pd.read_parquet(folder / f"{name}.parquet")
        early = table[(table[times].max(axis=1) <= moment).to_numpy()]
        early.to_parquet(out / f"{name}.parquet", index=False)
    (out / "accounts.parquet").write_bytes((folder / "accounts.parquet").read_bytes())


def learned(examples: Examples[Any], folder: Path) -> tuple[bytes, bytes]:
    save_scorer(fit_scorer(examples.history, examples.learned, examples.census, RECIPE), folder)
    return (folder / BOOSTER).read_bytes(), (folder / SCORER).read_bytes()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Mapping, pd.Timestamp]:
    """The whole files of a company, those of a moment, and the mapping as of it. All of it is generated."""
    folder = tmp_path_factory.mktemp("company")
    mapping = hostile_company(folder, "parquet", leads=420)
    created = pd.read_parquet(folder / "leads.parquet")["created"]
    moment = created.quantile(0.7).floor("us")
    without_what_came_after(folder, moment, folder / "then")
    return folder, folder / "then", as_of(mapping, moment), moment


def test_files_teach_the_same_whatever_came_later(company: Any, tmp_path: Path) -> None:
    whole, then, mapping, _ = company
    later, early = (read_tables(mapping, folder) for folder in (whole, then))
    assert any("leads created after" in note and "(training.extract_at)" in note for note in later.notes)
    assert later.leads["lead_id"].tolist() == early.leads["lead_id"].tolist()
    ours, theirs = (cut_examples(tables, mapping) for tables in (later, early))
    assert learned(ours, tmp_path / "later") == learned(theirs, tmp_path / "early")


def test_prepared_files_teach_the_same_whatever_came_later(company: Any, tmp_path: Path) -> None:
    whole, then, mapping, _ = company
    models = []
    for name, folder in (("later", whole), ("early", then)):
        prepared = prepare(mapping, folder, tmp_path / name, buckets=3)
        models.append(learned(cut_prepared(prepared, mapping), tmp_path / f"model of {name}"))
    assert models[0] == models[1]


def test_a_store_teaches_the_same_whatever_came_later(company: Any, store: Store, tmp_path: Path) -> None:
    _, then, mapping, moment = company
    now = moment.value // 1_000 + 1_000_000
    stored = mapping_from(dict(import_files(store, mapping, then, now).mapping))
    early = learned(cut_examples(stored_tables(store, stored), stored), tmp_path / "early")
    write_later(store, now + 3_600_000_000)
    tables = stored_tables(store, stored)
    assert "300 leads created after" in json.dumps(tables.notes)
    assert learned(cut_examples(tables, stored), tmp_path / "later") == early


def write_later(store: Store, now: int) -> None:
    """Write what a CRM sends after the moment: leads, new values, events and ends, of old leads and new."""
    with store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT lead_id FROM leads WHERE arrived_at IS NOT NULL")
        old = sorted(rows.scalars())[:200]
    new = [f"new {number}" for number in range(300)]
    cells = {"number": "XX", "whole": "no number", "seldom": None, "a new column": "x", "part": 7}
    leads = [LeadSent(lead_id, now if lead_id.startswith("new") else None, cells) for lead_id in [*old, *new]]
    events = [
        EventSent(lead_id, kind, at, None, None, None)
        for lead_id in [*old, *new]
        for kind in ("page_view", "never seen before")
        for at in (now, now - 40 * 86_400_000_000)
    ]
    outcomes = [
        OutcomeSent(lead_id, "won" if at % 2 else "lost", now - at * 86_400_000_000, None, None)
        for at, lead_id in enumerate([*old[:60], *new[:60]])
    ]
    store.write(lambda connection: keep_leads(connection, leads, now))
    store.write(lambda connection: keep_events(connection, events, now))
    store.write(lambda connection: keep_outcomes(connection, outcomes, now))
