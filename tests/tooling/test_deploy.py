"""What is in deploy/ names what there is: paths, options, commands, steps."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import leadlens

UNITS = ("leadlens.service", "leadlens-backup.service", "leadlens-backup.timer")
PROGRAM = "/opt/leadlens/.venv/bin/leadlens"


def commands_in(text: str) -> list[list[str]]:
    """The words after the program's name, wherever a unit or a page runs it."""
    found = re.findall(rf"{re.escape(PROGRAM)} ([a-z][^\n'\"|#)]*)", text)
    return [shlex.split(words) for words in found]


@pytest.mark.parametrize("where", [*(f"deploy/{unit}" for unit in UNITS[:2]), "docs/deploying.md"])
def test_every_command_and_option_exists(root: Path, where: str) -> None:
    commands = commands_in((root / where).read_text("utf-8"))
    assert commands
    for words in commands:
        name = [words[0]] + ([words[1]] if words[0] == "keys" else [])
        told = leadlens(*name, "--help")
        assert told.code == 0, words
        for option in (word for word in words if word.startswith("--")):
            assert option in told.out, (words, option)


def test_every_variable_of_the_units_and_the_container_is_known(root: Path) -> None:
    from serving.setting_sources import found_in
    from serving.settings import Settings

    for name in (*UNITS, "Containerfile"):
        text = (root / "deploy" / name).read_text("utf-8")
        named = set(re.findall(r"LEADLENS_[A-Z_]+", text)) - {"LEADLENS_SETTINGS"}
        found_in(dict.fromkeys(named, "/x"), tuple(Settings.model_fields))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_the_units_are_what_systemd_reads(root: Path, tmp_path: Path) -> None:
    here = Path(sys.executable).with_name("leadlens")
    for name in UNITS:
        text = (root / "deploy" / name).read_text("utf-8").replace(PROGRAM, str(here))
        (tmp_path / name).write_text(text.replace("=leadlens\n", "=root\n") if "User=" in text else text)
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / name) for name in UNITS)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "leadlens" in line]
    assert ours == []
    assert done.returncode == 0, done.stderr


def test_what_the_container_copies_is_there_and_is_all_that_the_program_is(root: Path) -> None:
    import tomllib

    text = (root / "deploy" / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    copied = [words.split()[:-1] for words in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)]
    sources = {source for group in copied for source in group}
    assert [source for source in sources if not (root / source).exists()] == []
    packages = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    assert set(packages["targets"]["wheel"]["packages"]) <= sources
    for lock in re.findall(r"requirements/\S+\.txt", text):
        assert (root / lock).is_file()
    assert "--require-hashes" in text
    last = text.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001$", last, re.MULTILINE)
    assert "readyz" in last


def test_the_command_of_the_container_is_one(root: Path) -> None:
    import json

    text = (root / "deploy" / "Containerfile").read_text("utf-8")
    [words] = re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)
    command, *options = json.loads(words)
    told = leadlens(command, "--help")
    assert told.code == 0
    assert all(option in told.out for option in options if option.startswith("--"))
