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
