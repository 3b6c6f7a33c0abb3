"""Explanations are held to the definition of Shapley's values, computed the slow way, and to the scorer."""

import math
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import shap
from small_company import Company, a_batch, dated_company, flat_company

from features.errors import InputError
from features.vectors import vectorise
from models.reasons.groups import groups_of
from training.explaining.shap_form import LONGEST, NOT_KNOWN, by_reason, explanation, of_feature

LEADS = 6


@pytest.fixture(params=[dated_company, flat_company], ids=["dated", "flat"])
def company(request: pytest.FixtureRequest) -> Company:
    made: Company = request.param()
    return made


def goes_left(node: dict[str, Any], value: float) -> bool:
    """Whether LightGBM sends a value to the left at a node of its dumped trees."""
    if node["decision_type"] == "==":
        return not math.isnan(value) and str(int(value)) in node["threshold"].split("||")
    if math.isnan(value) and node["missing_type"] == "NaN":
        return bool(node["default_left"])
    assert node["missing_type"] != "Zero"
    return bool((0.0 if math.isnan(value) else value) <= node["threshold"])


def rows_below(node: dict[str, Any]) -> int:
    return int(node["leaf_count"] if "leaf_value" in node else node["internal_count"])


def expected(node: dict[str, Any], vector: list[float], known: frozenset[int]) -> float:
    """The tree's output where some features are known; elsewhere both ways, by the rows that went there."""
    if "leaf_value" in node:
        return float(node["leaf_value"])
    left, right = node["left_child"], node["right_child"]
    if node["split_feature"] in known:
        return expected(left if goes_left(node, vector[node["split_feature"]]) else right, vector, known)
    total = rows_below(left) + rows_below(right)
    parts = ((rows_below(child) / total) * expected(child, vector, known) for child in (left, right))
    return sum(parts)


def split_on(node: dict[str, Any]) -> Iterator[int]:
    if "leaf_value" not in node:
        yield node["split_feature"]
        yield from split_on(node["left_child"])
        yield from split_on(node["right_child"])


def shapley(tree: dict[str, Any], vector: list[float], into: list[float]) -> None:
    """Add Shapley's value of each feature: its mean gain over all orders of getting to know the features.

    Shapley, A value for n-person games, 1953; of trees, Lundberg et al., Consistent individualized feature
    attribution for tree ensembles, 2018.
    """
    players = sorted(set(split_on(tree)))
    n = len(players)
    for player in players:
        others = [other for other in players if other != player]
        for size in range(n):
            weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            for chosen in combinations(others, size):
                known = frozenset(chosen)
                gain = expected(tree, vector, known | {player}) - expected(tree, vector, known)
                into[player] += weight * gain


def test_values_are_those_of_shapley_by_their_definition(company: Company) -> None:
    batch = company.batch(LEADS)
    explained = explanation(company.scorer, batch)
    trees = [info["tree_structure"] for info in company.scorer.booster.dump_model()["tree_info"]]
    vectors = vectorise(company.scorer.spec, batch).values.tolist()
    assert any(math.isnan(value) for vector in vectors for value in vector)
    base = sum(expected(tree, vectors[0], frozenset()) for tree in trees)
    for row, vector in enumerate(vectors):
        values = [0.0] * len(vector)
        for tree in trees:
            shapley(tree, vector, values)
        np.testing.assert_allclose(explained.values[row], values, rtol=0, atol=1e-9)
    np.testing.assert_allclose(explained.base_values, base, rtol=0, atol=1e-9)


def test_a_row_adds_up_to_the_margin_of_the_lead(company: Company) -> None:
    batch = company.batch()
    explained = explanation(company.scorer, batch)
    margins = [score.margin for score in company.scorer.score(batch)]  # type: ignore[union-attr]  # all are readable
    np.testing.assert_allclose(explained.values.sum(1) + explained.base_values, margins, rtol=0, atol=1e-12)


def test_shap_s_own_explainer_gives_the_same(company: Company) -> None:
    batch = company.batch()
    explained = explanation(company.scorer, batch)
    theirs = shap.TreeExplainer(company.scorer.booster)(vectorise(company.scorer.spec, batch).values)
    np.testing.assert_allclose(explained.values, theirs.values, rtol=0, atol=1e-9)
    np.testing.assert_allclose(explained.base_values, theirs.base_values, rtol=0, atol=1e-9)


def test_values_are_shown_in_words(company: Company) -> None:
    explained = explanation(company.scorer, company.batch())
    names = explained.feature_names
    assert names == company.scorer.spec.names
    country = names.index("country")
    assert set(explained.data[:, country]) == {"DE", "FR", "US", "BR", NOT_KNOWN}
    assert (explained.data[:, country] == explained.display_data[:, country]).all()
    newsletter = names.index("newsletter")
    assert set(explained.data[:, newsletter]) == {0.0, 1.0}
    assert set(explained.display_data[:, newsletter]) == {"yes", "no"}
    assert all(isinstance(shown, str) for shown in explained.display_data.ravel())


def test_a_rare_and_a_long_value_are_bounded() -> None:
    scorer = flat_company().scorer
    explained = explanation(scorer, a_batch({"country": ["Narnia", None]}))
    assert explained.display_data[:, scorer.spec.names.index("country")].tolist() == [
        "a rare value",
        NOT_KNOWN,
    ]
    assert max(len(shown) for shown in explained.display_data.ravel()) <= LONGEST


def test_a_lead_that_cannot_be_read_is_named(company: Company) -> None:
    batch = a_batch({"newsletter": ["yes", "perhaps"]})
    with pytest.raises(InputError, match=r"lead L-1, column newsletter: expected .*, found 'perhaps'\."):
        explanation(company.scorer, batch)


def test_the_features_of_a_reason_are_added_up_under_its_name(company: Company) -> None:
    explained = explanation(company.scorer, company.batch())
    reasons = by_reason(explained, company.scorer)
    groups = groups_of(company.scorer.spec)
    assert len(set(reasons.feature_names)) == len(groups)
    for at, group in enumerate(groups):
        wanted = explained.values[:, list(group.positions)].sum(axis=1)
        np.testing.assert_allclose(reasons.values[:, at], wanted, rtol=0, atol=1e-12)
    np.testing.assert_allclose(reasons.values.sum(1), explained.values.sum(1), rtol=0, atol=1e-12)


def test_one_feature_has_its_numbers_or_its_words(company: Company) -> None:
    explained = explanation(company.scorer, company.batch())
    newsletter, country = (of_feature(explained, name) for name in ("newsletter", "country"))
    assert newsletter.data.dtype == np.float64
    assert set(newsletter.data) == {0.0, 1.0}
    assert "DE" in set(country.data)
    at = explained.feature_names.index("country")
    assert country.values.tolist() == explained.values[:, at].tolist()


def test_shap_draws_it(company: Company) -> None:
    explained = explanation(company.scorer, company.batch())
    with mpl.rc_context({"backend": "agg"}):
        import matplotlib.pyplot as plt

        shap.plots.waterfall(explained[0], show=False)
        said = [label.get_text() for label in plt.gca().get_yticklabels()]
        assert any(f"{explained.display_data[0][i]} = " in text for i in range(20) for text in said)
        plt.close("all")
        shap.plots.beeswarm(explained, show=False)
        plt.close("all")
        shap.plots.bar(by_reason(explained, company.scorer), show=False)
        plt.close("all")
        for name in ("newsletter", "country"):
            shap.plots.scatter(of_feature(explained, name), show=False)
            plt.close("all")
