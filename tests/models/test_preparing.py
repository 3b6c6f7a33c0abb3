"""Preparing an artifact: every kind of damage is refused, and what is sound is loaded from its tables."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from broken_artifacts import BROKEN, CRASHES, broken
from small_company import Company

from models.artifact import CHECKSUMS, EXAMPLES, digest_of, load_model, save_scorer
from models.champion import champion_folder, load_champion, point_to, pointed_to
from models.errors import ArtifactError, NotNowError
from models.preparing import PREPARED, is_prepared, load_prepared, prepare, tables_file
from models.preparing_apart import Preparer
from models.scorecard.built_in import built_in_scorecard


@pytest.fixture(scope="session")
def sound(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound") / "v1"
    save_scorer(company.scorer, folder)
    return folder


@pytest.mark.parametrize("how", BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_refused_and_leaves_nothing(
    sound: Path, tmp_path: Path, how: tuple[Callable[[Path], None], bool, str]
) -> None:
    folder = broken(sound, tmp_path / "v2", how)
    with pytest.raises(ArtifactError, match=how[2]):
        prepare(folder, tmp_path)
    assert not is_prepared(folder)
    assert not (tmp_path / PREPARED).exists()
    (tmp_path / "home" / "champion").mkdir(parents=True)
    folder.rename(champion_folder(tmp_path / "home", 2))
    with pytest.raises(ArtifactError, match=how[2]):  # nor can it be pointed to
        point_to(tmp_path / "home", name="leadlens", version=2)
    assert pointed_to(tmp_path / "home") is None


@pytest.mark.slow
def test_what_ends_the_process_that_reads_it_is_refused_from_outside(sound: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=CRASHES[2]) as refused:
        Preparer().prepare(broken(sound, tmp_path / "v2", CRASHES), tmp_path)
    assert not isinstance(refused.value, NotNowError)


@pytest.mark.slow
def test_no_time_and_no_memory_are_no_fault_of_the_artifact(sound: Path, tmp_path: Path) -> None:
    with pytest.raises(NotNowError, match=r"took more than 0\.1 seconds"):
        Preparer(seconds=0.1).prepare(sound, tmp_path)
    with pytest.raises(NotNowError, match=r"not enough memory|Cannot allocate memory"):
        Preparer(address_space_bytes=300 * 2**20).prepare(sound, tmp_path)


@pytest.mark.slow
def test_a_child_prepares_what_a_process_then_maps_without_lightgbm(sound: Path, tmp_path: Path) -> None:
    preparer = Preparer()
    preparer.keep_ready()
    assert preparer.prepare(sound, sound.parent) == digest_of(sound)
    assert is_prepared(sound)
    program = f"""
import sys
from pathlib import Path
from models.preparing import load_prepared
scorer = load_prepared(Path({str(sound)!r}), version=1)
scorer.warm_up()
print(scorer.attributions.is_read, {{"lightgbm", "mlflow", "shap", "sklearn"}} & sys.modules.keys())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "True set()\n"


def test_tables_that_are_not_whole_are_made_anew_as_the_log_says(
    sound: Path, tmp_path: Path, company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    folder = broken(sound, tmp_path / "v1", (lambda _: None, False, ""))
    prepare(folder, tmp_path)
    tables = tables_file(tmp_path, digest_of(folder))
    tables.write_bytes(tables.read_bytes()[:-100])
    scorer = load_prepared(folder)
    assert "compiled anew, for its tables cannot be used" in caplog.text
    assert scorer.score(company.batch(5)) == company.scorer.score(company.batch(5))
    assert is_prepared(folder)
    again = load_prepared(folder)
    assert again.score(company.batch(5), shown=None) == company.scorer.score(company.batch(5), shown=None)
    assert again.artifact_sha256 == digest_of(folder)


def test_an_artifact_of_before_examples_is_taken_and_that_is_said(
    sound: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def without(folder: Path) -> None:
        (folder / EXAMPLES).unlink()
        sums = json.loads((folder / CHECKSUMS).read_text("utf-8"))
        del sums[EXAMPLES]
        (folder / CHECKSUMS).write_text(json.dumps(sums, indent=1), "utf-8")

    folder = broken(sound, tmp_path / "v1", (without, False, ""))
    with caplog.at_level(logging.INFO):
        prepare(folder, tmp_path)
    assert "holds no examples, being of an older LeadLens" in caplog.text
    assert load_model(folder).spec == load_model(sound).spec


def test_a_home_keeps_the_tables_of_the_copies_that_it_keeps(
    company: Company, flat: Company, tmp_path: Path
) -> None:
    for version, scorer in ((1, company.scorer), (2, flat.scorer)):
        save_scorer(scorer, champion_folder(tmp_path, version))
        point_to(tmp_path, name="leadlens", version=version, keep={1})
    copies = tmp_path / "champion"
    kept = {tables_file(copies, digest_of(champion_folder(tmp_path, version))) for version in (1, 2)}
    assert set((copies / PREPARED).iterdir()) == kept
    save_scorer(built_in_scorecard(), champion_folder(tmp_path, 3))
    point_to(tmp_path, name="leadlens", version=3)
    assert list((copies / PREPARED).iterdir()) == []
    assert is_prepared(champion_folder(tmp_path, 3))
    champion = load_champion(tmp_path)
    assert champion is not None
    assert champion.rung == "points"
