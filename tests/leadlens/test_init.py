from pathlib import Path

import pytest
from command_line import done, leadlens

from features.mapping import read_mapping
from features.reading import read_tables
from leadlens.company import company_data


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    path = tmp_path / "exports" / "leads.csv"
    path.parent.mkdir()
    rows = [f"{n:04},{n % 7},{'Won' if n % 3 == 0 else 'Lost'}" for n in range(90)]
    path.write_text("Id,Rooms,Outcome\n" + "\n".join(rows) + "\n")
    return path


def test_a_mapping_is_written_that_reads_the_files(leads: Path, tmp_path: Path) -> None:
    run = done("init", leads.relative_to(tmp_path), folder=tmp_path)
    assert (
        "leadlens train --config leadlens.toml"
        in run.out.partition("leadlens audit --config leadlens.toml")[2]
    )
    assert "which leads converted" not in run.out
    text = (tmp_path / "leadlens.toml").read_text()
    assert 'path = "exports/leads.csv"' in text
    lines = text.splitlines()
    assert [
        line for line, above in zip(lines[1:], lines, strict=False) if " = " in line and above[:1] != "#"
    ] == []
    mapping = read_mapping(tmp_path / "leadlens.toml")
    assert (mapping.leads.id, mapping.outcomes and mapping.outcomes.label) == ("Id", "Outcome")
    assert len(read_tables(mapping, tmp_path).leads) == 90


def test_that_nothing_says_who_converted_is_said(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("Id,Rooms\n" + "".join(f"L{n},{n % 7}\n" for n in range(90)))
    run = done("init", "leads.csv", folder=tmp_path)
    assert "Nothing was found that says which leads converted" in run.out


def test_a_mapping_in_another_folder_finds_the_files(leads: Path, tmp_path: Path) -> None:
    (tmp_path / "maps").mkdir()
    done("init", leads.relative_to(tmp_path), "--out", "maps/crm.toml", folder=tmp_path)
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


def test_a_missing_file_is_said_before_a_mapping_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "leadlens.toml").write_text("# weeks of work\n")
    run = leadlens("init", "nope.csv", folder=tmp_path)
    assert run.code == 1
    assert "nope.csv" in run.said
    assert "--force" not in run.said


@pytest.mark.parametrize(("here", "given"), [(".", "exports/leads.csv"), ("other", "../exports/leads.csv")])
def test_leads_in_another_folder_are_found_from_the_current_one(
    leads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: str, given: str
) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / here)
    said: list[str] = []
    _, tables = company_data(
        config=None, data=None, leads=Path(given), lead_id="Id", label="Outcome", say=said.append
    )
    assert len(tables.leads) == 90
    assert f"leads.path = '{given}'" in said[0]


@pytest.mark.parametrize("given", ["exports/leads.csv", "../exports/leads.csv"])
def test_a_mapping_that_init_writes_reads_files_of_other_folders(
    leads: Path, tmp_path: Path, given: str
) -> None:
    folder = tmp_path if given.startswith("exports") else tmp_path / "other"
    folder.mkdir(exist_ok=True)
    done("init", given, folder=folder)
    _, tables = company_data(config=folder / "leadlens.toml", data=None, say=len)
    assert len(tables.leads) == 90
