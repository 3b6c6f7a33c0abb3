import math
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import HOSTILE_NAME, Company, a_batch, an_event, dated_company, day

from features.batch import LeadBatch
from features.vectors import vectorise
from models.boosting import margins_of
from models.curve import Curve
from models.score import Score, Unscorable
from models.scorer import LeadScorer, Population

A_LEAD = {
    "country": "DE",
    HOSTILE_NAME: "120",
    "job_title": "CEO",
    "email": "a@acme.example",
    "newsletter": "yes",
    "interests": "crm;ads",
    "utm_source": "fair",
}
MISSING = dict.fromkeys(A_LEAD, None)


def one(scorer: LeadScorer, cells: dict[str, Any], events: list[dict[str, Any]] | None = None) -> Score:
    """Return the score of one lead as a request brings it."""
    (score,) = scorer.score(a_batch({name: [cell] for name, cell in cells.items()}, events=[events or []]))
    assert isinstance(score, Score)
    return score


def scores_of(scorer: LeadScorer, batch: LeadBatch, shown: int | None = 5) -> list[Score]:
    found = scorer.score(batch, shown=shown)
    scores = [score for score in found if isinstance(score, Score)]
    assert len(scores) == len(found)
    return scores


def with_population(scorer: LeadScorer, **changes: Any) -> LeadScorer:
    """Return the same scorer among other leads."""
    return LeadScorer(
        name=scorer.name,
        version=scorer.version,
        mapping=scorer.mapping,
        spec=scorer.spec,
        booster=scorer.booster,
        calibration=scorer.calibration,
        population=replace(scorer.population, **changes),
    )


def constant(rank: float) -> Curve:
    return Curve(np.asarray([0.0]), np.asarray([rank]), rank, rank)


def test_the_margin_is_the_sum_of_its_contributions_in_order_and_lightgbms_own(company: Company) -> None:
    scorer = company.scorer
    values = vectorise(scorer.spec, company.batch(300)).values
    found = scorer.margins(values)
    own = margins_of(scorer.booster, values)
    for row in range(len(values)):
        total = found.expected
        for part in found.contributions[row].tolist():
            total += part
        assert total == found.margin[row]
        size = abs(found.expected) + float(np.abs(found.contributions[row]).sum())
        assert abs(total - own[row]) <= 1e-12 * max(1.0, size)
    assert np.ptp(found.margin) > 0.1


def test_the_score_is_the_floor_of_a_hundred_times_the_rank_and_at_most_99(company: Company) -> None:
    for score in scores_of(company.scorer, company.batch(200)):
        rank = float(company.scorer.population.margin.at([score.margin])[0])
        assert score.score == min(99, math.floor(100 * rank))
    for rank, expected in [(0.0, 0), (0.7, 70), (0.6999, 69), (0.999, 99), (1.0, 99)]:
        ranked = with_population(company.scorer, margin=constant(rank))
        assert one(ranked, A_LEAD).score == expected


def test_everything_is_read_from_the_margin(company: Company) -> None:
    scorer = company.scorer
    values = vectorise(scorer.spec, company.batch(50)).values
    families = [feature.family for feature in scorer.spec.features]
    contributions = scorer.margins(values).contributions
    for row, score in enumerate(scores_of(scorer, company.batch(50))):
        point, low, high = (float(curve[0]) for curve in scorer.calibration.at([score.margin]))
        assert (score.probability, score.probability_low, score.probability_high) == (point, low, high)
        assert low <= point <= high
        expected = scorer.calibration.at([score.expected_margin])[0][0]
        assert score.baseline_probability == expected
        assert score.base_rate == company.census.label.mean()
        for family, curve, given_score in (
            ("fit", scorer.population.fit, score.fit_score),
            ("engagement", scorer.population.engagement, score.engagement_score),
        ):
            total = math.fsum(c for c, f in zip(contributions[row], families, strict=True) if f == family)
            assert curve is not None
            nearby = curve.at([total - 1e-12, total, total + 1e-12])
            assert given_score in {min(99, math.floor(100 * rank)) for rank in nearby.tolist()}


def test_reasons_add_up_to_the_margin_and_to_the_score(company: Company) -> None:
    for shown in (5, None, 0):
        for score in scores_of(company.scorer, company.batch(200), shown):
            log_odds = effect = 0.0
            for reason in score.reasons:
                log_odds += reason.log_odds
                effect += reason.effect
            assert log_odds == pytest.approx(score.margin - score.expected_margin, rel=0, abs=1e-15)
            assert effect == pytest.approx(score.score - score.baseline_score, rel=0, abs=1e-13)
            assert score.reasons[-1].family is None
            assert shown is None or len(score.reasons) <= shown + 1


def test_an_effect_is_the_log_odds_times_the_slope_of_the_rank(company: Company) -> None:
    """Between the expected margin and the margin or, nearer than 0.1, over the expected margin ± 0.1."""
    ranks = company.scorer.population.margin
    near = far = 0
    for score in scores_of(company.scorer, company.batch(300)):
        expected, margin = score.expected_margin, score.margin
        if abs(margin - expected) < 0.1:
            near += 1
            low, high = ranks.at([expected - 0.1, expected + 0.1]).tolist()
            slope = 100 * (high - low) / 0.2
        else:
            far += 1
            low, high = ranks.at([expected, margin]).tolist()
            slope = 100 * (high - low) / (margin - expected)
        for reason in score.reasons[:-1]:
            assert reason.effect == pytest.approx(reason.log_odds * slope, rel=1e-9, abs=1e-12)
    assert near > 0
    assert far > 0


@pytest.mark.parametrize(
    ("fit", "engagement", "grade"),
    [
        (0.75, 0.75, "A1"),
        (0.749, 0.749, "B2"),
        (0.5, 0.5, "B2"),
        (0.499, 0.25, "C3"),
        (0.25, 0.249, "C4"),
        (0.249, 0.0, "D4"),
        (1.0, 1.0, "A1"),
        (0.0, 0.99, "D1"),
    ],
)
def test_grades_part_at_75_50_and_25(company: Company, fit: float, engagement: float, grade: str) -> None:
    among = with_population(company.scorer, fit=constant(fit), engagement=constant(engagement))
    assert one(among, A_LEAD).grade == grade


def test_a_model_without_events_grades_fit_alone(flat: Company) -> None:
    for score in scores_of(flat.scorer, flat.batch()):
        assert score.engagement_score is None
        assert score.grade in set("ABCD")
        assert score.horizon_days is None


def test_a_lead_without_events_in_a_model_that_has_them_is_ranked_like_any_other(company: Company) -> None:
    score = one(company.scorer, A_LEAD)
    assert score.engagement_score is not None
    assert len(score.grade) == 2
    assert score.horizon_days == 30.0


@pytest.mark.parametrize(
    ("known", "conversions", "confidence"),
    [
        (6, 200, "high"),
        (6, 199, "medium"),
        (3, 200, "high"),
        (3, 10, "medium"),
        (2, 1_000, "low"),
        (0, 5, "low"),
    ],
)
def test_confidence_is_low_where_fewer_than_half_of_the_fit_columns_are_known(
    company: Company, known: int, conversions: int, confidence: str
) -> None:
    fit_columns = [name for name in A_LEAD if name != "utm_source"]
    assert len(fit_columns) == 6
    cells = {**MISSING, **{name: A_LEAD[name] for name in fit_columns[:known]}}
    assert one(with_population(company.scorer, conversions=conversions), cells).confidence == confidence


def test_events_and_context_do_not_make_a_lead_better_known(company: Company) -> None:
    scorer = with_population(company.scorer, conversions=1_000)
    cells = {**MISSING, "utm_source": "fair"}
    assert one(scorer, cells, [an_event("page_view", day(90), page="pricing")]).confidence == "low"


@given(st.lists(st.integers(0, 399), min_size=1, max_size=100), st.integers(0, 390))
@pytest.mark.proof(part="same-bits")
def test_a_lead_has_the_same_score_to_the_bit_alone_and_among_any_others(
    leads: list[int], number: int
) -> None:
    company = dated_company()
    positions = np.asarray(leads, np.int64)
    moments = np.full(len(leads), day(number))
    together = company.scorer.score(company.history.at(positions, moments), shown=None)
    for row in range(0, len(leads), 7):
        one_row = company.history.at(positions[row : row + 1], moments[row : row + 1])
        assert company.scorer.score(one_row, shown=None) == together[row : row + 1]


def test_a_large_batch_on_several_threads_has_the_bits_of_its_rows(company: Company) -> None:
    together = company.scorer.score(company.batch(400))
    for row in range(0, 400, 23):
        alone = company.history.at(np.asarray([row], np.int64), np.asarray([day(300)]))
        assert company.scorer.score(alone) == together[row : row + 1]


def test_an_unreadable_cell_fails_its_own_lead_alone(company: Company) -> None:
    cells = {name: [cell] * 3 for name, cell in A_LEAD.items()}
    good = company.scorer.score(a_batch(cells, events=[[]] * 3))
    cells[HOSTILE_NAME] = ["120", "many", "120"]
    first, second, third = company.scorer.score(a_batch(cells, events=[[]] * 3))
    assert [first, third] == [good[0], good[2]]
    assert isinstance(second, Unscorable)
    (fault,) = second.faults
    assert (fault.where, fault.expected, fault.found) == (HOSTILE_NAME, "a number", "'many'")
    assert second.lead_id == "L-1"


def test_what_the_score_takes_no_notice_of_and_what_it_misses_is_said(company: Company) -> None:
    cells = {**A_LEAD, "shoe_size": "42"}
    del cells["country"]
    score = one(company.scorer, cells, [an_event("telepathy", day(90)), an_event("page_view", day(90))])
    assert score.warnings == (
        "Column 'shoe_size' is not known to the model and was ignored.",
        "Column 'country' was not sent and counts as not known.",
        "Events of type 'telepathy' are not known to the model.",
    )
    assert one(company.scorer, A_LEAD).warnings == ()


def test_a_warning_of_a_type_of_event_goes_to_the_lead_that_has_it(company: Company) -> None:
    batch = a_batch(
        {name: [cell] * 2 for name, cell in A_LEAD.items()}, events=[[], [an_event("telepathy", day(90))]]
    )
    first, second = scores_of(company.scorer, batch)
    assert first.warnings == ()
    assert len(second.warnings) == 1


def test_of_a_stored_lead_nothing_is_said_of_what_was_sent(company: Company) -> None:
    batch = replace(a_batch({"country": ["DE"]}, events=[[]]), is_stored=True)
    (score,) = scores_of(company.scorer, batch)
    assert "Column 'utm_source' is not known of the lead." in score.warnings
    assert not any("sent" in warning for warning in score.warnings)


def test_an_unknown_column_moves_nothing_but_its_warning(company: Company) -> None:
    plain, more = one(company.scorer, A_LEAD), one(company.scorer, {**A_LEAD, "shoe_size": {"eu": 42}})
    assert msgspec.structs.replace(more, warnings=()) == plain


def test_a_derived_column_is_never_called_for(company: Company) -> None:
    assert [column.name for column in company.scorer.spec.columns if column.is_derived] == [
        "lead.source",
        "lead.completeness",
    ]
    (score,) = scores_of(company.scorer, a_batch({"country": ["DE"]}, events=[[]]))
    assert "Column 'utm_source' was not sent and counts as not known." in score.warnings
    assert not [warning for warning in score.warnings if "lead." in warning]
    (sent,) = scores_of(company.scorer, a_batch({"country": ["DE"], "lead.source": ["paid"]}, events=[[]]))
    assert "Column 'lead.source' is not known to the model and was ignored." in sent.warnings


def test_nobody_gets_no_score(company: Company) -> None:
    assert company.scorer.score(a_batch({name: [] for name in A_LEAD}, events=[])) == []


def test_a_lead_of_whom_nothing_is_known_is_scored_and_no_merit_is_made_of_it(flat: Company) -> None:
    cells = dict.fromkeys((column.name for column in flat.scorer.spec.columns), None)
    (score,) = scores_of(flat.scorer, a_batch({name: [None] for name in cells}))
    assert [reason.family for reason in score.reasons] == [None]
    assert score.confidence == "low"


def test_the_digest_is_of_the_vector(company: Company) -> None:
    same, other = one(company.scorer, A_LEAD), one(company.scorer, {**A_LEAD, "country": "FR"})
    assert same.features_sha256 == one(company.scorer, {**A_LEAD, HOSTILE_NAME: 120.0}).features_sha256
    assert same.features_sha256 != other.features_sha256


def test_no_reason_of_a_lead_speaks_of_a_column_that_it_does_not_have(company: Company) -> None:
    for name in A_LEAD:
        without = {**A_LEAD, name: None}
        (score,) = scores_of(company.scorer, a_batch({n: [c] for n, c in without.items()}, events=[[]]), None)
        own = {f.name for f in company.scorer.spec.features if f.is_of_column and f.about == name}
        assert own
        assert not [reason for reason in score.reasons if own & set(reason.features)]


def test_a_population_says_how_many_conversions_it_rests_on(company: Company) -> None:
    assert isinstance(company.scorer.population, Population)
    leads = company.examples.lead[company.examples.label == 1]
    assert company.scorer.population.conversions == len(set(leads.tolist()))
