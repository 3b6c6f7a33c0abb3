"""The scorecard that stands in where nothing was promoted yet."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from small_company import dated_company

from models.artifact import save_scorer
from models.champion import champion_folder, point_to
from models.errors import ArtifactError
from models.stand_in import kept_stand_in, load_serving


def test_many_that_start_at_once_keep_one_whole_copy_and_leave_nothing_else(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        scorers = list(pool.map(lambda _: load_serving(tmp_path), range(8)))
    assert len({scorer.artifact_sha256 for scorer in scorers}) == 1
    assert {(scorer.rung, scorer.version) for scorer in scorers} == {("points", 0)}
    assert [path.name for path in tmp_path.iterdir()] == ["champion"]
    assert [path.name for path in (tmp_path / "champion").iterdir()] == ["v0"]


def test_the_copy_that_is_there_goes_on_serving(tmp_path: Path) -> None:
    place = kept_stand_in(tmp_path) / "scorer.json"
    before = load_serving(tmp_path)
    written = place.stat().st_mtime_ns
    assert load_serving(tmp_path).artifact_sha256 == before.artifact_sha256
    assert place.stat().st_mtime_ns == written


def test_a_copy_that_was_changed_is_an_error(tmp_path: Path) -> None:
    place = kept_stand_in(tmp_path) / "scorer.json"
    place.write_text(json.dumps(json.loads(place.read_text())))
    with pytest.raises(ArtifactError, match="checksum"):
        load_serving(tmp_path)


def test_a_champion_serves_and_a_broken_one_is_no_reason_for_points(tmp_path: Path) -> None:
    save_scorer(dated_company().scorer, champion_folder(tmp_path, 1))
    point_to(tmp_path, name="leadlens", version=1)
    assert load_serving(tmp_path).rung == "model"
    (champion_folder(tmp_path, 1) / "scorer.json").write_text("{}")
    with pytest.raises(ArtifactError, match="checksum"):
        load_serving(tmp_path)
    assert not champion_folder(tmp_path, 0).exists()
