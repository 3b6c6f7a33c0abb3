import json
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="module")
def audit(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("audit")


def skipped(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "skip_reason": f"Dependency not found on PyPI and could not be audited: {name} (1.0)",
    }


def clean(name: str) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "vulns": []}


def holed(name: str, *fixed_in: str) -> dict[str, Any]:
    hole = {
        "id": "PYSEC-2026-7",
        "fix_versions": list(fixed_in),
        "aliases": ["CVE-2026-1"],
        "description": "…",
    }
    return {"name": name, "version": "1.0", "vulns": [hole]}


def said(audit: ModuleType, *packages: dict[str, Any]) -> str:
    return str(audit.read_report(json.dumps({"dependencies": packages, "fixes": []})))


def test_no_answer_at_all_is_said_and_never_called_clean(audit: ModuleType) -> None:
    expected = "warning: 0 of 2 packages were looked up: no answer from the advisory service"
    assert said(audit, skipped("numpy"), skipped("rich")) == expected


def test_a_part_of_the_answers_is_said(audit: ModuleType) -> None:
    expected = "warning: 1 of 2 packages were looked up: no answer for the others, no known holes"
    assert said(audit, skipped("numpy"), clean("rich")) == expected


def test_all_answers_and_no_hole_warn_of_nothing(audit: ModuleType) -> None:
    assert said(audit, clean("numpy"), clean("rich")) == "2 of 2 packages were looked up, no known holes"


def test_a_hole_is_named_with_its_remedy(audit: ModuleType) -> None:
    assert said(audit, holed("numpy", "1.1", "2.0"), clean("rich")).splitlines() == [
        "2 of 2 packages were looked up, 1 known hole",
        "warning: numpy 1.0: PYSEC-2026-7, fixed in 1.1, 2.0",
    ]
    assert said(audit, holed("numpy")).endswith("no fixed version yet")


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"dependencies": [{"name": "numpy"}]}'])
def test_another_shape_is_refused(audit: ModuleType, text: str) -> None:
    with pytest.raises(ValueError, match=r"expected pip-audit's JSON|Expecting value"):
        audit.read_report(text)


def test_a_tool_that_hangs_is_stopped(audit: ModuleType) -> None:
    hanging = [sys.executable, "-c", "import time; time.sleep(60)"]
    assert audit.ask(hanging, timeout_s=0.5) == "warning: no package was looked up: no answer within 0.5 s"


def test_a_tool_that_fails_is_quoted(audit: ModuleType) -> None:
    failing = [sys.executable, "-c", "raise SystemExit('ERROR: the service is away')"]
    assert audit.ask(failing, timeout_s=30) == "warning: no package was looked up: ERROR: the service is away"


def test_a_tool_that_is_missing_is_said(audit: ModuleType) -> None:
    assert "No such file" in audit.ask(["/nowhere/pip-audit"], timeout_s=30)
