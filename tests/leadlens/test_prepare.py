"""`leadlens prepare`: what it writes and says."""

from pathlib import Path

import pandas as pd
import pytest
from command_line import FirstRound, done, leadlens

from features.prepared import Prepared

pytestmark = pytest.mark.slow


def test_a_generated_history_is_prepared_and_scored(first_round: FirstRound, tmp_path: Path) -> None:
    out = tmp_path / "prepared"
    run = done("prepare", "--config", first_round.data / "leadlens.toml", "--out", out, "--buckets", 3)
    assert f"{out / 'leads'}: 700 rows in 3 buckets" in run.out
    assert "rows repeat an event id" in run.out
    assert "… writing bucket 3 of 3" in run.err
    assert len(Prepared.open(out)) == 3
    scores = tmp_path / "scores.csv"
    done("score", "--prepared", out, "--out", scores, "--home", first_round.home)
    leads = pd.read_csv(first_round.data / "leads.csv", dtype=str)
    assert pd.read_csv(scores, dtype=str)["lead_id"].tolist() == leads["lead_id"].tolist()


def test_bad_rows_stop_it_before_anything_is_there(first_round: FirstRound, tmp_path: Path) -> None:
    for path in first_round.data.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "events.csv").open("a") as file:
        file.write("only,three,cells\n")
    words = ("prepare", "--config", tmp_path / "leadlens.toml", "--out", tmp_path / "out")
    run = leadlens(*words)
    assert run.code == 1
    assert "events.csv, row " in run.err
    assert "cells, found 3" in run.err
    assert not (tmp_path / "out").exists()
    run = done(*words, "--skip-bad-rows")
    assert "note: events.csv: 1 bad rows left out" in run.out
    assert f"{tmp_path / 'out' / 'rejects.csv'}: the rows that could not be read" in run.out
    assert len(pd.read_csv(tmp_path / "out" / "rejects.csv")) == 1


def test_without_a_mapping_it_says_how_to_make_one(tmp_path: Path) -> None:
    run = leadlens("prepare", "--config", tmp_path / "no.toml", "--out", tmp_path / "out")
    assert run.code == 1
    assert "Make one with: leadlens init" in run.err
