"""The script that installs what tests need beyond Python, run with stand-ins for the system's programs."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = "scripts/install-test-tools"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Bash, PostgreSQL's, wrk, and an apt-get that writes down its calls; no Chromium."""
    folder = tmp_path / "bin"
    folder.mkdir()
    bash = shutil.which("bash")
    assert bash is not None
    (folder / "bash").symlink_to(bash)
    add(folder, "initdb", "exit 1")
    add(folder, "wrk", "exit 1")
    add(folder, "apt-get", 'echo "$DEBIAN_FRONTEND $@" >> "$CALLS"')
    add(folder, "id", "echo 0")
    return folder


def add(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!/usr/bin/env bash\n{body}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


def install(programs: Path, root: Path) -> tuple[str, list[str]]:
    calls = programs.parent / "calls"
    environment = {"PATH": str(programs), "CALLS": str(calls)}
    done = subprocess.run([root / SCRIPT], env=environment, capture_output=True, text=True, check=True)
    return done.stdout, calls.read_text("utf-8").splitlines() if calls.exists() else []


def test_nothing_is_done_where_all_is_there(programs: Path, root: Path) -> None:
    add(programs, "chromium", "exit 0")
    assert install(programs, root) == ("test tools: all there\n", [])


@pytest.mark.skipif(not Path("/etc/debian_version").exists(), reason="the script installs on Debian alone")
def test_only_what_is_missing_is_installed_and_nothing_is_asked(programs: Path, root: Path) -> None:
    _, calls = install(programs, root)
    assert calls == [
        "noninteractive update -qq",
        "noninteractive install -y -qq --no-install-recommends chromium fonts-liberation",
    ]


@pytest.mark.skipif(not Path("/etc/debian_version").exists(), reason="the script installs on Debian alone")
def test_who_is_not_root_is_told_what_to_do(programs: Path, root: Path) -> None:
    add(programs, "id", "echo 1000")
    said, calls = install(programs, root)
    assert said.endswith("Only root can install them: sudo scripts/install-test-tools\n")
    assert calls == []


def test_no_debian_is_said_and_is_no_failure(programs: Path, root: Path) -> None:
    (programs / "apt-get").unlink()
    said, _ = install(programs, root)
    assert "missing: chromium fonts-liberation. This is no Debian, so nothing is installed" in said
