"""generate → train → promote → evaluate, as a person runs them."""

import csv
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
from command_line import ROOT, FirstRound, done, leadlens

pytestmark = pytest.mark.slow


def test_generate_says_what_it_wrote(first_round: FirstRound) -> None:
    said = dict(
        re.findall(
            r"(\S+\.csv): ([\d,]+) rows", first_round.generated.out.replace(str(first_round.data) + "/", "")
        )
    )
    assert set(said) >= {"leads.csv", "events.csv", "changes.csv", "outcomes.csv", "accounts.csv"}
    assert said["leads.csv"] == "700"
    for name, rows in said.items():
        with next(first_round.data.rglob(name)).open(encoding="utf-8", newline="") as file:
            assert sum(1 for _ in csv.reader(file)) - 1 == int(rows.replace(",", "")), name
    assert f"leadlens train --config {first_round.data / 'leadlens.toml'}" in first_round.generated.out


def test_training_says_its_evidence_and_what_comes_next(first_round: FirstRound) -> None:
    out = first_round.trained.out
    figure = r"-?\d\.\d{4} \[-?\d\.\d{4}, -?\d\.\d{4}\]"
    assert re.search(rf"^  the model +{figure} +{figure}$", out, re.MULTILINE)
    for rival in ("points scorecard", "logistic regression", "naive Bayes"):
        assert re.search(rf"^  {rival} +{figure} +{figure} +[+-]{figure}$", out, re.MULTILINE), rival
    assert re.search(r"^  signal: z = \d", out, re.MULTILINE)
    assert "a random split by lead shows AUC" in out
    assert "AUC without events" in out
    assert re.search(r"^Version 1 is registered as challenger \(run [0-9a-f]{32}\)\.$", out, re.MULTILINE)
    assert "leadlens promote" in out


def test_training_prints_nothing_but_its_own_steps_to_standard_error(first_round: FirstRound) -> None:
    lines = first_round.trained.err.splitlines()
    assert lines
    assert [line for line in lines if not line.startswith("… ")] == []
    assert first_round.promoted.err == ""


def test_promoting_points_to_the_copy_that_serves(first_round: FirstRound) -> None:
    assert "Version 1 is champion" in first_round.promoted.out
    noted = done("audit-log", "--home", first_round.home).out
    assert 'version became challenger  {"name": "leadlens", "version": 1}' in noted
    act = next(line for line in noted.splitlines() if "version promoted" in line)
    about = json.loads(act[act.index("{") :])
    assert (about["before"], about["name"], about["version"]) == (None, "leadlens", 1)
    assert (about["forced"], about["why"]) == (True, "it is small")
    pointer = json.loads((first_round.home / "champion" / "current").read_text())
    assert pointer["version"] == 1
    assert (first_round.home / "champion" / pointer["folder"] / "booster.txt").is_file()


def test_promoting_twice_and_by_number_leaves_one_copy(first_round: FirstRound) -> None:
    before = {p.name: p.read_bytes() for p in (first_round.home / "champion" / "v1").iterdir()}
    for words in ((), (1,)):
        assert "Version 1 is champion" in done("promote", *words, "--home", first_round.home).out
    assert sorted(p.name for p in (first_round.home / "champion").iterdir()) == ["current", "prepared", "v1"]
    assert {p.name: p.read_bytes() for p in (first_round.home / "champion" / "v1").iterdir()} == before


def test_evaluating_prints_the_evidence_that_training_printed(first_round: FirstRound) -> None:
    def evidence(text: str) -> list[str]:
        lines = text.splitlines()
        start = next(at for at, line in enumerate(lines) if line.startswith("Evidence:"))
        return [line for line in lines[start:] if not line.startswith("Version")]

    run = done("evaluate", "--home", first_round.home)
    assert run.out.startswith("Version 1 of 'leadlens'\n")
    told = evidence(first_round.trained.out)
    trained = [line for line in told if not line.startswith(("Make it", "It is not for serving", "Its card"))]
    assert evidence(run.out) == trained
    lead = next(line for line in trained if line.startswith("  base rate")).split()[-3]
    assert f"base rate {lead.removeprefix('+')} [" in first_round.promoted.out


def test_evaluating_on_other_data_measures_there(first_round: FirstRound, tmp_path: Path) -> None:
    done("generate", "--out", tmp_path, "--leads", 400, "--seed", 8)
    run = done("evaluate", 1, "--config", tmp_path / "leadlens.toml", "--home", first_round.home)
    assert f"on the census of {tmp_path / 'leadlens.toml'}" in run.out
    assert "trained on are not told apart" in run.out
    assert run.out.count("AUC ") == 1
    assert done("evaluate", "--home", first_round.home).out not in run.out
    mapping = (tmp_path / "leadlens.toml").read_text("utf-8")
    other = tmp_path / "other.toml"
    other.write_text(re.sub(r'horizon = "[^"]*"', 'horizon = "7 days"', mapping), "utf-8")
    refused = leadlens("evaluate", 1, "--config", other, "--home", first_round.home)
    assert refused.code == 3
    assert "training.horizon is " in refused.err
    table = pd.read_parquet(tmp_path / "leads.parquet")
    table.drop(columns="country").to_parquet(tmp_path / "leads.parquet")
    blind = done("evaluate", 1, "--data", tmp_path, "--home", first_round.home, folder=tmp_path)
    assert "note: These data lack what the version learned from: 'country'." in blind.out


def recorded(home: Path) -> dict[str, str]:
    """Everything that a registry holds of runs and versions: its files, and what its tables say of them."""
    said = {str(path): path.read_text("utf-8", "replace") for path in home.rglob("*") if path.is_file()}
    with closing(sqlite3.connect(home / "mlflow.db")) as database:
        for table in ("params", "tags", "datasets", "input_tags", "logged_model_params", "logged_model_tags",
                      "model_version_tags", "registered_model_tags"):  # fmt: skip
            said[table] = repr(database.execute(f"SELECT * FROM {table}").fetchall())  # noqa: S608  # as above
    return {name: text for name, text in said.items() if not name.endswith((".db", ".lock", "-wal", "-shm"))}


def test_no_path_of_the_machine_and_nobody_by_name_stands_in_what_was_recorded(
    first_round: FirstRound,
) -> None:
    with (first_round.data / "leads.csv").open(encoding="utf-8", newline="") as file:
        leads = list(csv.DictReader(file))
    people = {row[name] for row in leads for name in ("lead_id", "email") if row.get(name)}
    assert len(people) > 700
    said = recorded(first_round.home)
    assert any(name.endswith("scorer.json") for name in said)
    assert any(name.endswith("model_card.md") for name in said)
    assert "leadlens train --config leadlens.toml" in said["params"]
    for name, text in said.items():
        # MLflow writes where it keeps the version itself, which is not what we say of it.
        told = re.sub(r"^artifact_path: .*$", "", text, flags=re.MULTILINE)
        for folder in (str(first_round.home.parent), str(ROOT)):
            assert folder not in told, name
            assert quote(folder) not in told, name
        words = set(re.findall(r"[\w.+-]+@[\w.-]+|[\w-]+", told))
        assert not words & people, name


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["promote", "99"], 3, "There is no version 99 of 'leadlens' in the registry"),
        (["promote", "9" * 23], 3, "There is no version 9999"),
        (["evaluate", "99"], 3, "There is no version 99 of 'leadlens' in the registry"),
        (
            ["evaluate", "1", "--config", "none.toml"],
            1,
            "none.toml: expected a mapping file, found no such file",
        ),
        (["promote", "one"], 2, "Invalid value"),
    ],
)
def test_what_is_not_there_is_said(
    first_round: FirstRound, words: list[str], code: int, expected: str
) -> None:
    run = leadlens(*words, "--home", first_round.home)
    assert run.code == code
    assert expected in run.said
