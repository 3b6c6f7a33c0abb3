"""Policies on the command line: the one in force, checked, published, listed; and the agreement."""

from pathlib import Path

import pytest
from command_line import done, leadlens

from decisions.policy import Policy, policy_of_text
from decisions.policy.complete import complete_text

OWN = """
name = "ours"
score_threshold = 62
[disqualifiers.robots]
when = "email_kind == 'disposable'"
words = "is a robot"
category = "robot"
[segments.size]
by = "industry"
[segments.persona.cases]
boss = "seniority == 'owner'"
[routes.enterprise]
when = "segment_size == 'enterprise'"
queue = "enterprise"
[stages.PQL]
off = true
[clocks.sla.chilly]
temperature = "cold"
acknowledge = "90 minutes"
[handoff]
a_day = 12
segments = [{ dimension = "size", value = "enterprise", score = 55 }]
[lists]
markets = ["de"]
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(OWN, "utf-8")
    return path


@pytest.mark.parametrize("text", ["", "score_threshold = 60", OWN], ids=["none", "a threshold", "much"])
def test_a_complete_policy_means_the_same_and_keeps_the_comments(text: str) -> None:
    whole = complete_text(text)
    assert policy_of_text(whole).sha256 == policy_of_text(text).sha256
    for section in Policy.model_fields:
        if section != "score_threshold":
            assert section in whole
    assert "# ----" in whole


def test_the_policy_in_force_is_the_default_then_the_file_then_what_was_published(
    home: Path, own: Path
) -> None:
    assert policy_of_text(done("policy", "show", "--home", home).out).sha256 == Policy().sha256
    home.mkdir()
    (home / "policy.toml").write_text("score_threshold = 55\n", "utf-8")
    assert done("policy", "show", "--own", "--home", home).out == "score_threshold = 55\n"
    published = done("policy", "publish", own, "--note", "two more reps", "--home", home)
    assert published.out.startswith("Version 1 of the policy is in force")
    shown = policy_of_text(done("policy", "show", "--home", home).out)
    assert shown.sha256 == policy_of_text(OWN).sha256
    assert done("policy", "show", own, "--own", "--home", home).out.strip() == OWN.strip()


def test_versions_are_listed_with_the_one_in_force_and_each_can_be_shown(home: Path, own: Path) -> None:
    assert "no store yet" in done("policy", "list", "--home", home).out
    for threshold in (60, 64):
        own.write_text(f"score_threshold = {threshold}\n", "utf-8")
        done("policy", "publish", own, "--note", f"at {threshold}", "--home", home)
    newest, older = done("policy", "list", "--home", home).out.splitlines()
    assert newest.split()[:3] == ["2", "in", "force"]
    assert older.split()[:2] == ["1", "published"]
    assert older.endswith("at 60")
    assert done("policy", "show", "1", "--own", "--home", home).out == "score_threshold = 60\n"
    missing = leadlens("policy", "show", "9", "--home", home)
    assert missing.code == 1
    assert "expected a version of the store, found 9" in missing.said
    acts = done("audit-log", "--home", home).out
    assert acts.count("policy published") == 2


@pytest.mark.parametrize("command", ["check", "publish"])
def test_what_is_wrong_is_said_with_its_line_and_nothing_is_published(
    home: Path, own: Path, command: str
) -> None:
    own.write_text(
        "score_threshold = 60\n[handoff]\nhysteresis = 77\n[signals.hand_raised]\nwhen = 'x > 1'\n"
    )
    run = leadlens("policy", command, own, *([] if command == "check" else ["--home", home]))
    assert run.code == 1
    assert "own.toml, line 3, handoff.hysteresis" in run.said
    assert not home.exists()
    nowhere = leadlens("policy", "check", own.with_name("nowhere.toml"))
    assert (nowhere.code, "no such file" in nowhere.said) == (1, True)


def test_without_answers_of_sales_no_threshold_is_proposed(home: Path, own: Path) -> None:
    assert leadlens("policy", "propose", "--home", home).code == 1
    done("policy", "publish", own, "--home", home)
    said = done("policy", "propose", "--home", home).out
    assert said.startswith("Too few answers of sales")
    assert "Proposed" not in said


def test_a_policy_that_is_right_is_said_to_be_so(own: Path) -> None:
    assert "the policy 'ours' is right" in done("policy", "check", own).out


def test_the_agreement_is_that_of_the_policy_in_force_or_of_a_file(home: Path, own: Path) -> None:
    plain = done("agreement", "--home", home).out
    assert "By the policy 'default'" in plain
    assert "70 on a score by a model" in plain
    marked = done("agreement", "--policy", own, "--format", "markdown", "--home", home).out
    assert marked.startswith("# The agreement of marketing and sales\n")
    assert "62 on a score by a model" in marked
    assert "within 1 hour 30 minutes" in marked
