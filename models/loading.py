"""How MLflow loads a registered version: `mlflow.pyfunc.load_model` calls `_load_pyfunc`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.artifact import load_scorer
from models.scorecard.points_scorer import PointsScorer

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from models.scorer import LeadScorer


class VectorModel:
    """A scorer as MLflow sees it: feature vectors in, probabilities out; points, of a scorecard."""

    def __init__(self, scorer: LeadScorer | PointsScorer) -> None:
        self.scorer = scorer

    def predict(self, model_input: pd.DataFrame, params: object = None) -> NDArray[np.float64]:
        """Return the probability (0-1) of each vector; the columns are named as the features are.

        Of a scorecard, which knows no probability, it is the score, 0-99.
        """
        del params  # MLflow passes it; there is nothing to set
        vectors = np.ascontiguousarray(model_input[self.scorer.spec.names].to_numpy(np.float64))
        if isinstance(self.scorer, PointsScorer):
            return self.scorer.scores_of(self.scorer.card.points(vectors)).astype(np.float64)
        return self.scorer.calibration.at(self.scorer.margins(vectors).margin)[0]


def _load_pyfunc(path: str) -> VectorModel:
    """Load the artifact that stands at or below `path`."""
    folder = Path(path)
    found = next(iter(sorted(folder.rglob("checksums.json"))), None)
    return VectorModel(load_scorer(folder if found is None else found.parent))
