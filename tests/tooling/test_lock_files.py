import re
from pathlib import Path

import pytest

NAMES = ["dev", "runtime", "serving"]
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ;]+)(?: ; (?P<when>.*?))? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def lines(root: Path, name: str) -> list[str]:
    return (root / "requirements" / f"{name}.txt").read_text("utf-8").splitlines()


def pins(root: Path, name: str) -> set[tuple[str, str]]:
    found = [PIN.match(line) for line in lines(root, name)]
    return {(match["name"], match["version"]) for match in found if match}


def names(root: Path, name: str) -> set[str]:
    return {package for package, _ in pins(root, name)}


@pytest.mark.parametrize("name", NAMES)
def test_no_lock_file_names_an_address(root: Path, name: str) -> None:
    assert [line for line in lines(root, name) if re.search(r"://|@|index|find-links|^-", line)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_line_is_a_pin_or_a_hash_and_every_pin_has_a_hash(root: Path, name: str) -> None:
    text = lines(root, name)
    assert [line for line in text if not PIN.match(line) and not HASH.match(line)] == []
    followers = zip(text, [*text[1:], ""], strict=True)
    assert [line for line, after in followers if PIN.match(line) and not HASH.match(after)] == []
    assert pins(root, name)


@pytest.mark.parametrize("name", ["runtime", "serving"])
def test_the_smaller_lock_files_pin_what_the_larger_pins(root: Path, name: str) -> None:
    assert pins(root, name) - pins(root, "dev") == set()


def test_what_serves_is_part_of_what_runs(root: Path) -> None:
    assert pins(root, "serving") - pins(root, "runtime") == set()


def test_a_server_installs_no_tool_of_training_or_testing(root: Path) -> None:
    unwanted = {"mlflow", "shap", "scikit-learn", "matplotlib", "pytest", "hypothesis", "mypy", "ruff"}
    assert names(root, "serving") & unwanted == set()
    assert {"pytest", "hypothesis", "mypy", "ruff"} & names(root, "runtime") == set()
    assert unwanted <= names(root, "dev")
