"""A known drift in a generated history: what the cadences of retraining make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from features.duplicates.merging import merge_duplicates
from features.mapping import read_mapping
from features.reading import read_tables
from models.boosting import Boosting
from training.backtest import backtest
from training.backtest.cadence import cadences_of
from training.examples import cut_examples
from training.fitting.recipe import Recipe
from training.synthetic import History, generate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from training.backtest import Backtest

    Size = Callable[[int, int], int]

SMALL = Recipe(boosting=Boosting(num_trees=40, learning_rate=0.1), folds=2, early_stopping=False)


def rolled(out: Path, proof_size: Size, drift: float) -> Backtest:
    days, leads = proof_size(540, 900), proof_size(2_500, 20_000)
    made = generate(History(leads=leads, days=days, drift=drift), out)
    mapping = read_mapping(made.mapping)
    tables, _ = merge_duplicates(read_tables(mapping, out), mapping)
    recipe = (SMALL, Recipe())[proof_size(0, 1)]
    often = ("16 weeks", "monthly")[proof_size(0, 1)]
    return backtest(tables, cut_examples(tables, mapping), recipe, cadences_of(f"{often},never"))


@pytest.mark.slow
@pytest.mark.proof(part="backtest")
def test_under_drift_retraining_pays_in_the_later_half_and_without_it_hardly_matters(
    tmp_path: Path, proof_size: Size, record_property: Callable[[str, object], None]
) -> None:
    """At the small size the doubt is larger than the gain: there only the loss by the drift is seen."""
    drifting, steady = (rolled(tmp_path / str(drift), proof_size, drift) for drift in (1.0, 0.0))
    often = drifting.contenders[0].name
    gained, without = drifting.difference(often, "never").later, steady.difference(often, "never").later
    record_property("saved under drift", str(gained))
    record_property("saved without drift", str(without))
    record_property("flattery in AUC", f"{drifting.flattery.auc:.4f}")
    worth = [one.difference("never", "base rate").later.value for one in (drifting, steady)]
    assert worth[0] < worth[1]
    if proof_size(0, 1):
        assert gained.low > 0
        assert without.value < 0.5 * gained.value
        assert abs(without.value) < 0.25 * worth[1]
