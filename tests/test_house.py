"""Laws on the tree itself."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

NO_NOUN = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py", "manager.py"}
RUNS_CODE_WHEN_READ = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
LONGEST_FILE = 400


@pytest.fixture(scope="session")
def tracked(root: Path) -> list[Path]:
    """The files of the project: those in git, and those that would go in."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip(f"this tree is not a git clone: {listed.stderr.strip()}")
    return [root / name for name in listed.stdout.split("\0") if name and (root / name).is_file()]


@pytest.fixture(scope="session")
def packages(root: Path) -> list[str]:
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]["packages"]


def imports(source: str) -> Iterator[str]:
    """The top-level modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def links(markdown: str) -> Iterator[str]:
    """The targets of a page's links and pictures, code left out."""
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", markdown, flags=re.DOTALL)
    yield from re.findall(r"\]\(\s*<?([^)\s>]+)", prose)
    yield from re.findall(r"^\[[^\]]+\]:\s*(\S+)", prose, flags=re.MULTILINE)


def test_every_package_of_the_tree_is_in_the_wheel_and_nothing_else(root: Path, packages: list[str]) -> None:
    assert sorted(path.parent.name for path in root.glob("*/__init__.py")) == sorted(packages)


def test_arrows_point_down(root: Path) -> None:
    command = [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("package", ["features", "models", "decisions", "serving"])
def test_nothing_that_serves_reads_a_format_that_runs_code(root: Path, package: str) -> None:
    files = list((root / package).rglob("*.py"))
    assert files
    found = {(str(file), name) for file in files for name in imports(file.read_text("utf-8"))}
    assert {(file, name) for file, name in found if name in RUNS_CODE_WHEN_READ} == set()


def test_no_file_becomes_the_place_where_everything_goes(root: Path, packages: list[str]) -> None:
    lengths = {
        str(file.relative_to(root)): len(file.read_text("utf-8").splitlines())
        for package in packages
        for file in (root / package).rglob("*.py")
    }
    assert {file: length for file, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_file_has_a_noun_of_its_own(tracked: list[Path]) -> None:
    assert [str(file) for file in tracked if file.name in NO_NOUN] == []


def test_no_file_names_a_folder_of_one_machine(tracked: list[Path], root: Path) -> None:
    # Written so that this file does not name one itself.
    folder = re.compile(
        rb"(?<![\w.:/-])/(?:%s)/[\w.]" % b"|".join([b"root", b"work", b"home/[a-z]+", b"Users"])
    )
    found = {str(file.relative_to(root)): folder.search(file.read_bytes()) for file in tracked}
    assert {file: match.group() for file, match in found.items() if match} == {}


def test_every_link_between_the_pages_leads_somewhere(tracked: list[Path], root: Path) -> None:
    broken = [
        f"{page.relative_to(root)}: {target}"
        for page in tracked
        if page.suffix == ".md"
        for target in links(page.read_text("utf-8"))
        if not re.match(r"[a-z]+:|#", target) and not (page.parent / target.partition("#")[0]).exists()
    ]
    assert broken == []
