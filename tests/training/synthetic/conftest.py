"""Histories that several tests read, generated once."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from training.synthetic import Generated, History, generate


@dataclass(frozen=True, slots=True)
class Read:
    """A generated history, read back."""

    recipe: History
    made: Generated
    leads: pd.DataFrame
    events: pd.DataFrame
    changes: pd.DataFrame
    outcomes: pd.DataFrame
    accounts: pd.DataFrame
    truth: pd.DataFrame


def _read(recipe: History, out: Path) -> Read:
    made = generate(recipe, out, truth=True)
    tables = (made.leads, made.events, made.changes, made.outcomes, made.accounts, made.truth)
    return Read(recipe, made, *(_plain(table.path) for table in tables if table is not None))


def _plain(path: Path) -> pd.DataFrame:
    frame: pd.DataFrame = pq.read_table(path).to_pandas()
    return frame.astype({name: "str" for name, kind in frame.dtypes.items() if kind == "category"})


@pytest.fixture(scope="session")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Read:
    return _read(History(), tmp_path_factory.mktemp("ordinary"))


@pytest.fixture(scope="session")
def observable(tmp_path_factory: pytest.TempPathFactory) -> Read:
    return _read(History(leads=1_000, observable=True, seed=3), tmp_path_factory.mktemp("observable"))


@pytest.fixture(scope="session")
def drifting(tmp_path_factory: pytest.TempPathFactory) -> Read:
    return _read(History(leads=10_000, drift=1.0), tmp_path_factory.mktemp("drifting"))
