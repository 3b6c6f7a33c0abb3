"""What `leadlens train` does where there is nothing to learn: it says so, and leaves all as it was."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import FirstRound, leadlens


@pytest.fixture
def shuffled(first_round: FirstRound, tmp_path: Path) -> Path:
    """The data of the first round, but that each outcome is another lead's; return their mapping."""
    folder = Path(shutil.copytree(first_round.data, tmp_path / "data"))
    leads = pd.read_csv(next(folder.rglob("leads.csv")), dtype=str)
    path = next(folder.rglob("outcomes.csv"))
    outcomes = pd.read_csv(path, dtype=str)
    ids = np.random.default_rng(0).permutation(leads["lead_id"].unique())
    outcomes["lead_id"] = np.resize(ids, len(outcomes))
    outcomes.to_csv(path, index=False)
    return folder / "leadlens.toml"


def test_without_a_signal_nothing_is_registered_and_what_served_goes_on(
    first_round: FirstRound, shuffled: Path
) -> None:
    run = leadlens("train", "--config", shuffled, "--home", first_round.home)
    assert run.code == 3
    assert "The data show no signal: of two leads" in run.err
    assert "Nothing is registered. Version 1, the champion, goes on serving." in run.err
    assert "registered as challenger" not in run.said
    assert leadlens("evaluate", 2, "--home", first_round.home).code == 3


def test_in_a_new_home_points_go_on_serving(shuffled: Path, tmp_path: Path) -> None:
    run = leadlens("train", "--config", shuffled, "--home", tmp_path / "home")
    assert run.code == 3
    assert "Nothing is registered. The points scorecard that comes with LeadLens goes on serving" in run.err
    assert not (tmp_path / "home" / "champion").exists()
