"""The script that makes .venv, run in a copy of its folder with stand-ins for Python."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

# Writes down how it was called; its environments are copies of itself; refuses to install where told so.
STAND_IN = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$*" in
    *print*) echo 3.12 ;;
    "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *"-r requirements/dev.txt") [ -z "$BROKEN" ] ;;
esac
"""
SHIM = "#!/bin/sh\necho 'python3.13: command not found' >&2\nexit 127\n"


@pytest.fixture
def tree(tmp_path: Path, root: Path) -> Path:
    for name in ("scripts/make-environment", "requirements/dev.txt", "pyproject.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, tmp_path / name)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "sh", "git", "dirname", "rm", "cp", "mkdir", "head"):
        path = shutil.which(name)
        assert path is not None
        (programs / name).symlink_to(path)
    return tmp_path


def add_python(tree: Path, name: str, text: str = STAND_IN) -> None:
    program = tree / "bin" / name
    program.write_text(text, encoding="utf-8")
    program.chmod(0o755)


def make(tree: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(tree / "bin"), "CALLS": str(tree / "calls"), "HOME": str(tree)} | settings
    script = tree / "scripts" / "make-environment"
    return subprocess.run([script], env=environment, capture_output=True, text=True, check=False)


def installations(tree: Path) -> list[str]:
    calls = (tree / "calls").read_text("utf-8").splitlines()
    return [call.split()[-1] for call in calls if "pip install" in call]


def test_a_shim_without_a_python_behind_it_is_passed_over(tree: Path) -> None:
    add_python(tree, "python3.13", SHIM)
    add_python(tree, "python3.12")
    done = make(tree)
    assert done.returncode == 0, done.stderr
    assert "python3.12" in done.stderr
    assert installations(tree) == ["requirements/dev.txt", "."]


def test_a_made_environment_is_left_alone(tree: Path) -> None:
    add_python(tree, "python3")
    make(tree)
    again = make(tree)
    assert (again.returncode, again.stderr) == (0, "")
    assert installations(tree) == ["requirements/dev.txt", "."]


def test_another_lock_file_makes_it_anew_and_other_metadata_installs_the_project_alone(tree: Path) -> None:
    add_python(tree, "python3")
    make(tree)
    with (tree / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    make(tree)
    assert installations(tree) == ["requirements/dev.txt", ".", "."]
    with (tree / "requirements" / "dev.txt").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    make(tree)
    assert installations(tree) == ["requirements/dev.txt", ".", ".", "requirements/dev.txt", "."]


def test_an_interrupted_installation_is_not_taken_for_a_finished_one(tree: Path) -> None:
    add_python(tree, "python3")
    assert make(tree, BROKEN="yes").returncode != 0
    assert (tree / ".venv" / "bin" / "python").exists()
    done = make(tree)
    assert done.returncode == 0, done.stderr
    assert installations(tree) == ["requirements/dev.txt", "requirements/dev.txt", "."]


def test_a_failing_uv_gives_way_to_pip(tree: Path) -> None:
    add_python(tree, "python3")
    add_python(tree, "uv", "#!/bin/sh\necho 'no way to the packages' >&2\nexit 2\n")
    done = make(tree)
    assert done.returncode == 0, done.stderr
    assert "trying pip" in done.stderr
    assert installations(tree) == ["requirements/dev.txt", "."]


def test_no_python_that_fits_is_said_with_a_remedy(tree: Path) -> None:
    add_python(tree, "python3", SHIM)
    done = make(tree)
    assert done.returncode != 0
    assert "expected Python 3.11, 3.12 or 3.13 on PATH, found none that runs" in done.stderr
    assert "make PYTHON=" in done.stderr


def test_a_named_python_that_does_not_run_is_refused_and_nothing_is_removed(tree: Path) -> None:
    add_python(tree, "python3")
    make(tree)
    done = make(tree, PYTHON="python2.7")
    assert done.returncode != 0
    assert "found 'python2.7'" in done.stderr
    assert os.access(tree / ".venv" / "bin" / "python", os.X_OK)
