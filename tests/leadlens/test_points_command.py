"""`leadlens points`: from a card that comes with LeadLens to one that serves, without any outcome."""

import csv
import os
import re
from pathlib import Path

import pytest
from command_line import done, leadlens

from models.champion import load_champion
from models.registry import CHALLENGER, home_registry
from models.scorecard.points_card import read_card

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("points")
    done("generate", "--out", folder, "--leads", 600, "--format", "csv")
    return folder


def without_outcomes(data: Path) -> Path:
    """The mapping of a company that cannot tell how any lead ended."""
    text = (data / "leadlens.toml").read_text("utf-8")
    fresh = data / "fresh.toml"
    fresh.write_text(re.sub(r"^\[outcomes\][^\[]*", "", text, flags=re.MULTILINE), "utf-8")
    return fresh


def test_a_card_is_written_edited_registered_and_serves_without_outcomes(data: Path, tmp_path: Path) -> None:
    config, card, home = without_outcomes(data), tmp_path / "card.toml", tmp_path / "home"
    said = done("points", "--config", config, "--write", card, "--home", home).out
    assert f"leadlens points --card {card}" in said
    assert not home.exists()
    rule = '\n[[stage.rules]]\nfeature = "webinar.count.evr"\nat_least = 1\npoints = 5\n'
    card.write_text(card.read_text("utf-8") + rule, "utf-8")
    run = done("points", "--config", config, "--card", card, "--home", home)
    assert "not used: a rule of [stage]: 'webinar.count.evr' at least 1: there is no such feature" in run.out
    assert re.search(r"\d+ of \d+ open leads \(\d+%\) have 70 points or more\.", run.out)
    assert "Version 1 is registered as challenger. A scorecard claims no chances." in run.out
    registry = home_registry(home, {})
    version = registry.aliased(CHALLENGER)
    assert version is not None
    assert "leadlens points --config fresh.toml --card card.toml" in registry.text(
        version.run_id, "model_card.md"
    )
    model = next((home / "mlartifacts").rglob("MLmodel")).read_text("utf-8")
    assert '"name": "score"' in model
    assert "probability" not in model
    old, young = (home / "champion" / f".fetched-{name}" for name in ("old", "young"))
    for left in (old, young):
        (left / "data").mkdir(parents=True)
    os.utime(old, (0, 0))
    for words in ((), ("--config", config)):
        evaluated = leadlens("evaluate", *words, "--home", home)
        assert evaluated.code == 3
        assert "Version 1 is a points scorecard: it claims no chances" in evaluated.err
    assert "Version 1 is champion" in done("promote", "--home", home).out
    assert (old.exists(), young.exists()) == (False, True)
    scores = tmp_path / "scores.csv"
    leads = ("--leads", data / "leads.csv", "--events", data / "events.csv")
    done("score", *leads, "--out", scores, "--home", home)
    with scores.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["rung"] for row in rows} == {"points"}
    assert {row["probability"] for row in rows} == {""}
    assert len({row["score"] for row in rows}) > 10
    champion = load_champion(home)
    assert champion is not None
    assert champion.rung == "points"


def test_points_and_profile_are_learned_from_the_wins(data: Path, tmp_path: Path) -> None:
    card = tmp_path / "learned.toml"
    run = done("points", "--config", data / "leadlens.toml", "--learn", "--write", card, "--home", tmp_path)
    assert "ideal customer profile" in run.out
    learned = read_card(card)
    assert "Derived in training" in str(learned.origin)
    assert learned.profile.rules
    assert learned.behavioural.rules
    run = leadlens("points", "--config", data / "leadlens.toml", "--write", card, "--home", tmp_path)
    assert run.code == 1
    assert "expected no such file yet, found one" in run.said


def test_one_file_of_leads_needs_no_mapping_and_no_outcomes(tmp_path: Path) -> None:
    rows = [f"{n:04},{n % 7},{('Software', 'Steel')[n % 2]},{int(n % 3 == 0)}" for n in range(90)]
    (tmp_path / "leads.csv").write_text("Id,Rooms,Industry,Converted\n" + "\n".join(rows) + "\n")
    rest = "\n".join(row.rpartition(",")[0] for row in rows)
    (tmp_path / "open.csv").write_text(f"Id,Rooms,Industry\n{rest}\n")
    card = tmp_path / "card.toml"
    for file in ("leads.csv", "open.csv"):
        words = ("points", "--leads", tmp_path / file, "--id", "Id", "--home", tmp_path / "home")
        run = done(*words, "--write", card, "--force")
        assert "of 90 open leads" in run.out
        assert '"Industry"' in card.read_text("utf-8")
    run = leadlens(*words, "--learn")
    assert run.code == 1
    assert "a column that says which leads converted" in run.said


def test_learning_without_outcomes_is_said(data: Path, tmp_path: Path) -> None:
    run = leadlens("points", "--config", without_outcomes(data), "--learn", "--home", tmp_path)
    assert run.code == 1
    assert "how leads ended" in run.said


def test_one_card_at_a_time(data: Path, tmp_path: Path) -> None:
    run = leadlens("points", "--card", "card.toml", "--learn", "--home", tmp_path)
    assert run.code == 1
    assert "--card and --learn: expected one of the two, found both" in run.said
