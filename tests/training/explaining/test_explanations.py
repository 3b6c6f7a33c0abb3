"""Laws of the explanations of all scores, on made-up rows and on a small company that was really fitted."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_company import TINY, Company, dated_company, flat_company

from features.feature import Feature
from models.reasons.groups import groups_of
from training.about import about_from
from training.examples import Examples
from training.explaining.bins import MOST_BINS, binned_values, edges_of
from training.explaining.contributed import Contributed
from training.explaining.dependence import dependence
from training.explaining.explain import STRONGEST, explained
from training.explaining.explanations import LEAST_LEADS
from training.explaining.importance import sizes_of, trend_of
from training.explaining.stability import is_unsteady, quarters_of_rows, ranks_of
from training.fitting.fit import fit
from training.fitting.recipe import Recipe
from training.measures.resampling import resampling
from training.train import contributed

if TYPE_CHECKING:
    from features.spec import FeatureSpec
    from training.explaining.explanations import Explanations
    from training.fitting.fitted import Fitted

SIZE = Feature("size", "number", "fit", "size")
COUNTRY = Feature("country", "category", "fit", "country", vocabulary=tuple("ABCDEFGHIJKLMNOP"))
DRAWS = 20


@cache
def fitted(*, flat: bool = False) -> tuple[Company, Fitted, Contributed]:
    company = flat_company() if flat else dated_company()
    found = fit(company.history, company.examples, company.census, Recipe(boosting=TINY))
    examples: Examples[Any] = Examples(
        history=company.history, learned=company.examples, census=company.census
    )
    return company, found, contributed(examples, found)


@cache
def explanations(*, flat: bool = False) -> tuple[FeatureSpec, Contributed, Explanations]:
    _, found, rows = fitted(flat=flat)
    return found.scorer.spec, rows, explained(found.scorer.spec, rows)


def test_rows_are_taken_apart_by_the_model_of_their_own_fold() -> None:
    company, found, rows = fitted()
    margins, parts = found.out_of_fold.margin, rows.contributions.sum(axis=1)
    for fold in np.unique(found.out_of_fold.fold):
        own = found.out_of_fold.fold == fold
        expected = (margins - parts)[own]
        np.testing.assert_allclose(expected, expected[0], rtol=0, atol=1e-9)
    assert len(rows) == len(company.census)


def test_a_reason_s_importance_is_the_mean_absolute_sum_of_its_features() -> None:
    spec, rows, found = explanations()
    for moved in found.moved:
        [group] = [one for one in groups_of(spec) if one.key == moved.key]
        wanted = np.abs(rows.contributions[:, list(group.positions)].sum(axis=1)).mean()
        assert moved.size.value == pytest.approx(wanted, abs=1e-12)
        assert moved.size.low <= moved.size.value <= moved.size.high
        assert moved.by in {feature.name for feature in group.features}
    values = [moved.size.value for moved in found.moved]
    assert values == sorted(values, reverse=True)
    assert sum(moved.size.high > moved.size.low for moved in found.moved) > 5


@pytest.mark.parametrize("flat", [False, True], ids=["dated", "flat"])
def test_the_order_of_the_rows_explains_nothing(*, flat: bool) -> None:
    spec, rows, found = explanations(flat=flat)
    again = explained(spec, rows.where(np.random.default_rng(1).permutation(len(rows))))
    assert [one.key for one in again.moved] == [one.key for one in found.moved]
    for one, other in zip(again.moved, found.moved, strict=True):
        for name in ("value", "low", "high"):
            assert getattr(one.size, name) == pytest.approx(getattr(other.size, name), abs=1e-12)
        assert (one.in_folds, one.in_quarters) == (other.in_folds, other.in_quarters)
    for one_bin, other_bin in zip(again.dependence, found.dependence, strict=True):
        assert [(b.rows, b.leads, b.codes, b.low, b.high) for b in one_bin.bins] == [
            (b.rows, b.leads, b.codes, b.low, b.high) for b in other_bin.bins
        ]


def test_what_is_kept_is_read_back_and_an_older_version_has_none() -> None:
    from made_about import made_about

    _, _, found = explanations()
    about = replace(made_about(), explanations=found)
    assert about_from(about.to_dict()) == about
    older = {name: value for name, value in about.to_dict().items() if name != "explanations"}
    assert about_from(older).explanations is None


def test_the_strongest_reasons_alone_are_told_by_value() -> None:
    spec, _, found = explanations()
    told = {one.feature for one in found.dependence}
    strongest = {moved.key for moved in found.moved[:STRONGEST]}
    groups = groups_of(spec)
    assert {one.key for one in groups if told & {f.name for f in one.features}} == strongest
    assert all(one.size > 0 for one in found.dependence)


@st.composite
def measured_rows(draw: st.DrawFn) -> tuple[Feature, np.ndarray, np.ndarray, np.ndarray]:
    """Values of a number or a category (some missing), what they moved, and whose they are."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    rows, leads = draw(st.integers(1, 400)), draw(st.integers(1, 120))
    feature = draw(st.sampled_from([SIZE, COUNTRY]))
    if feature.is_category:
        values = np.minimum(rng.geometric(draw(st.floats(0.1, 0.9)), rows) - 1.0, len(COUNTRY.vocabulary))
    else:
        counts, alike = rng.poisson(0.7, rows) * 1.0, np.full(rows, 3.0)
        values = draw(st.sampled_from([rng.lognormal(3, 2, rows), rng.normal(size=rows), counts, alike]))
    values[rng.random(rows) < draw(st.sampled_from([0.0, 0.1, 0.9]))] = np.nan
    return feature, values, rng.normal(size=rows), rng.integers(0, leads, rows)


@given(measured_rows())
@settings(deadline=None, max_examples=150)
def test_the_weighted_mean_of_the_bins_is_the_mean_of_the_known_rows(
    made: tuple[Feature, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    feature, values, moved, owner = made
    found = dependence(feature, values, moved, resampling(owner, draws=DRAWS))
    known = ~np.isnan(values)
    if found.bins:
        assert sum(one.rows for one in found.bins) == known.sum()
        weighted = sum(one.rows * one.mean.value for one in found.bins) / known.sum()
        assert weighted == pytest.approx(moved[known].mean(), abs=1e-12)
    else:
        assert len(np.unique(owner[known])) < LEAST_LEADS
    if found.missing is not None:
        assert (found.missing.rows, found.missing.mean.value) == (
            (~known).sum(),
            pytest.approx(moved[~known].mean(), abs=1e-12),
        )


@given(measured_rows())
@settings(deadline=None, max_examples=150)
def test_no_bin_holds_fewer_leads_than_could_hide_a_person(
    made: tuple[Feature, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    feature, values, moved, owner = made
    found = dependence(feature, values, moved, resampling(owner, draws=DRAWS))
    every = [*found.bins, *([] if found.missing is None else [found.missing])]
    assert all(one.leads >= LEAST_LEADS for one in every)
    assert found.left_out + sum(one.rows for one in every) == len(values)
    assert len(found.bins) <= MOST_BINS
    for one in found.bins:
        within = np.isin(values, one.codes) if feature.is_category else in_bounds(values, one.low, one.high)
        assert (one.rows, one.leads) == (within.sum(), len(np.unique(owner[within])))


def in_bounds(values: np.ndarray, low: float | None, high: float | None) -> np.ndarray:
    """Which values a reader of the bounds would look for in a bin."""
    if low == high is not None:
        return np.asarray(values == low)
    above = ~np.isnan(values) if low is None else values >= low
    return np.asarray(above if high is None else above & (values < high))


def test_bounds_are_rounded_so_that_nobody_s_own_value_is_kept() -> None:
    values = np.random.default_rng(2).lognormal(10, 1, 5_000)
    edges = edges_of(values)
    assert len(edges) == MOST_BINS - 1
    assert not np.isin(edges, values).any()
    shares = np.diff(np.searchsorted(np.sort(values), edges)) / len(values)
    assert np.abs(shares - 1 / MOST_BINS).max() < 0.02


def test_a_common_value_is_a_bin_of_its_own_and_years_stay_years() -> None:
    counts = np.repeat([0.0, 1.0, 2.0, 3.0, 9.0], [600, 200, 100, 50, 50])
    binned = binned_values(SIZE, counts, np.arange(1_000))
    assert binned.bounds[:2] == ((0.0, 0.0), (1.0, 1.0))
    years = np.random.default_rng(3).integers(1960, 2026, 2_000) * 1.0
    assert all(edge == round(edge) for edge in edges_of(years))


def test_a_trend_is_of_order_alone_and_none_where_there_is_nothing_to_order() -> None:
    values = np.random.default_rng(4).lognormal(size=300)
    owner = np.arange(300)
    assert trend_of(values, np.log(values), owner) == pytest.approx(1.0)
    assert trend_of(values, -(values**3), owner) == pytest.approx(-1.0)
    assert trend_of(np.full(300, 2.0), values, owner) is None
    assert trend_of(values, np.zeros(300), owner) is None
    assert trend_of(values, values, owner % (LEAST_LEADS - 1)) is None


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=5))
def test_ranks_count_from_the_strongest(sizes: list[list[float]]) -> None:
    found = ranks_of(np.asarray(sizes))
    for row, size in zip(found.tolist(), sizes, strict=True):
        assert sorted(row) == [1, 2, 3]
        by_rank = [size[row.index(rank)] for rank in (1, 2, 3)]
        assert by_rank == sorted(size, reverse=True)


def test_stability_is_that_of_each_fold_s_and_quarter_s_own_importance() -> None:
    spec, rows, found = explanations()
    groups = groups_of(spec)
    over_folds, over_quarters = found.over("folds"), found.over("quarters")
    assert over_folds is not None
    assert over_quarters is not None
    assert len(over_folds.parts) == 5
    assert sum(over_folds.rows) == len(rows)
    assert 0 < over_folds.least <= over_folds.agreement <= 1
    assert over_quarters.parts == ("2024 Q1", "2024 Q2", "2024 Q3", "2024 Q4")
    for at, (name, own) in enumerate(quarters_of_rows(rows).items()):
        assert name == over_quarters.parts[at]
        strongest = int(np.argmax(sizes_of(rows.contributions[own], groups)))
        [first] = [moved for moved in found.moved if moved.in_quarters[at] == 1]
        assert first.key == groups[strongest].key


def test_an_order_that_turns_with_time_is_found_unsteady_and_one_that_stands_is_not() -> None:
    spec, rows, _ = explanations()
    groups = groups_of(spec)
    turned = rows.contributions.copy()
    first_half = rows.as_of < np.median(rows.as_of)  # type: ignore[arg-type,operator]  # dated
    (one,), (other,) = groups[0].positions[:1], groups[-1].positions[:1]
    turned[:] = 1e-3 * np.arange(1, turned.shape[1] + 1)
    turned[first_half, one] = turned[~first_half, other] = 10.0
    found = explained(spec, replace_contributions(rows, turned))
    unsteady = {moved.key for at, moved in enumerate(found.moved[:2]) if is_unsteady(moved, at + 1)}
    assert groups[0].key in unsteady
    quarters = found.over("quarters")
    assert quarters is not None
    assert quarters.least < quarters.agreement
    steady = np.tile(np.arange(1.0, turned.shape[1] + 1), (len(turned), 1))
    found = explained(spec, replace_contributions(rows, steady))
    assert not any(is_unsteady(moved, at + 1) for at, moved in enumerate(found.moved))
    assert [one.least for one in found.stability] == pytest.approx([1.0, 1.0])


def replace_contributions(rows: Contributed, contributions: np.ndarray) -> Contributed:
    held = {field.name: getattr(rows, field.name) for field in fields(rows)}
    return Contributed(**{**held, "contributions": contributions})


def test_flat_data_have_no_quarters() -> None:
    _, rows, found = explanations(flat=True)
    assert rows.as_of is None
    assert found.over("quarters") is None
    assert all(moved.in_quarters == () for moved in found.moved)
    assert found.over("folds") is not None


def test_the_features_that_the_company_was_made_of_come_first() -> None:
    """The size of the firm and what leads did make them win; the newsletter does not."""
    _, _, found = explanations()
    order = [moved.about for moved in found.moved]
    assert order.index("activity") < order.index("newsletter")
    size = next(moved for moved in found.moved if moved.about.startswith("Größe"))
    assert size.trend is not None
    assert size.trend > 0.4
