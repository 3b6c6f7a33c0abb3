"""Rows that were judged: labels, probabilities and weights, as property tests draw them."""

import numpy as np
from hypothesis import strategies as st


@st.composite
def judged(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels of both kinds, probabilities with ties, whole weights with zeros."""
    size = draw(st.integers(4, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    labels = rng.integers(0, 2, size).astype(np.float64)
    labels[:2] = 0.0, 1.0
    probabilities = rng.choice(np.linspace(0, 1, draw(st.integers(2, 20))), size)
    weights = rng.integers(0, 4, size).astype(np.float64)
    weights[:2] = 1.0
    return labels, probabilities, weights
