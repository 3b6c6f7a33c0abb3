import re
from contextlib import closing
from pathlib import Path

import pytest
from command_line import done, leadlens
from postgres import Postgres

from serving.run import open_keys


def test_a_key_is_made_listed_and_revoked(tmp_path: Path) -> None:
    home = ("--home", tmp_path / "home")
    crm = done("keys", "create", "crm", *home)
    board = done("keys", "create", "board", "--scope", "read", "--scope", "score", *home)
    text = crm.out.strip()
    ring = open_keys(tmp_path / "home")
    key = ring.verify(text)
    assert key is not None
    ring.settle()
    assert (key.name, key.scopes) == ("crm", {"score"})
    assert "It is not shown again" in crm.err
    assert text not in crm.err
    assert "read, score" in board.err
    listed = done("keys", "list", *home).out
    [of_crm, of_board] = [line.split("  ") for line in listed.splitlines()]
    assert of_crm[:5] == [key.id, "crm", "score", "valid", "no expiry"]
    assert re.match(r"used \d{4}-\d\d-\d\dT", of_crm[5])
    assert of_board == [
        board.out.split("_")[1], "board", "read,score", "valid", "no expiry", "never used", "usual limit",
    ]  # fmt: skip
    assert text not in listed
    assert done("keys", "revoke", key.id, *home).out == f"Key {key.id} is revoked.\n"
    assert open_keys(tmp_path / "home").verify(text) is None
    assert f"{key.id}  crm  score  revoked" in done("keys", "list", *home).out
    again = leadlens("keys", "revoke", key.id, *home)
    assert again.code == 3
    assert "No valid key has the id" in again.said


@pytest.mark.parametrize("name", ["crm\nadmin", " ", "x" * 1_000])
def test_a_name_that_cannot_be_listed_in_a_line_is_refused(tmp_path: Path, name: str) -> None:
    run = leadlens("keys", "create", name, "--home", tmp_path)
    assert run.code == 1
    assert run.out == ""
    assert "name" in run.said


def test_a_key_is_rotated_and_both_are_listed_with_their_ends(tmp_path: Path) -> None:
    home = ("--home", tmp_path / "home")
    made = done("keys", "create", "crm", "--expires-in", "90 days", "--limit-per-minute", 600, *home)
    old = made.out.split("_")[1]
    rotated = done("keys", "rotate", old, "--overlap", "2 days", *home)
    assert re.search(r"It is valid until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\. It is not shown", rotated.said)
    ring = open_keys(tmp_path / "home")
    assert ring.verify(rotated.out.strip()) is not None
    assert ring.verify(made.out.strip()) is not None
    ring.settle()
    ends = [key.expires_at for key in ring.all() if key.expires_at is not None]
    assert round((ends[1] - ends[0]) / 86_400_000_000) == 88
    lines = done("keys", "list", *home).out.splitlines()
    assert [line.split("  ")[1:4] for line in lines] == [["crm", "score", "valid"]] * 2
    moment = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    for line in lines:
        assert re.search(rf"  expires {moment}  used {moment}  600 a minute$", line)


def test_a_key_that_is_not_there_is_not_rotated(tmp_path: Path) -> None:
    open_keys(tmp_path).close()
    run = leadlens("keys", "rotate", "00000000", "--home", tmp_path)
    assert (run.code, run.out) == (3, "")
    assert "No valid key has the id" in run.said


@pytest.mark.parametrize("length", ["soon", "-1 days", "0 days", "2 seconds"])
def test_a_life_that_is_no_length_of_time_or_of_a_moment_only_is_refused(tmp_path: Path, length: str) -> None:
    run = leadlens("keys", "create", "crm", "--expires-in", length, "--home", tmp_path)
    assert (run.code, run.out) == (1, "")
    assert "--expires-in: expected " in run.said
    assert f"such as '90 days', found '{length}'" in run.said
    assert not (tmp_path / "leadlens.db").exists()


def test_the_audit_log_tells_what_was_done_to_keys(tmp_path: Path) -> None:
    home = ("--home", tmp_path / "home")
    key_id = done("keys", "create", "crm", *home).out.split("_")[1]
    done("keys", "revoke", key_id, *home)
    newest, oldest = done("audit-log", *home).out.splitlines()
    assert re.fullmatch(rf'2  \S+Z  command line  key revoked  {{"key": "{key_id}"}}', newest)
    assert "key created" in oldest
    assert done("audit-log", "--limit", 1, *home).out.splitlines() == [newest]
    assert done("audit-log", "--before", 2, *home).out.splitlines() == [oldest]


def test_keys_are_kept_in_the_database_that_the_setting_names(
    tmp_path: Path, postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_server.database()
    monkeypatch.setenv("LEADLENS_STORE_URL", url)
    text = done("keys", "create", "crm", "--home", tmp_path / "home").out.strip()
    with closing(open_keys(tmp_path / "home", url)) as ring:
        assert ring.verify(text) is not None
    assert "key created" in done("audit-log", "--home", tmp_path / "home").out
    assert not (tmp_path / "home" / "leadlens.db").exists()
