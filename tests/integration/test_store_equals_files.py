"""The same history through files, and through import and the store, teaches the same: to the bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
from hostile_company import hostile_company
from small_company import TINY

from features.mapping import Mapping, mapping_from
from features.reading import csv_files, files, read_tables
from models.artifact import BOOSTER, SCORER, SPEC, save_scorer
from serving.history import training_tables
from serving.history.training_tables import stored_tables
from serving.importing import import_files, lead_files, work
from training.examples import Examples, cut_examples
from training.fitting.fit import fit_scorer
from training.fitting.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from features.tables import Tables
    from serving.store.database import Store

NOW = 1_800_000_000_000_000
RECIPE = Recipe(boosting=TINY, folds=2)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts so small that every table has many, read and written."""
    monkeypatch.setattr(files, "PART_ROWS", 700)
    monkeypatch.setattr(csv_files, "_BLOCK_BYTES", 60_000)
    monkeypatch.setattr(work, "BATCH_ROWS", 300)
    monkeypatch.setattr(training_tables, "PART_ROWS", 500)
    monkeypatch.setattr(lead_files, "NAMES_ALL", 100)


def through_the_store(store: Store, mapping: Mapping, folder: Path) -> tuple[Mapping, Tables]:
    done = import_files(store, mapping, folder, NOW)
    stored = mapping_from(dict(done.mapping))
    # As it is frozen into a model and read back.
    stored = mapping_from(stored.model_dump(mode="json", by_alias=True, exclude_none=True))
    return stored, stored_tables(store, stored)


def assert_same_moments(one: Examples[Any], other: Examples[Any]) -> None:
    for name in ("learned", "census"):
        ours, theirs = getattr(one, name), getattr(other, name)
        for part in ("lead", "as_of", "label", "weight"):
            np.testing.assert_array_equal(getattr(ours, part), getattr(theirs, part))


def assert_same_models(one: Examples[Any], other: Examples[Any], folder: Path) -> None:
    scorers = [fit_scorer(cut.history, cut.learned, cut.census, RECIPE) for cut in (one, other)]
    for cut in (one.learned, one.census):
        vectors = [
            past.history.vectors(scorer.spec, cut.lead, cut.as_of).values
            for past, scorer in zip((one, other), scorers, strict=True)
        ]
        np.testing.assert_array_equal(*vectors)
    for number, scorer in enumerate(scorers):
        save_scorer(scorer, folder / str(number))
    for name in (BOOSTER, SPEC, SCORER):
        assert (folder / "0" / name).read_bytes() == (folder / "1" / name).read_bytes(), name


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_hostile_company_teaches_the_same_from_the_store_as_from_its_files(
    form: Literal["csv", "parquet"], store: Store, tmp_path: Path
) -> None:
    mapping = hostile_company(tmp_path, form, leads=450)
    tables = read_tables(mapping, tmp_path)
    stored, from_store = through_the_store(store, mapping, tmp_path)
    assert from_store.extract_at == tables.extract_at
    assert from_store.leads["lead_id"].tolist() == tables.leads["lead_id"].tolist()
    one, other = cut_examples(tables, mapping), cut_examples(from_store, stored)
    assert one.merged == other.merged
    assert_same_moments(one, other)
    assert one.history.undated() == other.history.undated()
    assert_same_models(one, other, tmp_path / "models")


@pytest.mark.proof(part="store-equals-files")
def test_a_large_company_teaches_the_same_from_the_store_as_from_its_files(
    proof_size: Callable[[int, int], int], store: Store, tmp_path: Path
) -> None:
    mapping = hostile_company(tmp_path, "parquet", leads=proof_size(400, 60_000), seed=11)
    tables = read_tables(mapping, tmp_path)
    stored, from_store = through_the_store(store, mapping, tmp_path)
    one, other = cut_examples(tables, mapping), cut_examples(from_store, stored)
    assert_same_moments(one, other)
    assert_same_models(one, other, tmp_path / "models")
