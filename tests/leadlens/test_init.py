from pathlib import Path

import pytest
from command_line import done, leadlens

from features.mapping import read_mapping
from features.reading import read_tables


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    path = tmp_path / "exports" / "leads.csv"
    path.parent.mkdir()
    rows = [f"{n:04},{n % 7},{'Won' if n % 3 == 0 else 'Lost'}" for n in range(90)]
    path.write_text("Id,Rooms,Outcome\n" + "\n".join(rows) + "\n")
    return path


def test_a_mapping_is_written_that_reads_the_files(leads: Path, tmp_path: Path) -> None:
    run = done("init", "exports/leads.csv", folder=tmp_path)
    assert "leadlens train --config leadlens.toml" in run.out
    text = (tmp_path / "leadlens.toml").read_text()
    assert 'path = "exports/leads.csv"' in text
    lines = text.splitlines()
    assert [line for line, above in zip(lines[1:], lines, strict=False) if " = " in line and above[:1] != "#"] == []
    mapping = read_mapping(tmp_path / "leadlens.toml")
    assert (mapping.leads.id, mapping.outcomes and mapping.outcomes.label) == ("Id", "Outcome")
    assert len(read_tables(mapping, tmp_path).leads) == 90


def test_a_mapping_in_another_folder_finds_the_files(leads: Path, tmp_path: Path) -> None:
    (tmp_path / "maps").mkdir()
    done("init", "exports/leads.csv", "--out", "maps/crm.toml", folder=tmp_path)
    mapping = read_mapping(tmp_path / "maps" / "crm.toml")
    assert len(read_tables(mapping, tmp_path / "maps").leads) == 90


def test_what_is_there_is_overwritten_only_by_force(leads: Path, tmp_path: Path) -> None:
    mine = tmp_path / "leadlens.toml"
    mine.write_text("# weeks of work\n")
    run = leadlens("init", leads, folder=tmp_path)
    assert run.code == 1
    assert "add --force" in run.said
    assert mine.read_text() == "# weeks of work\n"
    done("init", leads, "--force", folder=tmp_path)
    assert "[leads]" in mine.read_text()


def test_what_the_caller_knows_is_not_guessed(leads: Path, tmp_path: Path) -> None:
    done("init", leads, "--id", "Id", "--label", "Rooms", folder=tmp_path)
    mapping = read_mapping(tmp_path / "leadlens.toml")
    assert mapping.outcomes is not None
    assert mapping.outcomes.label == "Rooms"
