"""What is learned of a known truth, by the very program that measures it."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from training.fitting.recipe import Recipe


@pytest.fixture(scope="module")
def bench_truth(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_truth", root / "benchmarks" / "bench_truth.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.proof(part="truth")
def test_most_of_what_can_be_known_is_learned_and_probabilities_hold(
    bench_truth: ModuleType, proof_size: Callable[[float, float], float]
) -> None:
    found = bench_truth.learned_of(int(proof_size(2_000, 200_000)), 7, Recipe())
    assert found.gap >= proof_size(0.5, 0.85)
    assert proof_size(0.75, 0.95) <= found.slope <= proof_size(1.25, 1.05)


@pytest.mark.proof(part="truth")
def test_the_band_holds_the_true_probability_of_leads_with_like_scores(
    bench_truth: ModuleType, proof_size: Callable[[int, int], int]
) -> None:
    leads, seeds = proof_size(2_000, 20_000), range(1, 1 + proof_size(1, 10))
    found = [bench_truth.learned_of(leads, seed, Recipe(), quarters=2) for seed in seeds]
    assert sum(one.bins_held for one in found) >= 0.8 * sum(one.bins for one in found)
