from typing import Any

import numpy as np
import pytest
from small_company import Company

from features.words import Phrasebook
from models.rated import Rated
from models.reasons.texts import UNTOLD, Texts
from models.scorecard.default_card import default_card
from models.scorecard.points_scorer import PointsScorer
from models.scorer import LeadScorer


@pytest.fixture(scope="module")
def points(company: Company) -> PointsScorer:
    spec = company.scorer.spec
    return PointsScorer(
        name="leadlens", version=None, mapping=company.mapping, spec=spec, card=default_card(spec)
    )


def said(texts: Texts, row: int) -> list[str]:
    """Return the texts of one row, the last one last."""
    return [texts.told[at] for at in [*texts.text[row].tolist(), int(texts.rest[row])] if at != UNTOLD]


def compared(scorer: LeadScorer | PointsScorer, values: Any, shown: int | None) -> tuple[Rated, Texts]:
    """Return what is told of many rows, having compared it with each row's reasons."""
    rated = scorer.rated(values, shown=shown, threads=1)
    rows = scorer.rows(values, shown=shown).rows
    texts = scorer.texts(rated, values)
    for row, vector in enumerate(values):
        assert said(texts, row) == [reason.text for reason in scorer.reasons(rows[row], vector.tolist())]
    assert len(set(texts.told)) == len(texts.told)
    return rated, texts


@pytest.mark.parametrize("shown", [0, 2, 5, None])
def test_columns_say_what_each_leads_reasons_say(
    company: Company, points: PointsScorer, shown: int | None
) -> None:
    values = company.scorer.vectors(company.batch(60)).values
    rated, texts = compared(company.scorer, values, shown)
    compared(points, values, shown)
    width = rated.largest.group.shape[1]
    assert texts.text.shape == rated.effect.shape == (60, width)


def test_texts_and_effects_are_those_of_the_scores_and_add_up(company: Company) -> None:
    batch = company.batch(100)
    values = company.scorer.vectors(batch).values
    rated, texts = compared(company.scorer, values, 5)
    for row, score in enumerate(company.scorer.score(batch)):
        held = int((texts.text[row] != UNTOLD).sum())
        effects = [*rated.effect[row, :held].tolist(), float(rated.rest_effect[row])]
        assert effects == [reason.effect for reason in score.reasons]
        assert said(texts, row) == [reason.text for reason in score.reasons]
        total = 0.0
        for effect in effects:
            total += effect
        assert total == pytest.approx(score.score - rated.baseline_score, rel=0, abs=1e-13)


def test_reasons_that_would_say_the_same_are_told_apart_as_in_a_score(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = company.scorer.vectors(company.batch(40)).values
    monkeypatch.setattr(
        Phrasebook, "phraser", lambda _self, features: lambda *_: f"thing {len(features) % 2}"
    )
    of = company.scorer
    stammering = LeadScorer(
        name=of.name,
        version=of.version,
        mapping=of.mapping,
        spec=of.spec,
        booster=of.booster,
        calibration=of.calibration,
        population=of.population,
        attributions=of.attributions,
    )
    _, texts = compared(stammering, values, None)
    assert any(text.endswith(")") or text not in {"Thing 0", "Thing 1"} for text in said(texts, 0)[:-1])
    for row in range(len(values)):
        assert len(set(said(texts, row))) == len(said(texts, row))


def test_rows_that_are_left_out_are_not_told(company: Company, points: PointsScorer) -> None:
    values = company.scorer.vectors(company.batch(6)).values
    for scorer in (company.scorer, points):
        rated = scorer.rated(values, shown=5, threads=1)
        whole, some = scorer.texts(rated, values), scorer.texts(rated, values, [1, 4])
        assert [said(some, row) for row in (0, 2, 3, 5)] == [said(whole, row) for row in (0, 2, 3, 5)]
        assert said(some, 1) == said(some, 4) == []
        assert said(whole, 1)


def test_of_no_rows_nothing_is_told(company: Company) -> None:
    nothing = np.empty((0, len(company.scorer.spec.features)))
    texts = company.scorer.texts(company.scorer.rated(nothing, shown=5, threads=1), nothing)
    assert texts.told == ()
