"""The amount that a leaf gives each of its features, as an integral that a few points compute exactly.

A leaf of value v with conditions z_j (cover ratios) and o_j (passed: 1 or 0) for its k features is the game
v · Π_{j in S} o_j · Π_{j not in S} z_j of coalitions S. Its Shapley values are

    φ_i = v · (o_i - z_i) · ∫₀¹ Π_{j≠i} (o_j t + z_j (1 - t)) dt,

for if each other feature joins by chance t before i, the integral over t weighs every coalition as Shapley
does (Owen's multilinear extension). The product is a polynomial of degree k - 1 in t, for which
Gauss-Legendre quadrature with ceil(k / 2) points is exact (arXiv 2605.04497; the same integral as
polynomials: Linear TreeSHAP, arXiv 2209.08192). All factors are numbers from 0 to 1, so nothing cancels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def points_for(features: int) -> int:
    """Return how many points are exact for so many features: ceil(k / 2)."""
    return (features + 1) // 2


def rules_up_to(features: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return nodes and weights on [0, 1] of the rules for 0, 1, … `features` features, a row each.

    Row k holds `points_for(k)` of them, both float64 (features + 1, points_for(features)), then zeros.
    """
    nodes = np.zeros((features + 1, max(1, points_for(features))))
    weights = np.zeros_like(nodes)
    for k in range(1, features + 1):
        points = points_for(k)
        if k % 2 == 0:
            nodes[k], weights[k] = nodes[k - 1], weights[k - 1]
            continue
        at, weight = np.polynomial.legendre.leggauss(points)
        nodes[k, :points] = (at + 1.0) / 2.0
        weights[k, :points] = weight / 2.0
    return nodes, weights
