"""The board on which processes say how their parts are."""

import json
from pathlib import Path

from serving.conditions import AGAIN_US, FOLDER, FORGOTTEN_US, Board, conditions_in, worst_of

NOW = 1_795_253_400_000_000


def board_at(home: Path, program: str, now: list[int]) -> Board:
    return Board(home, program, lambda: now[0])


def test_what_one_process_says_all_can_read_the_worst_first(tmp_path: Path) -> None:
    now = [NOW]
    server, worker = board_at(tmp_path, "server 1", now), board_at(tmp_path, "worker", now)
    assert worst_of(server.all()) == "ok"
    server.tell("champion", "ok")
    server.tell("disk", "degraded", "Make room.")
    worker.tell("store", "failed", "It is away.")
    said = [(one.program, one.part, one.level, one.said) for one in server.all()]
    assert said == [
        ("worker", "store", "failed", "It is away."),
        ("server 1", "disk", "degraded", "Make room."),
        ("server 1", "champion", "ok", ""),
    ]
    assert worker.all() == server.all() == conditions_in(tmp_path, NOW)
    assert worst_of(server.all()) == "failed"
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700


def test_since_is_when_the_level_came_and_not_when_it_was_said_again(tmp_path: Path) -> None:
    now = [NOW]
    board = board_at(tmp_path, "server 1", now)
    board.tell("disk", "degraded", "90 MiB are free.")
    now[0] += 5_000_000
    board.tell("disk", "degraded", "80 MiB are free.")
    [one] = board.all()
    assert (one.since, one.said) == (NOW, "80 MiB are free.")
    board.tell("disk", "ok")
    assert board.all()[0].since == NOW + 5_000_000


def test_who_said_nothing_for_long_is_forgotten_and_who_says_the_same_is_not(tmp_path: Path) -> None:
    now = [NOW]
    quiet, lively = board_at(tmp_path, "quiet", now), board_at(tmp_path, "lively", now)
    quiet.tell("store", "ok")
    for _ in range(FORGOTTEN_US // AGAIN_US + 1):
        lively.tell("store", "ok")
        now[0] += AGAIN_US
    assert [one.program for one in conditions_in(tmp_path, now[0])] == ["lively"]


def test_files_that_cannot_be_read_and_homes_that_cannot_be_written_hide_nothing_else(tmp_path: Path) -> None:
    board = board_at(tmp_path, "server 1", [NOW])
    board.tell("store", "ok")
    (tmp_path / FOLDER / "torn.json").write_text('{"at": 1')
    (tmp_path / FOLDER / "list.json").write_text("[]")
    (tmp_path / FOLDER / "odd.json").write_text(json.dumps({"at": NOW, "conditions": [{"level": "ok"}]}))
    assert [one.part for one in board.all()] == ["store"]
    file = tmp_path / "file"
    file.write_text("")
    nowhere = board_at(file, "server 1", [NOW])
    nowhere.tell("disk", "failed", "Make room.")
    assert [one.said for one in nowhere.all()] == ["Make room."]
