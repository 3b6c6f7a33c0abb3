"""Rows are what the columns say, and one call of a kernel gives what several do."""

import numpy as np
import pytest
from small_company import Company

from models.contributions.compiled import FEW_ROWS
from models.rated import CONFIDENCES
from models.reasons.largest import NOBODY
from models.scorecard.default_card import default_card
from models.scorecard.points_scorer import PointsScorer
from models.scorer import LeadScorer


@pytest.fixture(scope="module", params=["model", "points"])
def scorer(request: pytest.FixtureRequest, company: Company) -> LeadScorer | PointsScorer:
    spec = company.scorer.spec
    points = PointsScorer(
        name="leadlens", version=None, mapping=company.mapping, spec=spec, card=default_card(spec)
    )
    return company.scorer if request.param == "model" else points


@pytest.mark.parametrize("shown", [0, 3, None])
@pytest.mark.parametrize("rows", [1, FEW_ROWS - 1, 3 * FEW_ROWS])
def test_rows_are_what_the_columns_say(
    scorer: LeadScorer | PointsScorer, company: Company, rows: int, shown: int | None
) -> None:
    values = scorer.vectors(company.batch(3 * FEW_ROWS)).values
    columns = scorer.rated(values, shown=shown, threads=1)
    found = scorer.rows(values[:rows], shown=shown)
    assert len(found.rows) == rows
    assert found.contributions.tobytes() == np.ascontiguousarray(columns.contributions[:rows]).tobytes()
    assert (found.expected, found.baseline_score) == (columns.expected, columns.baseline_score)
    assert found.baseline_probability == columns.baseline_probability
    for at, row in enumerate(found.rows):
        held = int((columns.largest.group[at] != NOBODY).sum())
        assert row.confidence == CONFIDENCES[columns.confidence[at]]
        assert (row.score, row.fit_score, row.engagement_score) == (
            columns.score[at],
            columns.fit_score[at],
            None if columns.engagement_score is None else columns.engagement_score[at],
        )
        assert [row.margin, row.probability, row.low, row.high, row.rest_log_odds] == [
            None if column is None else column[at]
            for column in (
                columns.margin, columns.probability, columns.low, columns.high, columns.rest_log_odds,
            )
        ]  # fmt: skip
        assert row.rest_effect == columns.rest_effect[at]
        assert row.group == columns.largest.group[at, :held].tolist()
        assert row.log_odds == columns.largest.log_odds[at, :held].tolist()
        assert row.effect == columns.effect[at, :held].tolist()
        assert row.named == columns.not_known[at].tolist()
        assert row.worths == ([] if columns.worths is None else columns.worths[at].tolist())
