"""A plain BentoML service that scores a vector and explains it with shap.TreeExplainer: a peer of speed.

    BOOSTER=booster.txt bentoml serve shap_in_bentoml:Explained

It takes the feature vector, which ours makes of the lead itself, and says no word.
"""

import os
from typing import Any

import bentoml
import lightgbm
import numpy as np
import shap


@bentoml.service(name="explained", workers=1, traffic={"timeout": 60})
class Explained:
    """A booster and its explainer."""

    def __init__(self) -> None:
        self.booster = lightgbm.Booster(model_file=os.environ["BOOSTER"])
        self.explainer = shap.TreeExplainer(self.booster)

    @bentoml.api
    def score(self, vector: list[float | None]) -> dict[str, Any]:
        """Return the chance of converting, and what each feature adds to the margin."""
        row = np.asarray([[np.nan if v is None else v for v in vector]], np.float64)
        chance = self.booster.predict(row, num_threads=1)
        values = self.explainer.shap_values(row)
        return {"probability": float(chance[0]), "contributions": np.asarray(values)[0].tolist()}
