"""Two versions of a real small company: which rows they are compared on, and when they are not."""

from dataclasses import replace

import numpy as np
import pytest
from small_company import TINY, Company, a_mapping, dated_company, day, flat_company, generated_tables, tables

from features.history import History
from features.snapshots import Lives, Moments, census, snapshots
from training.evidence.twin import Twin
from training.fitting.fit import fit_scorer
from training.fitting.folds import folds_of
from training.fitting.recipe import Recipe
from training.promotion.comparison import IncomparableError
from training.promotion.versions import Version, compared_by_twins, compared_later, foretold

RECIPE = Recipe(boosting=TINY)


def dated(number: int, *, until: int = 150, seed: int = 7) -> Version:
    """A version of the dated company whose twin learned until a day."""
    company = dated_company()
    learned, judged = (m.where(m.as_of + 30 * 86_400_000_000 <= day(until)) for m in _moments(company))
    recipe = replace(RECIPE, boosting=replace(TINY, seed=seed))
    twin = Twin(scorer=fit_scorer(company.history, learned, judged, recipe), learned_until=day(until))
    return Version(number=number, scorer=company.scorer, learned_until=day(until), twins=(twin,))


def _moments(company: Company) -> tuple[Moments, Moments]:
    return company.examples, company.census


def flat(number: int, folds: tuple[int, ...] = (3, 4)) -> Version:
    company = flat_company()
    fold_of = folds_of(company.history, RECIPE)[company.examples.lead]
    twins = []
    for fold in folds:
        learned = company.examples.where(fold_of != fold)
        twins.append(Twin(scorer=fit_scorer(company.history, learned, learned, RECIPE), fold=fold, folds=5))
    return Version(number=number, scorer=company.scorer, learned_until=None, twins=tuple(twins))


def test_twins_are_compared_from_when_on_both_may_be_asked() -> None:
    company = dated_company()
    early, late = dated(1, until=150), dated(2, until=200, seed=8)
    for champion, challenger in ((early, late), (late, early)):
        found = compared_by_twins(champion, challenger, company.history, company.census, RECIPE)
        assert found.rows == int((company.census.as_of >= day(200)).sum())
        assert (found.champion, found.how) == (champion.number, "twins")
        assert "2024-07-19" in found.said
        assert found.difference.value != 0.0


def test_a_version_beside_itself_differs_by_nothing() -> None:
    company = dated_company()
    one = dated(1)
    by_twins = compared_by_twins(one, replace(one, number=2), company.history, company.census, RECIPE)
    later = compared_later(one, replace(one, number=2), company.history, company.census)
    both_flat = compared_by_twins(flat(1), flat(2), *_flat_rows(), RECIPE)
    for found in (by_twins, later, both_flat):
        assert (found.difference.low, found.difference.high) == (0.0, 0.0)
        assert found.stability.value == 0.0


def _flat_rows() -> tuple[History, Moments]:
    company = flat_company()
    return company.history, company.census


def test_flat_data_are_compared_in_the_folds_that_both_left_out() -> None:
    past, rows = _flat_rows()
    fold_of = folds_of(past, RECIPE)[rows.lead]
    found = compared_by_twins(flat(1, (2, 3, 4)), flat(2, (3, 4)), past, rows, RECIPE)
    assert found.rows == int(np.isin(fold_of, (3, 4)).sum())
    with pytest.raises(IncomparableError, match="No lead of these data was left out"):
        compared_by_twins(flat(1, (0,)), flat(2, (4,)), past, rows, RECIPE)


def test_twins_of_other_folds_are_not_compared() -> None:
    past, rows = _flat_rows()
    scorer = flat_company().scorer
    five, ten = (
        Version(
            number=n, scorer=scorer, learned_until=None, twins=(Twin(scorer=scorer, fold=3, folds=folds),)
        )
        for n, folds in ((1, 5), (2, 10))
    )
    for champion, challenger, recipe in (
        (five, ten, RECIPE),
        (ten, five, RECIPE),
        (five, five, replace(RECIPE, folds=10)),
    ):
        with pytest.raises(IncomparableError, match="its folds are of other leads"):
            compared_by_twins(champion, challenger, past, rows, recipe)


def test_a_later_period_begins_after_both_versions() -> None:
    company = dated_company()
    one, other = dated(1), replace(dated(2), learned_until=day(220))
    found = compared_later(one, other, company.history, company.census)
    assert found.rows == int((company.census.as_of >= day(220)).sum())
    assert found.how == "later period"
    with pytest.raises(IncomparableError, match="a comparison needs 20"):
        compared_later(one, replace(other, learned_until=day(3_000)), company.history, company.census)
    with pytest.raises(IncomparableError, match="have no later period"):
        compared_later(one, replace(other, learned_until=None), company.history, company.census)


def test_versions_without_twins_or_with_other_twins_are_not_compared() -> None:
    company = dated_company()
    one = dated(1)
    without = replace(one, number=2, twins=())
    with pytest.raises(IncomparableError, match="no twin of version 2"):
        compared_by_twins(one, without, company.history, company.census, RECIPE)
    by_lead = replace(one, number=None, twins=(Twin(scorer=company.scorer, fold=1, folds=5),))
    with pytest.raises(IncomparableError, match="cut off in time, those of the other by lead"):
        compared_by_twins(one, by_lead, company.history, company.census, RECIPE)


def test_another_horizon_is_not_compared() -> None:
    company = dated_company()
    rows, acts, ends = generated_tables(400)
    mapping = a_mapping(training={"horizon": "60 days"})
    all_tables = tables(rows, events=acts, outcomes=ends)
    past = History(all_tables, mapping)
    lives = Lives(all_tables, past)
    longer = fit_scorer(past, snapshots(past, lives, mapping), census(past, lives, mapping), RECIPE)
    other = replace(dated(2), scorer=longer)
    said = "training.horizon is 30 days for the one and 60 days for the other"
    with pytest.raises(IncomparableError, match=f"Version 1, the champion, and version 2 .*{said}"):
        compared_later(dated(1), other, company.history, company.census)
    with pytest.raises(IncomparableError, match=said):
        compared_by_twins(dated(1), other, company.history, company.census, RECIPE)


def test_data_that_lack_a_column_of_a_version_judge_it_blind_and_are_refused() -> None:
    company = dated_company()
    rows, acts, ends = generated_tables(400)
    lacking = [{name: value for name, value in row.items() if name != "country"} for row in rows]
    past = History(tables(lacking, events=acts, outcomes=ends), company.mapping)
    with pytest.raises(IncomparableError, match="lack what one of the versions learned from: 'country'"):
        foretold(company.scorer, past, company.census)
