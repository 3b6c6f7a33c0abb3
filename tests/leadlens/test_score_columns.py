"""Scores that are made in columns are, cell by cell, those of whole scores: the words and the last bit."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import Fault
from features.history import History
from features.mapping import read_mapping
from features.reading import read_tables
from features.tables import Tables
from leadlens.score_columns import ScoredRows, rows_of_scores, scored_rows
from models.boosting import Boosting
from models.champion import built_in_scorecard
from models.scorer import LeadScorer
from training.examples import cut_examples
from training.fitting.fit import fit_scorer
from training.fitting.recipe import Recipe
from training.synthetic import History as Synthetic
from training.synthetic import generate

pytestmark = pytest.mark.slow


@cache
def company() -> tuple[LeadScorer, Tables]:
    with TemporaryDirectory() as folder:
        made = generate(Synthetic(leads=500, seed=4), Path(folder), format="parquet")
        mapping = read_mapping(made.mapping)
        tables = read_tables(mapping, Path(folder))
    examples = cut_examples(tables, mapping)
    recipe = Recipe(boosting=Boosting(num_trees=20))
    return fit_scorer(examples.history, examples.learned, examples.census, recipe), tables


@settings(max_examples=20)
@given(
    leads=st.lists(st.integers(0, 400), min_size=1, max_size=25),
    age=st.integers(-100, 500),
    spoilt=st.lists(st.tuples(st.integers(0, 24), st.sampled_from(["many", "7", None, " 12 "])), max_size=4),
    absent=st.sets(st.sampled_from(["employees", "country", "job_title"])),
    own=st.booleans(),
)
def test_cells_are_those_of_whole_scores(
    leads: list[int],
    age: int,
    spoilt: list[tuple[int, str | None]],
    absent: set[str],
    own: bool,
) -> None:
    scorer, tables = company()
    rows = tables.leads.iloc[leads].reset_index(drop=True).astype({"employees": object})
    for at, cell in spoilt:
        rows.loc[at % len(rows), "employees"] = cell
    moment = tables.extract_at - pd.Timedelta(days=age)
    some = Tables(leads=rows.drop(columns=list(absent)), events=tables.events, extract_at=moment)
    by = scorer if own else built_in_scorecard()
    history = History(some, by.mapping)
    everyone = np.arange(len(history))
    batch = history.at(everyone, np.full(len(history), history.extract_at))
    refused = {0: Fault("created_at", "earlier", "later")} if age > 400 else {}
    numbers = everyone * 3 + 2
    found = scored_rows(by, batch, numbers, refused)
    expected = rows_of_scores(by.score(batch), numbers, refused)
    assert _plain(found) == _plain(expected)


def _plain(rows: ScoredRows) -> tuple[Any, ...]:
    return rows.batch.schema, rows.batch.to_pylist(), rows.faults, +rows.warnings
