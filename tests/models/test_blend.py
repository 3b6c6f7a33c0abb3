import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cards import SPEC, cards, vectors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from small_company import Company, dated_company

from models.artifact import load_scorer, save_scorer
from models.blend import Blend, Line, blend_from
from models.score import Score
from models.scorecard.points import BoundCard
from models.scorecard.points_card import PointsCard

SLOW = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
NUMBERS = st.floats(-3, 3)


@pytest.fixture(scope="module")
def few() -> Company:
    """A company with too few conversions for a model alone."""
    return dated_company(120)


@given(
    cards(),
    vectors(),
    st.tuples(st.floats(0, 1), NUMBERS, st.floats(0, 0.2)),
    arrays(np.float64, len(SPEC.features), elements=NUMBERS),
    NUMBERS,
)
@SLOW
def test_contributions_of_a_blend_add_up_to_its_margin(
    card: PointsCard,
    values: np.ndarray[Any, Any],
    numbers: tuple[float, float, float],
    parts: np.ndarray[Any, Any],
    expected: float,
) -> None:
    bound, (weight, intercept, slope) = BoundCard(card, SPEC), numbers
    means = bound.contributions(values).mean(axis=0)
    blend = Blend(card=bound, weight=weight, line=Line(intercept=intercept, slope=slope), means=means)
    of_model = np.tile(parts, (len(values), 1))
    contributions = blend.contributions(of_model, values)
    margins = blend.expected(expected) + contributions.sum(axis=1)
    np.testing.assert_allclose(margins, blend.margins(expected + of_model.sum(axis=1), values), atol=1e-9)
    # Points are centred on their mean: over these rows they move nothing on average.
    points_alone = blend.contributions(np.zeros_like(of_model), values).mean(axis=0)
    np.testing.assert_allclose(points_alone, 0.0, atol=1e-9)
    again = blend_from(json.loads(json.dumps(blend.to_dict())), SPEC)
    assert again.contributions(of_model, values).tobytes() == contributions.tobytes()


def test_few_conversions_make_a_blend_whose_scores_keep_the_laws(few: Company) -> None:
    scorer = few.scorer
    assert scorer.rung == "blend"
    assert scorer.blend is not None
    assert scorer.population.conversions < 100
    batch = few.batch(60)
    for score in scorer.score(batch, shown=None):
        assert isinstance(score, Score)
        assert score.contributions is not None
        assert (score.rung, score.confidence) == ("blend", "medium")
        margin = score.expected_margin
        assert margin is not None
        for part in score.contributions.tolist():
            margin += part
        assert margin == score.margin
        effects = float(score.baseline_score)
        for reason in score.reasons:
            effects += reason.effect
        assert effects == score.score
    values = scorer.vectors(batch).values
    np.testing.assert_allclose(scorer.margins_alone(values), scorer.margins(values).margin, atol=1e-12)


def test_a_card_moves_the_scores_of_a_blend(few: Company) -> None:
    blend = few.scorer.blend
    assert blend is not None
    assert blend.line.slope > 0.0
    values = few.scorer.vectors(few.batch(60)).values
    model_alone = few.scorer.booster.predict(values, raw_score=True)
    points = blend.card.points(values)
    moved = few.scorer.margins(values).margin - blend.weight * model_alone
    assert np.corrcoef(moved, points)[0, 1] == pytest.approx(1.0)


def test_a_blend_is_read_back_from_its_artifact_to_the_bit(few: Company, tmp_path: Path) -> None:
    save_scorer(few.scorer, tmp_path / "blend")
    again = load_scorer(tmp_path / "blend")
    assert again.rung == "blend"
    batch = few.batch(60)
    assert again.score(batch, shown=None) == few.scorer.score(batch, shown=None)


def test_many_conversions_make_a_model_alone(company: Company) -> None:
    assert company.scorer.population.conversions >= 100
    assert (company.scorer.rung, company.scorer.blend) == ("model", None)


@pytest.mark.parametrize(
    "wrong", [{"weight": 1.5}, {"slope": -0.1}, {"means": [0.0]}, {"intercept": float("inf")}]
)
def test_an_unsound_blend_is_refused(wrong: dict[str, Any]) -> None:
    means = np.zeros(len(SPEC.features))
    blend = Blend(
        card=BoundCard(PointsCard(), SPEC), weight=0.5, line=Line(intercept=0.0, slope=0.1), means=means
    )
    assert blend_from(blend.to_dict(), SPEC).line == replace(blend).line
    with pytest.raises(ValueError, match="a blend needs"):
        blend_from(blend.to_dict() | wrong, SPEC)
