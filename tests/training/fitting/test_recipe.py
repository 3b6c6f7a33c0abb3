"""The recipe, on small generated companies."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from small_company import TINY, Company, dated_company, flat_company, tables

from features.errors import InputError, RefusedError
from features.history import History
from features.snapshots import Lives, Moments, census, snapshots
from models.curve import rank_curve
from training.fitting import out_of_fold
from training.fitting.enough import leads_by_label, refuse_too_little
from training.fitting.fit import fit, fit_margins, fit_scorer, only_families
from training.fitting.recipe import MIN_CONVERSIONS, Recipe

RECIPE = Recipe(boosting=TINY)


@pytest.fixture(scope="session")
def company() -> Company:
    return dated_company()


def fitted(company: Company, recipe: Recipe = RECIPE) -> Any:
    return fit_scorer(company.history, company.examples, company.census, recipe)


def test_the_same_data_and_seed_give_the_same_bytes(company: Company) -> None:
    again = fitted(company)
    assert again.booster.model_to_string() == company.scorer.booster.model_to_string()
    assert again.calibration.to_dict() == company.scorer.calibration.to_dict()
    assert again.population.margin.to_dict() == company.scorer.population.margin.to_dict()
    assert again.population.fit.to_dict() == company.scorer.population.fit.to_dict()


def test_no_lead_is_judged_by_a_model_that_learned_from_it(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The size of a company, which is its own in these data, tells in every vector whose it is."""
    at = company.scorer.spec.names.index(next(name for name in company.scorer.spec.names if "Firma" in name))
    sizes = company.tables.leads[company.scorer.spec.features[at].about].astype(float)
    own = set(sizes[sizes.map(sizes.value_counts()) == 1].tolist())
    parts: list[set[float]] = []
    judged: dict[int, set[float]] = {}
    explained: dict[int, set[float]] = {}
    part_of, margins = out_of_fold.part_of, out_of_fold.margins_of
    contributions = out_of_fold.contributions_of

    def part_and_tell(dataset: Any, rows: Any, weights: Any) -> Any:
        parts.append(set(sizes.iloc[company.examples.lead[rows]].tolist()))
        assert dataset.num_data() == len(company.examples)
        counted = np.bincount(company.examples.lead[rows], weights=weights)
        np.testing.assert_allclose(counted[counted > 0], 1.0)
        part = part_of(dataset, rows, weights)
        assert (part.get_label() == company.examples.label[rows]).all()
        return part

    def margins_and_tell(booster: Any, values: Any) -> Any:
        judged.setdefault(id(booster), set()).update(values[:, at].tolist())
        return margins(booster, values)

    def contributions_and_tell(booster: Any, values: Any) -> Any:
        explained.setdefault(id(booster), set()).update(values[:, at].tolist())
        return contributions(booster, values)

    monkeypatch.setattr(out_of_fold, "part_of", part_and_tell)
    monkeypatch.setattr(out_of_fold, "margins_of", margins_and_tell)
    monkeypatch.setattr(out_of_fold, "contributions_of", contributions_and_tell)
    fitted(company)
    assert len(parts) == len(judged) == len(explained) == RECIPE.folds
    for learned, (booster, leads) in zip(parts, judged.items(), strict=True):
        assert leads & own
        assert not leads & learned & own
        assert explained[booster] <= leads
    assert set.union(*judged.values()) == set(sizes.iloc[company.census.lead].tolist())


def test_ranks_and_calibration_rest_on_the_census_out_of_fold(company: Company) -> None:
    """In sample a model flatters itself: its own margins would spread wider and know the labels."""
    population = company.scorer.population
    assert population.base_rate == company.census.label.mean()
    own = rank_curve(
        company.scorer.booster.predict(
            company.history.vectors(company.scorer.spec, company.census.lead, company.census.as_of).values,
            raw_score=True,
        )
    )
    assert own.to_dict() != population.margin.to_dict()


def test_noise_that_a_model_can_learn_by_heart_is_judged_as_noise() -> None:
    """Labels are drawn without regard to the leads: out of fold nothing may seem known of them."""
    company = flat_company()
    rng = np.random.default_rng(5)
    label = rng.permutation(company.examples.label)
    examples = Moments(company.examples.lead, company.examples.as_of, label)
    scorer = fit_scorer(company.history, examples, examples, RECIPE)
    probability = scorer.calibration.probability
    assert np.ptp(probability.at(scorer.population.margin.x)) < 0.25
    vectors = company.history.vectors(scorer.spec, examples.lead, examples.as_of).values
    in_sample = np.asarray(scorer.booster.predict(vectors, raw_score=True))
    assert in_sample[label == 1].mean() - in_sample[label == 0].mean() > 0.1


@pytest.mark.parametrize("kept", [0, MIN_CONVERSIONS - 1])
@pytest.mark.parametrize(("label", "said"), [(1.0, "converted"), (0.0, "did not convert")])
def test_too_few_leads_of_either_kind_are_refused(kept: int, label: float, said: str) -> None:
    company = flat_company()
    rare = np.flatnonzero(company.examples.label == label)[:kept]
    chosen = np.isin(np.arange(len(company.examples)), rare) | (company.examples.label != label)
    few = company.examples.where(chosen)
    with pytest.raises(RefusedError, match=f"Only {kept} leads {said}; at least 20"):
        fit_scorer(company.history, few, company.examples, RECIPE)
    with pytest.raises(RefusedError, match=f"Only {kept} leads {said}"):
        fit_scorer(company.history, company.examples, few, RECIPE)


def test_many_moments_of_few_leads_are_few_conversions(company: Company) -> None:
    won = np.unique(company.examples.lead[company.examples.label == 1])[:5]
    chosen = (company.examples.label == 0) | np.isin(company.examples.lead, won)
    few = company.examples.where(np.repeat(chosen, 1))
    many = Moments(*(np.repeat(column, 9) for column in (few.lead, few.as_of, few.label)))
    with pytest.raises(RefusedError, match="Only 5 leads converted"):
        fit_scorer(company.history, many, company.census, RECIPE)


def test_data_that_hold_no_feature_are_refused() -> None:
    company = flat_company()
    leads = [
        {"lead_id": f"L-{n}", "created_at": None, "note": f"text {n}"} for n in range(len(company.history))
    ]
    history = History(tables(leads), company.mapping)
    with pytest.raises(RefusedError, match="No column or event"):
        fit_scorer(history, company.examples, company.examples, RECIPE)


def test_a_recipe_of_fewer_families_measures_nothing_else(company: Company) -> None:
    spec = company.scorer.spec
    fit_only = only_families(spec, ("fit",))
    assert {feature.family for feature in fit_only.features} == {"fit"}
    assert only_families(spec, ("fit", "engagement", "context")) == spec


def test_a_scorer_of_fit_alone_has_no_engagement(company: Company) -> None:
    scorer = fitted(company, Recipe(boosting=TINY, families=("fit",)))
    assert scorer.population.engagement is None
    assert {feature.family for feature in scorer.spec.features} == {"fit"}


def test_the_order_of_the_events_in_their_table_moves_no_bit_of_the_model(company: Company) -> None:
    events = company.tables.events
    assert events is not None
    shuffled = type(company.tables)(
        leads=company.tables.leads,
        events=events.sample(frac=1.0, random_state=3).reset_index(drop=True),
        outcomes=company.tables.outcomes,
        extract_at=company.tables.extract_at,
    )
    history = History(shuffled, company.mapping)
    lives = Lives(shuffled, history)
    examples, judged = snapshots(history, lives, company.mapping), census(history, lives, company.mapping)
    scorer = fit_scorer(history, examples, judged, RECIPE)
    assert scorer.booster.model_to_string() == company.scorer.booster.model_to_string()


@pytest.mark.parametrize("leads", [160, 600])
def test_a_ranking_without_calibration_is_that_of_the_scorer(leads: int) -> None:
    """With few conversions and with many; of flat data, whose examples are the census."""
    company = flat_company(leads)
    recipe = replace(RECIPE, boosting=replace(TINY, num_trees=200))
    whole = fit(company.history, company.examples, company.census, recipe)
    assert (whole.scorer.blend is not None) == (leads == 160)
    assert whole.trees < 200
    values = company.history.vectors(whole.scorer.spec, company.census.lead, company.census.as_of).values
    np.testing.assert_allclose(
        fit_margins(company.history, company.examples, company.census, recipe),
        whole.scorer.margins_alone(values),
        rtol=1e-9,
    )


def test_a_ranking_on_fewer_features_leaves_out_the_constraints_on_the_others(company: Company) -> None:
    event = next(f.name for f in company.scorer.spec.features if f.family == "engagement")
    fewer = replace(RECIPE, families=("fit", "context"))
    constrained = replace(fewer, monotone=((event, "up"),))
    with pytest.raises(InputError, match="--monotone"):
        fit(company.history, company.examples, company.census, constrained)
    one, other = (
        fit_margins(company.history, company.examples, company.census, each) for each in (fewer, constrained)
    )
    np.testing.assert_array_equal(one, other)


def test_the_seed_of_the_recipe_is_that_of_its_trees() -> None:
    assert Recipe(seed=8).boosting.seed == 8
    assert replace(RECIPE, seed=9).boosting == replace(RECIPE.boosting, seed=9)
    assert Recipe() == Recipe(boosting=replace(Recipe().boosting, seed=3))


def test_rows_of_one_owner_are_one_conversion() -> None:
    class Merged:
        owner = np.repeat(np.arange(30), 2)

    rows = Moments(np.arange(60), np.zeros(60, np.int64), np.repeat([1.0, 0.0, 0.0], 20))
    past: Any = Merged()
    assert leads_by_label(past, rows) == (10, 20)
    assert leads_by_label(past, Moments(rows.lead, rows.as_of, np.tile([1.0, 0.0], 30))) == (30, 0)
    with pytest.raises(RefusedError, match="Only 10 leads converted; at least 20 are needed"):
        refuse_too_little(past, rows)
