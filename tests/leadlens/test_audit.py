"""`leadlens audit`, and the audit that `leadlens train` always makes."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import done, leadlens
from leak_zoo import labels_of_zoo, number_with, pick

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Flat leads with a leak, dates that the guesses would take for more, and a file of open leads."""
    place = tmp_path_factory.mktemp("audit")
    rng = np.random.default_rng(9)
    labels = labels_of_zoo(rng, 900, 0.3)
    start = np.datetime64("2025-01-01")
    created = start + rng.integers(0, 300, 900)
    frame = pd.DataFrame(
        {
            "Id": [f"{n:05}" for n in range(900)],
            "created_at": [str(at) for at in created],
            "Size": number_with(0.7)(rng, labels),
            "Shade": pick(rng, ["red", "[blue]", "Select"], 900),
            "Closed at": [str(at + 30) if won else None for at, won in zip(created, labels, strict=True)],
            "Rating": number_with(0.9)(rng, labels),
            "Outcome": np.where(labels == 1, "Won", "Lost"),
        }
    )
    frame.to_csv(place / "leads.csv", index=False)
    frame.head(200).assign(**{"Closed at": None, "Rating": None, "Outcome": None}).to_csv(
        place / "open.csv", index=False
    )
    (place / "leadlens.toml").write_text(
        '[leads]\npath = "leads.csv"\nid = "Id"\ncreated_at = "created_at"\nexclude = ["Shade"]\n'
        '[outcomes]\nlabel = "Outcome"\npositive = "Won"\n'
    )
    return place


ASKED = ("audit", "--leads", "leads.csv", "--id", "Id", "--label", "Outcome")


def test_json_alone_stands_on_standard_output_and_every_column_is_judged(folder: Path) -> None:
    content = json.loads(done(*ASKED, "--json", folder=folder).out)
    verdicts = {column["name"]: column["verdict"] for column in content["columns"]}
    assert verdicts == {
        "created_at": "clear",
        "Size": "clear",
        "Shade": "clear",
        "Closed at": "leak",
        "Rating": "suspect",
    }
    assert all(column["evidence"] for column in content["columns"] if column["verdict"] != "clear")


def test_the_table_names_leaks_suspects_and_what_is_clear(folder: Path) -> None:
    out = done(*ASKED, folder=folder).out
    assert "Closed at" in out
    assert "leak" in out
    assert "clear: created_at, Size, Shade" in out
    assert "this one was guessed" in out


def test_fresh_leads_are_compared_with(folder: Path) -> None:
    content = json.loads(done(*ASKED, "--fresh", "open.csv", "--json", folder=folder).out)
    rating = next(column for column in content["columns"] if column["name"] == "Rating")
    assert content["fresh"] == 200
    assert any("0% of the fresh ones" in sentence for sentence in rating["evidence"])
    assert rating["verdict"] == "leak"


def test_with_a_mapping_its_exclusions_are_named_and_not_audited(folder: Path) -> None:
    content = json.loads(done("audit", "--json", folder=folder).out)
    assert [column["name"] for column in content["columns"]] == ["Size", "Closed at", "Rating"]
    assert "Excluded by the mapping, and not audited: Shade." in content["notes"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--config", "leadlens.toml", "--leads", "leads.csv"], "expected one of the two"),
        (["--leads", "leads.csv", "--label", "Won"], "expected a column 'Won'"),
        (["--leads", "none.csv"], "none.csv: expected a file, found no such file"),
        ([*ASKED[1:], "--fresh", "none.csv"], "none.csv: expected a file, found no such file"),
        (["--config", "none.toml"], "none.toml: expected a mapping file"),
    ],
)
def test_what_cannot_be_audited_is_said(folder: Path, words: list[str], expected: str) -> None:
    run = leadlens("audit", *words, folder=folder)
    assert run.code == 1
    assert expected in run.said


def test_training_leaves_leaks_out_and_records_the_audit(folder: Path, home: Path) -> None:
    run = done("train", folder=folder)
    assert "LEAK, LEFT OUT: Closed at" in run.out
    assert "suspect, kept: Rating (without it the AUC falls by" in run.out
    card = next(home.rglob("model_card.md")).read_text()
    assert re.search(r"\| Closed at \| leak, left out \|", card)
    audit = json.loads(next(home.rglob("audit.json")).read_text())
    assert {column["name"]: column["verdict"] for column in audit["columns"]}["Closed at"] == "leak"


def test_a_leak_that_is_kept_is_said_and_recorded(folder: Path, home: Path) -> None:
    run = done("train", "--keep", "Closed at", folder=folder)
    assert "LEAK, KEPT as you asked (--keep): Closed at" in run.out
    assert "LEFT OUT" not in run.out
    card = next(home.rglob("model_card.md")).read_text()
    assert re.search(r"\| Closed at \| leak, kept because somebody asked for it \|", card)
    assert "leak, left out" not in card


def test_keeping_what_is_not_there_stops_before_training(folder: Path, home: Path) -> None:
    run = leadlens("train", "--keep", "Closed", folder=folder)
    assert run.code == 1
    assert "--keep: expected one of Size, Closed at, Rating, found 'Closed'" in run.said
    assert not list(home.rglob("audit.json"))
