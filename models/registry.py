"""The registry: versions of a model in MLflow, and which of them is champion.

The one part of this package that knows MLflow. It is imported by the front door and by training, never
by the scorer, and it imports MLflow only when it is used, because that takes seconds. What is registered
is the artifact's folder of data; loading a version runs no code that came with it.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from features.errors import Fault, InputError, RefusedError
from models.artifact import digest_of, load_scorer
from models.errors import ArtifactError
from models.logged_form import requirements, signature, unknown_lead
from models.registry_words import in_words
from models.tracking import write_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from models.tracked import TrackedRun

CHAMPION = "champion"
CHALLENGER = "challenger"
DATABASE = "mlflow.db"

TWINS = "twins"
"""The folder of a run that holds the twins of its version, each an artifact of its own."""

REPLACED = "replaced"
"""The tag of a version that says which champions stood before it, the last first, as '4,2'."""

_BY_LEADLENS = {"mlflow.source.name": "leadlens", "mlflow.source.type": "LOCAL"}
"""What made a run: MLflow would write the path of the program on this machine."""

FETCHED = ".fetched-"
"""How the names of folders begin in which versions are copied, before they take their place."""

GREATEST_VERSION = 2**31 - 1
"""A database's integer holds no greater number."""

CHAIN_LENGTH = 100
TAG_LENGTH = 1_000
"""How many champions are remembered, and the most characters of a tag: MLflow's limit is 5,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A version in the registry."""

    name: str
    version: int
    run_id: str


def _loaded(folder: Path) -> str:
    load_scorer(folder)
    return digest_of(folder)


class Registry:
    """Model versions under one name, in the MLflow at `uri` (a database, or a tracking server).

    Every method raises InputError where that MLflow does not answer, or refuses.
    """

    def __init__(self, uri: str, *, name: str = "leadlens", artifacts: Path | None = None) -> None:
        self.uri = uri
        self.name = name
        self._artifacts = artifacts

    def register(
        self,
        folder: Path,
        tracked: TrackedRun,
        feature_names: list[str],
        *,
        output: str = "probability",
    ) -> Registered:
        """Track a run, register the artifact in `folder` as a new version, and make it the challenger.

        `output`: what the version gives for a vector, as MLflow's signature names it. The alias comes last: a
        version that is challenger is whole, with its tags and its run.
        """
        mlflow = self._mlflow()
        with in_words(), mlflow.start_run(experiment_id=self._experiment(), tags=_BY_LEADLENS) as run:
            write_run(mlflow, run, tracked)
            logged = mlflow.pyfunc.log_model(
                name="model",
                loader_module="models.loading",
                data_path=str(folder),
                signature=signature(feature_names, output),
                input_example=unknown_lead(feature_names),
                pip_requirements=requirements(),
            )
            version = self._registered(logged, run.info.run_id, tracked.tags)
            self._client().set_registered_model_alias(self.name, CHALLENGER, str(version))
        return Registered(name=self.name, version=version, run_id=run.info.run_id)

    def _registered(self, logged: Any, run_id: str, tags: Mapping[str, str]) -> int:
        """Register what a run logged as a new version, and return its number.

        Through the client, because the shorter way (`registered_model_name`) prints to standard error.
        """
        from mlflow.exceptions import MlflowException  # noqa: PLC0415  # takes seconds: see the module's docstring

        client = self._client()
        try:
            client.create_registered_model(self.name)
        except MlflowException as problem:
            if problem.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        made = client.create_model_version(
            self.name, source=logged.model_uri, run_id=run_id, model_id=logged.model_id, tags=dict(tags)
        )
        return int(made.version)

    def aliased(self, alias: str) -> Registered | None:
        """Return the version that has an alias, or None where no version has it."""
        if not self._is_there():
            return None
        from mlflow.exceptions import MlflowException  # noqa: PLC0415  # takes seconds: see the module's docstring

        with in_words():
            try:
                found = self._client().get_model_version_by_alias(self.name, alias)
            except MlflowException as problem:
                if problem.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                    return None
                raise
        return Registered(name=self.name, version=int(found.version), run_id=found.run_id)

    def text(self, run_id: str, file: str) -> str:
        """Return a file of a run as text. Raises InputError where there is no such run or file."""
        mlflow, remedy = self._mlflow(), "Name a run that has it; leadlens train prints the id of each."
        fault = Fault(f"the run {run_id}", f"its file {file}", "nothing of that name", remedy)
        if not self._is_there():
            raise InputError(fault)
        from mlflow.exceptions import MlflowException  # noqa: PLC0415  # takes seconds: see the module's docstring

        with in_words():
            try:
                text: str = mlflow.artifacts.load_text(f"runs:/{run_id}/{file}")
            except (MlflowException, OSError) as problem:
                raise InputError(fault) from problem
        return text

    def version(self, number: int) -> Registered:
        """Return a version by its number. Raises RefusedError where there is none."""
        if not 0 < number <= GREATEST_VERSION or not self._is_there():
            raise self._no_such_version(number)
        from mlflow.exceptions import MlflowException  # noqa: PLC0415  # takes seconds: see the module's docstring

        with in_words():
            try:
                found = self._client().get_model_version(self.name, str(number))
            except MlflowException as problem:
                if problem.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                    raise self._no_such_version(number) from problem
                raise
        return Registered(name=self.name, version=int(found.version), run_id=found.run_id)

    def chosen(self, number: int | None, *, to: str) -> Registered:
        """Return the version that is meant by a number; by None the challenger, else the champion.

        `to`: what it is wanted for, as in 'There is no version to show'. Raises RefusedError where there is
        none.
        """
        if number is not None:
            return self.version(number)
        found = self.aliased(CHALLENGER) or self.aliased(CHAMPION)
        if found is None:
            raise RefusedError(f"There is no version to {to}. Train one with: leadlens train")
        return found

    def tags(self, registered: Registered) -> dict[str, str]:
        """Return the tags of a version."""
        with in_words():
            found = self._client().get_model_version(registered.name, str(registered.version))
        return dict(found.tags)

    def tag(self, registered: Registered, tags: Mapping[str, str]) -> None:
        """Set tags of a version; its other tags stay."""
        with in_words():
            for name, value in tags.items():
                self._client().set_model_version_tag(
                    registered.name, str(registered.version), name, value[:TAG_LENGTH]
                )

    def promote(self, registered: Registered) -> None:
        """Give a version the alias champion, and remember in its tag `replaced` what was champion before.

        The tag holds all champions before, the last first, and is written before the alias: a promotion
        that is interrupted between the two has changed nothing. Who is champion already stays it.
        """
        before = self.aliased(CHAMPION)
        if before == registered:
            return
        chain = [] if before is None else [before.version, *self.replaced_by(before)]
        self._crown(registered, chain)

    def before(self, champion: Registered) -> Registered:
        """Return the champion before this one. Raises RefusedError where there was none, or it is gone."""
        chain = self.replaced_by(champion)
        if not chain:
            raise RefusedError(f"Version {champion.version} is the first champion: there is none before it.")
        return self.version(chain[0])

    def rollback(self, champion: Registered, before: Registered) -> None:
        """Give the alias from a champion back to the one before it (see `before`), which forgets it."""
        self._crown(before, self.replaced_by(champion)[1:])

    def replaced_by(self, registered: Registered) -> list[int]:
        """Return the champions before a version that was champion, the last first."""
        return [int(number) for number in self.tags(registered).get(REPLACED, "").split(",") if number]

    def _crown(self, registered: Registered, chain: list[int]) -> None:
        self.tag(registered, {REPLACED: ",".join(str(number) for number in chain[:CHAIN_LENGTH])})
        with in_words():
            self._client().set_registered_model_alias(self.name, CHAMPION, str(registered.version))

    def fetch(
        self, registered: Registered, destination: Path, accept: Callable[[Path], str] = _loaded
    ) -> Path:
        """Copy the artifact of a version into a folder and return the folder.

        What was there is replaced, unless it is the same and whole: a server may be reading it. The copy is
        whole, and `accept` was given it and returned its digest, before it takes that place; where it
        replaces another there is no folder for a moment, and who loads then tries again. Raises what `accept`
        raises (of itself ArtifactError where the copy cannot be loaded), and RefusedError where the version
        holds no artifact.
        """
        mlflow = self._mlflow()
        uri = f"models:/{registered.name}/{registered.version}"
        destination.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=destination.parent, prefix=FETCHED) as folder:
            with in_words():
                source = Path(mlflow.artifacts.download_artifacts(uri, dst_path=folder)) / "data"
            inner = next((path for path in sorted(source.rglob("checksums.json"))), None)
            if inner is None:
                raise RefusedError(f"Version {registered.version} of '{registered.name}' holds no artifact.")
            if accept(inner.parent) != _digest_at(destination):
                if destination.exists():
                    destination.rename(Path(folder) / "before")
                inner.parent.rename(destination)
        return destination

    def fetch_twins(self, registered: Registered, destination: Path) -> list[Path]:
        """Copy the twins of a version from its run into a new folder; return the folder of each."""
        mlflow = self._mlflow()
        with in_words():
            there = self._client().list_artifacts(registered.run_id, TWINS)
            if not there:
                return []
            found = mlflow.artifacts.download_artifacts(
                run_id=registered.run_id, artifact_path=TWINS, dst_path=str(destination)
            )
        return sorted((path for path in Path(found).iterdir() if path.is_dir()), key=lambda path: path.name)

    def _is_there(self) -> bool:
        """Return whether there is anything to ask: MLflow makes a database where it is asked and has none."""
        return self._artifacts is None or (self._artifacts.parent / DATABASE).exists()

    def _no_such_version(self, number: int) -> RefusedError:
        said = f"There is no version {number} of '{self.name}' in the registry."
        return RefusedError(f"{said} Make one: leadlens train")

    def _experiment(self) -> str:
        mlflow = self._mlflow()
        if self._artifacts is not None:
            self._artifacts.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(self._artifacts):
            found = mlflow.get_experiment_by_name(self.name)
            if found is not None:
                return str(found.experiment_id)
            location = None if self._artifacts is None else self._artifacts.resolve().as_uri()
            return str(mlflow.create_experiment(self.name, artifact_location=location))

    def _mlflow(self) -> Any:
        import mlflow  # noqa: PLC0415  # takes seconds: see the module's docstring

        # MLflow also writes the address into the environment, where it would pass for the operator's choice.
        chosen = {name: os.environ.get(name) for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI")}
        mlflow.set_tracking_uri(self.uri)
        mlflow.set_registry_uri(self.uri)
        for name, address in chosen.items():
            if address is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = address
        return mlflow

    def _client(self) -> Any:
        return self._mlflow().MlflowClient()


def home_registry(home: Path, environment: Mapping[str, str]) -> Registry:
    """Return the registry of a home: an SQLite file and a folder in it, or MLFLOW_TRACKING_URI where set.

    Home and file are made when something is recorded, not when a version is asked for.
    """
    uri = environment.get("MLFLOW_TRACKING_URI")
    if uri:
        return Registry(uri)
    if re.search(r"\?|%[0-9A-Fa-f]{2}", str(home.resolve())):  # a database's address reads these otherwise
        raise InputError(Fault("--home", "a path without ? and %41", str(home), "Choose another folder."))
    if home.exists() and not home.is_dir():
        raise InputError(Fault("--home", "a folder", f"the file {home}", "Choose another."))
    return Registry(f"sqlite:///{home.resolve() / DATABASE}", artifacts=home / "mlartifacts")


def _digest_at(folder: Path) -> str | None:
    """Return the digest of the artifact in a folder, None where there is none that is whole."""
    try:
        return digest_of(folder)
    except ArtifactError:
        return None


@contextmanager
def _alone(artifacts: Path | None) -> Iterator[None]:
    """Let one process at a time make a home's database: MLflow's migrations do not wait for one another."""
    if artifacts is None:
        yield
        return
    with (artifacts.parent / "mlflow.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
