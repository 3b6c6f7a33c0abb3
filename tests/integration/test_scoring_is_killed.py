"""Scoring that is killed at any moment goes on where it was, and ends in the file of an undisturbed run."""

import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from command_line import done, program
from waiting import until

from features.mapping import read_mapping
from features.prepared.write import prepare
from features.reading import read_tables
from models.artifact import save_scorer
from models.boosting import Boosting
from models.champion import champion_folder, point_to
from training.examples import cut_examples
from training.fitting.fit import fit_scorer
from training.fitting.recipe import Recipe
from training.synthetic import History, generate

pytestmark = pytest.mark.slow

BUCKETS = 6


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("killed")
    made = generate(History(leads=600, seed=9), folder / "data", format="csv")
    mapping = read_mapping(made.mapping)
    examples = cut_examples(read_tables(mapping, made.mapping.parent), mapping)
    recipe = Recipe(boosting=Boosting(num_trees=20))
    scorer = fit_scorer(examples.history, examples.learned, examples.census, recipe)
    save_scorer(scorer, champion_folder(folder, 1))
    point_to(folder, name=scorer.name, version=1)
    prepare(mapping, made.mapping.parent, folder / "prepared", buckets=BUCKETS)
    return folder


@pytest.mark.proof(part="kills")
def test_a_run_that_was_killed_goes_on_and_the_file_is_the_same(
    home: Path, tmp_path: Path, proof_size: Callable[[int, int], int]
) -> None:
    words = ("score", "--prepared", home / "prepared", "--home", home)
    done(*words, "--out", tmp_path / "whole.parquet")
    out, parts = tmp_path / "s.parquet", tmp_path / ".s.parquet.parts"
    out.write_bytes(b"the scores of yesterday")
    rng = random.Random(5)  # noqa: S311 - the same kills every time
    for kill in range(proof_size(2, 60)):
        process = subprocess.Popen(
            program(*words, "--out", out, "--workers", 2), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        others = _killed(process, parts, rng, at_parts=1 + kill % (BUCKETS - 1))
        _, left = psutil.wait_procs(others, timeout=60)
        assert not left, "processes went on without the one who asked for the work"
        if process.returncode == -signal.SIGKILL:
            assert out.read_bytes() in {b"the scores of yesterday", (tmp_path / "whole.parquet").read_bytes()}
    run = done(*words, "--out", out)
    if parts.exists():
        assert "going on with what" in run.out
    assert out.read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.parquet", "whole.parquet"]


def _killed(
    process: subprocess.Popen[bytes], parts: Path, rng: random.Random, at_parts: int
) -> list[psutil.Process]:
    """Kill a command alone, once so many parts are kept or it has ended; return those that it had started."""
    until(
        lambda: process.poll() is not None or len(list(parts.glob("*-*.json"))) >= at_parts,
        "parts that are kept",
        120,
    )
    time.sleep(rng.random() / 20)  # anywhere within the next part
    others = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.kill()
    process.communicate()
    return others
