from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import factorial

import numpy as np
import pytest

from models.contributions.quadrature import points_for, rules_up_to


@pytest.mark.parametrize("features", range(1, 31))
def test_a_rule_is_exact_for_the_polynomials_of_so_many_features(features: int) -> None:
    nodes, weights = rules_up_to(30)
    for degree in range(features):
        found = float((weights[features] * nodes[features] ** degree).sum())
        assert found == pytest.approx(1 / (degree + 1), rel=1e-13)


def test_a_rule_has_no_point_too_many() -> None:
    nodes, weights = rules_up_to(8)
    for features in range(1, 9):
        beyond = 2 * points_for(features)
        assert abs(float((weights[features] * nodes[features] ** beyond).sum()) - 1 / (beyond + 1)) > 1e-12
        assert np.count_nonzero(weights[features]) == points_for(features)


def test_the_integral_is_the_shapley_value_of_a_leaf() -> None:
    """Against the definition: each coalition by itself, in fractions."""
    passed = [1, 0, 1, 1]
    ratio = [Fraction(1, 3), Fraction(2, 5), Fraction(6, 7), Fraction(1, 9)]

    def worth(coalition: tuple[int, ...]) -> Fraction:
        product = Fraction(1)
        for j in range(4):
            product *= passed[j] if j in coalition else ratio[j]
        return product

    nodes, weights = rules_up_to(4)
    for i in range(4):
        others = [j for j in range(4) if j != i]
        shapley = sum(
            Fraction(factorial(size) * factorial(3 - size), factorial(4)) * (worth((*s, i)) - worth(s))
            for size in range(4)
            for s in combinations(others, size)
        )
        integrand = np.prod([passed[j] * nodes[4] + float(ratio[j]) * (1 - nodes[4]) for j in others], axis=0)
        integral = (passed[i] - float(ratio[i])) * float((weights[4] * integrand).sum())
        assert integral == pytest.approx(float(shapley), rel=1e-13)
