"""`leadlens explain` of a version that was really trained, and of one of its leads."""

import json
from pathlib import Path

import pandas as pd
import pytest
from command_line import FirstRound, done, leadlens
from made_about import made_about
from small_company import dated_company

from models.registry import home_registry
from training.reports.runs import record_version


@pytest.fixture(scope="module")
def lead(first_round: FirstRound) -> str:
    return str(pd.read_csv(first_round.data / "leads.csv")["lead_id"].iloc[5])


def test_what_moves_the_scores_of_the_newest_version_is_printed(
    first_round: FirstRound, tmp_path: Path
) -> None:
    out = tmp_path / "all.json"
    said = done("explain", "--home", first_round.home, "--out", out).out
    assert "Version 1 of 'leadlens': what moves its scores" in said
    assert "│ 1 " in said
    assert "rank correlation" in said
    content = json.loads(out.read_text("utf-8"))
    assert [one["rank"] for one in content["reasons"]] == list(range(1, len(content["reasons"]) + 1))
    assert sum(one["share"] for one in content["reasons"]) == pytest.approx(1.0)
    assert content["reasons"][0]["name"] in said
    for told in content["dependence"]:
        assert all(one["leads"] >= 20 and one["said"] for one in told["bins"])


def test_a_lead_has_all_its_reasons_and_past_leads_with_how_they_ended(
    first_round: FirstRound, lead: str, tmp_path: Path
) -> None:
    out, config = tmp_path / "one.json", first_round.data / "leadlens.toml"
    run = ("explain", "--home", first_round.home, "--config", config, "--lead", lead)
    said = done(*run, "--similar", 7, "--out", out).out
    content = json.loads(out.read_text("utf-8"))
    assert content["lead_id"] == lead
    assert f"{lead} as of " in said
    moved = sum(reason["log_odds"] for reason in content["reasons"])
    assert moved == pytest.approx(content["margin"] - content["expected_margin"], abs=1e-9)
    assert content["reasons"][-1]["text"].startswith("Not known")
    assert content["reasons"][0]["text"] in said.replace("\n", " ")
    similar = content["similar"]
    assert len({one["lead_id"] for one in similar} - {lead}) == len(similar) == 7
    assert [one["distance"] for one in similar] == sorted(one["distance"] for one in similar)
    assert all(one["as_of"] < content["as_of"] for one in similar)
    assert content["won"]["value"] == pytest.approx(sum(one["won"] for one in similar) / 7)
    assert f"{sum(one['won'] for one in similar)} of 7 won within" in said
    assert "no test of it" in said


def test_what_cannot_be_explained_is_refused_in_words(
    first_round: FirstRound, lead: str, tmp_path: Path
) -> None:
    home, config = ("--home", first_round.home), ("--config", first_round.data / "leadlens.toml")
    for words, code, expected in (
        (("--lead", "nobody", *config), 1, "--lead: expected the id of one of"),
        (("--out", tmp_path / "x.csv"), 1, "--out: expected a file that ends in .json"),
        (config, 1, "--config: expected a lead beside it (--lead ID)"),
        (("--similar", 3), 1, "--similar: expected a lead beside it (--lead ID)"),
        (("--lead", lead, *config, "--similar", 0), 2, "Invalid value for '--similar'"),
        ((99,), 3, "There is no version 99"),
    ):
        run = leadlens("explain", *words, *home)
        assert (run.code, expected in run.said) == (code, True), run.said
    empty = leadlens("explain", "--home", tmp_path / "nothing")
    assert (empty.code, "There is no version to explain" in empty.said) == (3, True)


def test_a_version_that_keeps_no_explanations_says_so(tmp_path: Path) -> None:
    home = tmp_path / "home"
    record_version(dated_company().scorer, made_about(), home_registry(home, {}))
    run = leadlens("explain", "--home", home)
    assert (run.code, "Version 1 keeps no explanations of all its scores" in run.said) == (3, True)


def test_a_points_scorecard_is_explained_by_its_rules(tmp_path: Path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text("Id,Rooms\n" + "".join(f"{n},{n % 7}\n" for n in range(60)), encoding="utf-8")
    done("points", "--leads", leads, "--id", "Id", "--home", tmp_path / "home", folder=tmp_path)
    run = leadlens("explain", "--home", tmp_path / "home")
    assert (run.code, "its rules are its explanation" in run.said) == (3, True)
