"""The form in which MLflow logs a version: its signature, an example, and the libraries that it needs.

Like the registry it imports MLflow only when it is used.
"""

from __future__ import annotations

from importlib.metadata import version as installed_version
from typing import Any

import numpy as np
import pandas as pd

LIBRARIES = ("leadlens", "lightgbm", "numpy", "pandas")


def signature(feature_names: list[str], output: str) -> Any:
    """Return the signature of a version: feature vectors in, one number named `output` out."""
    from mlflow.models import ModelSignature  # noqa: PLC0415  # takes seconds: see the module's docstring
    from mlflow.types import ColSpec, Schema  # noqa: PLC0415  # as above

    inputs = Schema([ColSpec("double", name) for name in feature_names])
    return ModelSignature(inputs=inputs, outputs=Schema([ColSpec("double", output)]))


def unknown_lead(feature_names: list[str]) -> pd.DataFrame:
    """Return the vector of a lead of which nothing is known: MLflow wants an example, and it holds nobody.

    With it, MLflow loads what it logged and predicts, so a version that cannot be loaded is never registered.
    """
    return pd.DataFrame(np.full((1, len(feature_names)), np.nan), columns=feature_names)


def requirements() -> list[str]:
    """Return what has to be installed where a version is loaded, as pip reads it."""
    return [f"{name}=={installed_version(name)}" for name in LIBRARIES]
