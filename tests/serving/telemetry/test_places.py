"""The places of processes: one each, kept through a restart, told apart from those that have ended."""

import os
import stat
import subprocess
import sys
from pathlib import Path

from serving.telemetry.definitions import READY, SWAPS
from serving.telemetry.kept_tally import KeptTally
from serving.telemetry.places import FOLDER, clear_places, figures_in, take_place
from serving.telemetry.tally import Tally

HOLDS = """
import sys, time
from pathlib import Path
from serving.telemetry.places import take_place
place = take_place(Path(sys.argv[1]), "worker")
print(place.program, flush=True)
time.sleep(60)
"""


def tally(swaps: float = 1) -> Tally:
    one = Tally()
    one.count(SWAPS, (), swaps)
    one.say(READY, ("worker",), 1)
    return one


def test_two_processes_of_one_name_have_places_of_their_own(tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    try:
        assert other.stdout.readline() == "worker\n"
        second = take_place(tmp_path, "worker")
        assert second.program == "worker 2"
        assert {(one.program, one.runs) for one in figures_in(tmp_path)} == {
            ("worker", True),
            ("worker 2", True),
        }
        clear_places(tmp_path)  # which takes nothing from those that run
        assert {one.program for one in figures_in(tmp_path)} == {"worker", "worker 2"}
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
    assert {(one.program, one.runs) for one in figures_in(tmp_path)} == {
        ("worker", False),
        ("worker 2", True),
    }
    second.leave()
    assert take_place(tmp_path, "worker").program == "worker"


def test_what_ended_processes_counted_stays_until_the_service_begins_anew(tmp_path: Path) -> None:
    place = take_place(tmp_path, "server 1")
    KeptTally(place.descriptor).write(tally().written())
    place.leave()
    [found] = figures_in(tmp_path)
    assert (found.program, found.runs, found.tally) == ("server 1", False, tally())
    clear_places(tmp_path)
    assert figures_in(tmp_path) == []


def test_the_folder_is_private(tmp_path: Path) -> None:
    place = take_place(tmp_path, "server")
    assert stat.S_IMODE((tmp_path / FOLDER).stat().st_mode) == 0o700
    assert stat.S_IMODE(os.fstat(place.descriptor).st_mode) == 0o600


def test_a_file_that_is_no_figures_is_left_out(tmp_path: Path) -> None:
    place = take_place(tmp_path, "server")
    KeptTally(place.descriptor).write(b"no figures")
    (tmp_path / FOLDER / "other.figures").write_bytes(os.urandom(5_000))
    assert [one.program for one in figures_in(tmp_path)] == ["other"]
    assert figures_in(tmp_path)[0].tally == Tally()
    assert figures_in(tmp_path / "nowhere") == []
