"""Reasons are faithful: to the truth behind a history, and to what becomes of a lead without its events."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from deleted_events import Deletion, deletion
from reading_leads import read_scores
from told_truth import Learned, learned_of, told_of

from models.score import Score
from training.fitting.recipe import Recipe
from training.synthetic import History as Synthetic

Size: TypeAlias = Callable[[float, float], float]
Record: TypeAlias = Callable[[str, object], None]

pytestmark = pytest.mark.slow


@pytest.mark.proof(part="faithfulness")
def test_the_reasons_of_a_lead_rank_like_the_terms_of_the_truth(
    tmp_path: Path, proof_size: Size, record_property: Record
) -> None:
    """Over each lead's terms, in the mean of all leads; few leads teach less of the truth than many."""
    for seed in range(1, 1 + int(proof_size(1, 3))):
        made = Synthetic(leads=int(proof_size(3_000, 20_000)), seed=seed, observable=True)
        told = told_of(learned_of(made, tmp_path / str(seed), Recipe()), made)
        by_lead, by_term = told.by_lead(), told.by_term()
        idle = told.idle.mean() / (np.abs(told.said).sum(axis=1).mean() + told.idle.mean())
        record_property(f"seed {seed} mean rank correlation of a lead", f"{by_lead.mean():.3f}")
        record_property(f"seed {seed} of a term over leads", f"{np.mean(list(by_term.values())):.3f}")
        record_property(f"seed {seed} said of what has no effect", f"{idle:.3f}")
        assert by_lead.mean() >= proof_size(0.4, 0.7)
        # Of terms that are mostly ties the correlation over leads is bounded far below 1: see the docs.
        assert by_term["job_title"] > proof_size(0.5, 0.8)
        assert by_term["state"] > proof_size(0.5, 0.6)
        assert idle < proof_size(0.25, 0.1)


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory, proof_size: Size) -> Learned:
    made = Synthetic(leads=int(proof_size(3_000, 20_000)), seed=7)
    return learned_of(made, tmp_path_factory.mktemp("ordinary"), Recipe())


def test_its_reasons_are_english_and_true_of_the_record(ordinary: Learned, proof_size: Size) -> None:
    asked = ordinary.held_out
    rows = np.random.default_rng(0).choice(len(asked), int(proof_size(40, 400)), replace=False)
    scores = ordinary.scorer.score(ordinary.history.at(asked.lead[rows], asked.as_of[rows]), shown=None)
    found = read_scores([s for s in scores if isinstance(s, Score)], ordinary.tables, ordinary.scorer)
    assert found.faults == []
    assert found.sentences > 20 * found.leads


def deleted(learned: Learned, told: int | None) -> Deletion:
    asked = learned.held_out
    return deletion(learned.scorer, learned.history.at(asked.lead, asked.as_of), told=told)


@pytest.mark.proof(part="faithfulness")
def test_without_the_events_of_its_strongest_reason_a_lead_scores_lower(
    ordinary: Learned, proof_size: Size, record_property: Record
) -> None:
    found = deleted(ordinary, told=5)
    record_property("leads asked", len(found.row))
    record_property("lowered", f"{found.lowered:.3f}")
    record_property("rank correlation of said and seen", f"{found.rank_correlation:.3f}")
    for number, line in enumerate(found.exceptions(), 1):
        record_property(f"exception {number}", line)
    assert len(found.row) >= 0.1 * len(ordinary.held_out)
    assert found.lowered >= 0.95, found.exceptions()
    assert found.rank_correlation >= proof_size(0.6, 0.7)


@pytest.mark.proof(part="faithfulness")
def test_what_is_too_small_to_be_told_is_less_sure(
    ordinary: Learned, proof_size: Size, record_property: Record
) -> None:
    """Of all leads with any positive event reason, be it as small as it may, about one in five does not fall.

    The bounds here are what was seen, so that it is noticed when it gets worse.
    """
    found = deleted(ordinary, told=None)
    record_property("of all sizes: leads asked", len(found.row))
    record_property("of all sizes: lowered", f"{found.lowered:.3f}")
    record_property("of all sizes: rank correlation", f"{found.rank_correlation:.3f}")
    assert found.lowered >= 0.75
    sure = found.said >= 0.1
    assert (found.seen[sure] > 0).mean() >= 0.95
    assert found.rank_correlation >= 0.7
