"""The number of threads moves no bit of what is fitted."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import json
from dataclasses import replace
from small_company import TINY, flat_company
from training.fitting.fit import fit
from training.fitting.recipe import Recipe

company = flat_company()
recipe = Recipe(boosting=replace(TINY, num_trees=40))
scorer = fit(company.history, company.examples, company.census, recipe).scorer
print(scorer.booster.model_to_string())
print(json.dumps([scorer.calibration.to_dict(), scorer.population.margin.to_dict()]))
"""


def test_two_processes_with_one_and_two_threads_fit_the_same_bytes(root: Path) -> None:
    path = os.pathsep.join((str(root), str(root / "tests" / "support")))
    told = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            cwd=root, capture_output=True, check=True, timeout=200,
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": threads},
        ).stdout
        for threads in ("1", "2")
    ]  # fmt: skip
    assert len(told[0]) > 1_000
    assert told[0] == told[1]
