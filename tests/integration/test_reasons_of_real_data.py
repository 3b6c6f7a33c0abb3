"""Reasons of random leads of the public data sets, read by rules beside the tables that they come from."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from reading_leads import read_leads

from training.fitting.recipe import Recipe

pytestmark = [pytest.mark.realdata, pytest.mark.slow]


@pytest.fixture(scope="module")
def real_examples(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("real_examples", root / "benchmarks" / "real_examples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["xeducation", "olist", "relax", "hillstrom"])
@pytest.mark.proof(part="reasons-read")
def test_reasons_are_english_and_true_of_the_record_and_stand_once(
    name: str,
    real_examples: ModuleType,
    data_folder: Path,
    proof_size: Callable[[int, int], int],
    record_property: Callable[[str, object], None],
) -> None:
    for _, tables, mapping in real_examples.real_tables(data_folder, [name]):
        found = read_leads(tables, mapping, Recipe(), leads=proof_size(60, 200))
        record_property(f"{name} sentences", found.sentences)
        assert found.faults == []
        assert found.sentences > 2 * found.leads
