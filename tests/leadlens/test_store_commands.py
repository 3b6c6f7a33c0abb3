"""History into the store and out of it, by the command line."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from command_line import done, leadlens
from ports import free_port
from served import fake_server, served

from features.mapping import read_mapping
from features.reading import read_tables
from leadlens.company import company_data

if TYPE_CHECKING:
    from pathlib import Path

MAPPING = """
[leads]
path = "leads.csv"
id = "Id"
created_at = "created"
exclude = ["Tags"]
missing = ["Select"]

[events]
path = "events.csv"
lead_id = "who"
occurred_at = "at"
type = { constant = "visit" }
properties = ["page"]

[outcomes]
path = "leads.csv"
lead_id = "Id"
occurred_at = "closed"
outcome = "end"

[training]
horizon = "30 days"
extract_at = 2024-06-01
"""


@pytest.fixture
def folder(tmp_path: Path, home: Path) -> Path:
    """A mapping and its files, beside a home that is not there yet."""
    del home
    (tmp_path / "leadlens.toml").write_text(MAPPING)
    (tmp_path / "leads.csv").write_text(
        "Id,created,country,Tags,end,closed\n"
        "L-1,2024-01-01,DE,late,won,2024-03-01\n"
        "L-2,2024-01-02,Select,,,\n"
    )
    (tmp_path / "events.csv").write_text("who,at,page\nL-1,2024-01-05,/pricing\nL-2,2024-01-06,\n")
    return tmp_path


def test_an_import_says_what_it_did_and_writes_the_mapping_for_training(folder: Path, home: Path) -> None:
    run = done("import", "--out", "store.toml", folder=folder)
    assert "2 leads new" in run.out
    assert "2 events new" in run.out
    assert "1 outcomes new" in run.out
    said: list[str] = []
    stored, tables = company_data(config=folder / "store.toml", data=None, home=home, say=said.append)
    files = read_tables(read_mapping(folder / "leadlens.toml"), folder)
    assert stored.leads.id == "Id"
    for name in ("leads", "events", "outcomes"):
        ours, theirs = getattr(files, name), getattr(tables, name)
        pd.testing.assert_frame_equal(ours, theirs, check_dtype=False, check_categorical=False)
    assert tables.extract_at == files.extract_at
    again = done("import", folder=folder)
    assert "leads new" not in again.out
    assert 'source = "store"' in again.out


def test_events_that_the_files_repeat_are_counted_apart_from_those_there_already(
    folder: Path, home: Path
) -> None:
    mapping = folder / "leadlens.toml"
    mapping.write_text(mapping.read_text().replace("[events]", '[events]\nevent_id = "id"'))
    (folder / "events.csv").write_text(
        "who,at,page,id\nL-1,2024-01-05,/a,e1\nL-1,2024-01-06,/a,e1\nL-2,2024-01-06,,e2\n"
    )
    first = done("import", folder=folder)
    assert "2 events new" in first.out
    assert "1 events repeated in the files" in first.out
    assert "events there already" not in first.out
    again = done("import", folder=folder)
    assert "2 events there already" in again.out
    assert "1 events repeated in the files" in again.out


def test_bad_rows_are_said_or_put_aside(folder: Path, home: Path) -> None:
    with (folder / "events.csv").open("a") as file:
        file.write("L-1,someday,\n")
    run = leadlens("import", folder=folder)
    assert run.code == 1
    assert "events.csv, row 4, column at" in run.said
    run = done("import", "--skip-bad-rows", folder=folder)
    rejects = pd.read_csv(home / "import-rejects.csv")
    told = rejects[["file", "row", "lead_id", "column"]]
    assert told.to_numpy().tolist() == [["events.csv", 4, "L-1", "at"]]
    assert stat.S_IMODE((home / "import-rejects.csv").stat().st_mode) == 0o600
    assert "2 events new" in run.out


@pytest.mark.parametrize("command", ["train", "audit"])
def test_a_store_without_leads_says_how_they_come_in(folder: Path, home: Path, command: str) -> None:
    done("import", "--out", "store.toml", folder=folder)
    for lead_id in ("L-1", "L-2"):
        done("erase", lead_id, "--yes", folder=folder)
    run = leadlens(command, "--config", "store.toml", folder=folder)
    assert run.code == 1
    assert "the store: expected leads, found none yet. Bring them in with: leadlens import" in run.said


def test_commands_that_take_files_alone_refuse_the_store_in_words(folder: Path) -> None:
    done("import", "--out", "store.toml", folder=folder)
    for words in (("prepare", "--out", "prepared"), ("import",)):
        run = leadlens(*words, "--config", "store.toml", folder=folder)
        assert run.code == 1
        assert 'source = "store"' in run.said
    assert not (folder / "prepared").exists()


def test_a_backup_is_made_and_restored(folder: Path, home: Path) -> None:
    done("import", folder=folder)
    run = done("backup", "--out", "backup", folder=folder)
    assert "2 leads; opened, counted, and its ledger verified" in run.out
    done("erase", "L-1", "--yes", folder=folder)
    assert leadlens("restore", "backup", folder=folder).code == 1
    run = done("restore", "backup", "--force", folder=folder)
    assert "the home that was there" in run.out
    done("export", "L-1", "--out", "one.json", folder=folder)
    (folder / "backup" / "leadlens.db").write_bytes(b"")
    run = leadlens("restore", "backup", "--force", folder=folder)
    assert run.code == 1
    assert "backup/leadlens.db" in run.said
    assert (home / "leadlens.db").exists()


def test_nothing_is_restored_under_a_running_service_and_the_other_commands_work_beside_it(
    folder: Path, home: Path
) -> None:
    done("import", folder=folder)
    port = free_port()
    with served(fake_server(home, port), folder, port) as server:
        done("backup", "--out", "backup", folder=folder)
        for force in ((), ("--force",)):
            run = leadlens("restore", "backup", *force, folder=folder)
            assert run.code == 3
            assert "a service runs there, a server or a worker. Stop it first" in run.said
        done("import", folder=folder)
        done("erase", "L-2", "--yes", folder=folder)
        key = (home / "admin-key").read_text().strip()
        assert server.ask("GET", "/v1/leads/L-2", key=key).status == 404
        assert not list(folder.glob("*before*"))
    assert "the home that was there" in done("restore", "backup", "--force", folder=folder).out
    assert ": 1 lead, " in done("export", "L-2", "--out", "two.json", folder=folder).out  # not erased there


def test_an_import_is_noted_with_what_it_wrote(folder: Path) -> None:
    done("import", folder=folder)
    [line, *_] = done("audit-log", folder=folder).out.splitlines()
    assert "command line  history imported" in line
    assert '"leads new": 2' in line
    assert "L-1" not in line


def test_a_person_is_exported_and_erased(folder: Path) -> None:
    done("import", folder=folder)
    done("export", "L-1", "--out", "one.json", folder=folder)
    told = json.loads((folder / "one.json").read_text("utf-8"))
    assert told["leads"][0]["cells"] == {"country": "DE", "Tags": "late"}
    assert told["events"][0]["properties"] == {"page": "/pricing"}
    assert stat.S_IMODE((folder / "one.json").stat().st_mode) == 0o600
    run = leadlens("erase", "L-1", folder=folder)
    assert run.code == 3
    assert "add --yes" in run.said
    run = done("erase", "L-1", "--yes", folder=folder)
    assert "Backups that were taken before still hold the person." in run.out
    for words in (("export", "L-1", "--out", "two.json"), ("erase", "L-1", "--yes")):
        run = leadlens(*words, folder=folder)
        assert run.code == 1
        assert "the id of a lead in the store" in run.said
    assert "nothing of whom was erased before is in it" in run.out
    assert not (folder / "two.json").exists()
