"""Writing a run into MLflow: what the registry does before it registers a version.

Like the registry it imports MLflow only when it is used.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.tracked import TrackedData, TrackedRun, TrackedTrial

VALUE_LENGTH = 500
"""Longer values of parameters are cut: older servers refuse them."""

DIGEST_LENGTH = 32
"""Hexadecimal digits of a digest that MLflow keeps: its limit is 36 characters."""

_STATES = {"complete": "FINISHED", "pruned": "KILLED", "failed": "FAILED"}


def write_run(mlflow: Any, run: Any, tracked: TrackedRun) -> None:
    """Write everything of a run but its model into `run`, the active run of MLflow."""
    mlflow.log_params(_short(tracked.parameters))
    mlflow.log_metrics(dict(tracked.figures))
    for file, text in tracked.texts.items():
        mlflow.log_text(text, file)
    if tracked.files is not None:
        mlflow.log_artifacts(str(tracked.files))
    for data in tracked.inputs:
        mlflow.log_input(_dataset(data), context="training")
    client = mlflow.MlflowClient()
    for trial in tracked.trials:
        _write_trial(client, run.info, trial)


def _dataset(data: TrackedData) -> Any:
    """Return a data set of MLflow's that says what the data were, and holds no row of them."""
    from mlflow.data.code_dataset_source import (  # noqa: PLC0415  # takes seconds: see the module's docstring
        CodeDatasetSource,
    )
    from mlflow.data.meta_dataset import MetaDataset  # noqa: PLC0415  # as above

    class ProfiledDataset(MetaDataset):
        """A MetaDataset with a profile, which MLflow's own has none of."""

        def to_dict(self) -> dict[str, str]:
            return {**super().to_dict(), "profile": json.dumps(dict(data.profile))}

    source = CodeDatasetSource(tags={"source": data.source, "sha256": data.sha256})
    return ProfiledDataset(source, name=data.name, digest=data.sha256[:DIGEST_LENGTH])


def _write_trial(client: Any, parent: Any, trial: TrackedTrial) -> None:
    """Write a trial as a run nested in `parent`, with three calls: a search may have hundreds of them."""
    from mlflow.entities import Metric, Param  # noqa: PLC0415  # as above

    nested = client.create_run(
        parent.experiment_id,
        tags={"mlflow.parentRunId": parent.run_id, "trial": str(trial.number), "state": trial.state},
        run_name=f"trial {trial.number}",
    )
    now = nested.info.start_time
    client.log_batch(
        nested.info.run_id,
        metrics=[Metric(name, value, now, 0) for name, value in trial.figures.items()],
        params=[Param(name, value) for name, value in _short(trial.parameters).items()],
    )
    client.set_terminated(nested.info.run_id, status=_STATES[trial.state])


def _short(parameters: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value)[:VALUE_LENGTH] for name, value in parameters.items()}
