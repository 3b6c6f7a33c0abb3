from pathlib import Path

import pytest

from features.errors import InputError
from features.prepared.folders import unfinished


def test_a_link_at_the_place_of_unfinished_work_is_refused_and_nothing_behind_it_is_touched(
    tmp_path: Path,
) -> None:
    kept = tmp_path / "elsewhere" / "kept"
    kept.mkdir(parents=True)
    (tmp_path / ".out.unfinished").symlink_to(kept.parent)
    with (
        pytest.raises(InputError, match="expected a folder of an unfinished run"),
        unfinished(tmp_path / "out"),
    ):
        pass
    assert kept.is_dir()


def test_a_folder_of_that_name_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    work = tmp_path / ".out.unfinished"
    (work / "mine").mkdir(parents=True)
    with pytest.raises(InputError, match="something else"), unfinished(tmp_path / "out"):
        pass
    assert (work / "mine").is_dir()


def test_what_a_run_that_was_killed_left_is_thrown_away(tmp_path: Path) -> None:
    work = tmp_path / ".out.unfinished"
    (work / "parts" / "leads").mkdir(parents=True)
    with unfinished(tmp_path / "out") as own:
        assert not (own / "parts").exists()
        (own / "whole" / "done").write_text("yes")
    assert (tmp_path / "out" / "done").read_text() == "yes"
    assert not work.exists()
