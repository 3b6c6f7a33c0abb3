import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def prove(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("prove")


def row(part: str, result: str, commit: str) -> str:
    return f"| {part} | {result} | 2026-11-21 | {commit} | 1.0 | coverage 0.91 |"


def test_parts_are_found_by_their_mark(prove: ModuleType, tmp_path: Path) -> None:
    marked = "import pytest\n\n@pytest.mark.proof(part='kills')\ndef test_one(): ...\n"
    (tmp_path / "test_one.py").write_text(marked, encoding="utf-8")
    (tmp_path / "test_two.py").write_text(marked.replace("kills", "bands") + marked, encoding="utf-8")
    assert prove.find_parts(tmp_path) == ["bands", "kills"]


def test_rows_are_added_in_order_and_the_rest_of_the_page_stays(prove: ModuleType) -> None:
    page = prove.with_row("# Results\n", row("kills", "passed", "abc123"))
    page += "\n## Speed\n\n| what | ratio |\n"
    page = prove.with_row(page, row("bands", "FAILED", "abc123"))
    table, speed = page.split("\n## Speed\n")
    assert [line.split(" | ")[0] for line in table.splitlines()[-2:]] == ["| kills", "| bands"]
    assert speed == "\n| what | ratio |\n"


def test_only_a_pass_on_committed_files_counts_as_passed(prove: ModuleType) -> None:
    page = "# Results\n"
    for result, commit in [("passed", "abc123"), ("FAILED", "def456"), ("passed", "fed321 and changes")]:
        page = prove.with_row(page, row("kills", result, commit))
    assert prove.passed_at(page, "kills") == ["abc123"]
    assert prove.passed_at(page, "bands") == []


def test_figures_of_the_tests_are_read(prove: ModuleType, tmp_path: Path) -> None:
    report = tmp_path / "junit.xml"
    report.write_text(
        '<x><property name="coverage" value="0.91"/><property name="n" value="3"/></x>', "utf-8"
    )
    assert prove.figures_in(report) == "coverage 0.91, n 3"
    assert prove.figures_in(tmp_path / "absent.xml") == ""


PROJECT = """
import os
import pytest

@pytest.mark.proof(part="good")
def test_good(record_property):
    record_property("proving", os.environ["LEADLENS_PROVE"])

@pytest.mark.proof(part="bad")
def test_bad():
    raise AssertionError

def test_of_no_part():
    raise AssertionError
"""


@pytest.fixture
def project(tmp_path: Path, root: Path) -> Path:
    """A small project of its own with the script in it, committed."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "tests").mkdir()
    shutil.copy(root / "scripts" / "prove.py", tmp_path / "scripts")
    (tmp_path / "tests" / "test_parts.py").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nfilterwarnings = error\nmarkers = proof(part): a part", "utf-8"
    )
    (tmp_path / ".gitignore").write_text("__pycache__\n.pytest_cache\n", "utf-8")
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def git(project: Path, *words: str) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *words], cwd=project, check=True, capture_output=True)


def commit(project: Path) -> None:
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "A commit")


def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "scripts/prove.py", *words]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def test_each_part_runs_alone_at_full_size_and_leaves_its_row(project: Path) -> None:
    done = run(project)
    assert done.returncode == 1
    assert done.stdout.endswith("failed: bad\n")
    rows = (project / "benchmarks" / "RESULTS.md").read_text("utf-8").splitlines()[-2:]
    assert [row.split(" | ")[:2] for row in rows] == [["| bad", "FAILED"], ["| good", "passed"]]
    assert rows[1].endswith("| proving 1 |")


def test_a_part_that_has_passed_waits_for_a_change(project: Path) -> None:
    assert run(project, "good").returncode == 0
    assert "good: has passed on these files" in run(project, "good").stdout
    commit(project)  # the results themselves are no change
    assert "good: has passed on these files" in run(project, "good").stdout
    assert "has passed on these files" not in run(project, "--again", "good").stdout
    (project / "new.py").write_text("", "utf-8")
    assert "has passed on these files" not in run(project, "good").stdout
    assert " and changes |" in (project / "benchmarks" / "RESULTS.md").read_text("utf-8").splitlines()[-1]


def test_an_unknown_part_is_refused_with_the_known_ones(project: Path) -> None:
    done = run(project, "god")
    assert done.returncode == 2
    assert done.stdout == "expected parts among bad, good; found god\n"
