import re
from pathlib import Path

import pytest
from command_line import done, leadlens

from serving.run import open_keys


def test_a_key_is_made_listed_and_revoked(tmp_path: Path) -> None:
    home = ("--home", tmp_path / "home")
    crm = done("keys", "create", "crm", *home)
    board = done("keys", "create", "board", "--scope", "read", "--scope", "score", *home)
    text = crm.out.strip()
    key = open_keys(tmp_path / "home").verify(text)
    assert key is not None
    assert (key.name, key.scopes) == ("crm", {"score"})
    assert "It is not shown again" in crm.err
    assert text not in crm.err
    assert "read, score" in board.err
    listed = done("keys", "list", *home).out
    assert re.findall(r"(\w+)  (\S+)  (\S+)  (\w+)\n", listed) == [
        (key.id, "crm", "score", "valid"),
        (board.out.split("_")[1], "board", "read,score", "valid"),
    ]
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
