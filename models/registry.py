"""The registry: versions of a model in MLflow, and which of them is champion.

The one part of this package that knows MLflow. It is imported by the front door and by training, never
by the scorer, and it imports MLflow only when it is used, because that takes seconds. What is registered
is the artifact's folder of data; loading a version runs no code that came with it.
"""

from __future__ import annotations

import shutil
import warnings
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CHAMPION = "champion"
CHALLENGER = "challenger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A version in the registry."""

    name: str
    version: int
    run_id: str


class Registry:
    """Model versions under one name, in the MLflow at `uri` (a database, or a tracking server)."""

    def __init__(self, uri: str, *, name: str = "leadlens", artifacts: Path | None = None) -> None:
        self.uri = uri
        self.name = name
        self._artifacts = artifacts

    def record(
        self,
        folder: Path,
        *,
        parameters: Mapping[str, Any],
        figures: Mapping[str, float],
        texts: Mapping[str, str],
        feature_names: list[str],
    ) -> Registered:
        """Track a run, register the artifact in `folder` as a new version, and make it the challenger."""
        mlflow = self._mlflow()
        with mlflow.start_run(experiment_id=self._experiment()) as run:
            mlflow.log_params({key: str(value)[:500] for key, value in parameters.items()})
            mlflow.log_metrics(dict(figures))
            for file, text in texts.items():
                mlflow.log_text(text, file)
            with warnings.catch_warnings():
                # The signature is given, and an example could be a person's row.
                warnings.filterwarnings("ignore", message=r"\S*An input example was not provided")
                logged = mlflow.pyfunc.log_model(
                    name="model",
                    loader_module="models.loading",
                    data_path=str(folder),
                    signature=_signature(feature_names),
                    pip_requirements=list(_requirements()),
                    registered_model_name=self.name,
                )
        version = int(logged.registered_model_version)
        self._client().set_registered_model_alias(self.name, CHALLENGER, str(version))
        return Registered(name=self.name, version=version, run_id=run.info.run_id)

    def aliased(self, alias: str) -> Registered | None:
        """Return the version that has an alias, or None where no version has it."""
        from mlflow.exceptions import MlflowException  # noqa: PLC0415  # takes seconds: see the module's docstring

        try:
            found = self._client().get_model_version_by_alias(self.name, alias)
        except MlflowException as problem:
            if problem.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                return None
            raise
        return Registered(name=self.name, version=int(found.version), run_id=found.run_id)

    def version(self, number: int) -> Registered:
        """Return a version by its number. Raises RefusedError where there is none."""
        from mlflow.exceptions import MlflowException  # noqa: PLC0415  # takes seconds: see the module's docstring

        try:
            found = self._client().get_model_version(self.name, str(number))
        except MlflowException as problem:
            if problem.error_code == "RESOURCE_DOES_NOT_EXIST":
                raise RefusedError(
                    f"There is no version {number} of '{self.name}' in the registry. Make one: leadlens train"
                ) from problem
            raise
        return Registered(name=self.name, version=int(found.version), run_id=found.run_id)

    def promote(self, registered: Registered) -> None:
        """Give a version the alias champion."""
        self._client().set_registered_model_alias(self.name, CHAMPION, str(registered.version))

    def fetch(self, registered: Registered, destination: Path) -> Path:
        """Copy the artifact of a version into a folder, which is replaced, and return the folder."""
        mlflow = self._mlflow()
        uri = f"models:/{registered.name}/{registered.version}"
        source = Path(mlflow.artifacts.download_artifacts(uri)) / "data"
        inner = next((path for path in sorted(source.rglob("checksums.json"))), None)
        if inner is None:
            raise RefusedError(f"Version {registered.version} of '{registered.name}' holds no artifact.")
        shutil.rmtree(destination, ignore_errors=True)
        shutil.copytree(inner.parent, destination)
        return destination

    def _experiment(self) -> str:
        mlflow = self._mlflow()
        found = mlflow.get_experiment_by_name(self.name)
        if found is not None:
            return str(found.experiment_id)
        location = None if self._artifacts is None else self._artifacts.resolve().as_uri()
        return str(mlflow.create_experiment(self.name, artifact_location=location))

    def _mlflow(self) -> Any:
        import mlflow  # noqa: PLC0415  # takes seconds: see the module's docstring

        mlflow.set_tracking_uri(self.uri)
        mlflow.set_registry_uri(self.uri)
        return mlflow

    def _client(self) -> Any:
        return self._mlflow().MlflowClient()


def home_registry(home: Path, environment: Mapping[str, str]) -> Registry:
    """Return the registry of a home: an SQLite file and a folder in it, or MLFLOW_TRACKING_URI where set."""
    uri = environment.get("MLFLOW_TRACKING_URI")
    if uri:
        return Registry(uri)
    home.mkdir(parents=True, exist_ok=True)
    return Registry(f"sqlite:///{home.resolve() / 'mlflow.db'}", artifacts=home / "mlartifacts")


def _signature(feature_names: list[str]) -> Any:
    from mlflow.models import ModelSignature  # noqa: PLC0415  # takes seconds: see the module's docstring
    from mlflow.types import ColSpec, Schema  # noqa: PLC0415  # as above

    inputs = Schema([ColSpec("double", name) for name in feature_names])
    return ModelSignature(inputs=inputs, outputs=Schema([ColSpec("double", "probability")]))


def _requirements() -> Iterator[str]:
    for name in ("leadlens", "lightgbm", "numpy", "pandas"):
        yield f"{name}=={installed_version(name)}"
