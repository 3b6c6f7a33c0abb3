"""The registry, on a database file and on an MLflow server: what is kept, promoted, fetched and loaded."""

import json
import os
import pickletools
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from command_line import ROOT
from made_explanations import made_explanations
from ports import free_port
from small_company import TINY, Company, day
from tracking_server import tracking_server

from features.errors import InputError, RefusedError
from features.vectors import vectorise
from leadlens.quiet import keep_libraries_quiet
from models.artifact import read_about
from models.champion import champion_folder, load_champion, point_to
from models.errors import ArtifactError
from models.registry import CHALLENGER, CHAMPION, Registered, Registry, home_registry
from models.score import Score
from training.about import about_from
from training.evidence.gather import judge
from training.evidence.twin import Twin
from training.examples import Examples
from training.fitting.fit import fit
from training.fitting.recipe import Recipe
from training.promotion.twin_files import load_twins
from training.reports.runs import record
from training.train import Trained

pytestmark = pytest.mark.slow

COMMAND = "leadlens train --config 'größe crm.toml'"


@dataclass(frozen=True)
class Trial:
    """A trial as a search leaves it."""

    settings: dict[str, float]
    log_loss: float | None
    state: Literal["complete", "pruned", "failed"]
    seconds: float


TRIALS = (
    Trial({"num_leaves": 12.0, "learning_rate": 0.05}, 0.31, "complete", 1.5),
    Trial({"num_leaves": 40.0, "learning_rate": 0.3}, None, "pruned", 0.2),
)


@dataclass(frozen=True)
class Recorded:
    """A registry with two versions of the small company's model."""

    registry: Registry
    versions: tuple[Registered, Registered]
    trained: Trained


@pytest.fixture(scope="session")
def trained(company: Company) -> Trained:
    evidence = judge(company.history, company.scorer, company.census, how="a test", notes=("größe",))
    examples = Examples(history=company.history, learned=company.examples, census=company.census)
    recipe = Recipe(boosting=TINY)
    fitted = fit(company.history, company.examples, company.census, recipe)
    twins = (
        Twin(scorer=company.scorer, learned_until=day(200)),
        Twin(scorer=company.scorer, fold=1, folds=5),
    )
    return Trained(
        fitted=fitted,
        evidence=evidence,
        explanations=made_explanations(fitted.scorer.spec),
        twins=twins,
        examples=examples,
        recipe=recipe,
        trials=TRIALS,
    )


@pytest.fixture(scope="session")
def mlflow() -> Any:
    keep_libraries_quiet()
    import mlflow

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of MLflow about itself
        import mlflow.pyfunc
    return mlflow


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with tracking_server(tmp_path_factory.mktemp("mlflow")) as address:
        yield address


@pytest.fixture(scope="session", params=["database", "server"])
def recorded(
    request: pytest.FixtureRequest, trained: Trained, mlflow: Any, tmp_path_factory: pytest.TempPathFactory
) -> Recorded:
    assert mlflow
    if request.param == "server":
        registry = Registry(request.getfixturevalue("server"))
    else:
        registry = home_registry(tmp_path_factory.mktemp("registry") / "a home of Größe", {})
    assert registry.aliased(CHALLENGER) is None
    with pytest.raises(RefusedError, match="no version 1 of 'leadlens'"):
        registry.version(1)
    first = record(trained, registry, command=COMMAND)
    assert registry.aliased(CHALLENGER) == first
    assert registry.aliased(CHAMPION) is None
    second = record(trained, registry, command=COMMAND)
    return Recorded(registry, (first, second), trained)


def sums(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_what_is_recorded_is_the_next_version_and_the_challenger(recorded: Recorded) -> None:
    first, second = recorded.versions
    assert (first.version, second.version) == (1, 2)
    assert recorded.registry.aliased(CHALLENGER) == second
    assert recorded.registry.version(1) == first
    assert first.run_id != second.run_id


def test_promoting_moves_the_alias_and_can_be_repeated(recorded: Recorded) -> None:
    first, second = recorded.versions
    for version in (first, second, second, first):
        recorded.registry.promote(version)
        assert recorded.registry.aliased(CHAMPION) == version
    assert recorded.registry.aliased(CHALLENGER) == second
    for left, version in ((first, second), (second, first)):
        assert recorded.registry.before(left) == version
        recorded.registry.rollback(left, version)
        assert recorded.registry.aliased(CHAMPION) == version
    with pytest.raises(RefusedError, match="Version 1 is the first champion"):
        recorded.registry.before(first)


def test_the_version_that_is_meant_is_the_challenger_else_the_champion(
    recorded: Recorded, tmp_path: Path
) -> None:
    first, second = recorded.versions
    assert recorded.registry.chosen(None, to="show") == second
    assert recorded.registry.chosen(1, to="show") == first
    with pytest.raises(RefusedError, match="no version 99 of 'leadlens'"):
        recorded.registry.chosen(99, to="show")
    with pytest.raises(RefusedError, match="There is no version to explain"):
        home_registry(tmp_path / "empty", {}).chosen(None, to="explain")


def test_the_tags_tell_versions_apart(recorded: Recorded) -> None:
    first, second = recorded.versions
    before = recorded.registry.tags(second)
    assert before.items() >= {"rung": "model", "horizon": "30 days", "shows_signal": "yes"}.items()
    assert float(before["base_rate"]) == pytest.approx(recorded.trained.scorer.base_rate, abs=1e-4)
    assert before["conversions"] == str(recorded.trained.scorer.population.conversions)
    recorded.registry.tag(first, {"why": "größe" * 400})
    assert recorded.registry.tags(first)["why"].startswith("größegröße")
    assert recorded.registry.tags(second) == before


def test_the_twins_come_back_as_they_were_saved(recorded: Recorded, company: Company, tmp_path: Path) -> None:
    twins = load_twins(recorded.registry.fetch_twins(recorded.versions[0], tmp_path / "run"))
    told = [(twin.learned_until, twin.fold) for twin in twins]
    assert told == [(twin.learned_until, twin.fold) for twin in recorded.trained.twins]
    mine = [getattr(score, "margin", None) for score in twins[1].scorer.score(company.batch())]
    assert mine == [getattr(score, "margin", None) for score in company.scorer.score(company.batch())]


def test_each_trial_is_a_nested_run_and_all_are_one_file(recorded: Recorded, mlflow: Any) -> None:
    client = mlflow.MlflowClient(tracking_uri=recorded.registry.uri)
    parent = client.get_run(recorded.versions[0].run_id)
    query = f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
    runs = client.search_runs([parent.info.experiment_id], query)
    nested = sorted(runs, key=lambda run: run.data.tags["trial"])
    assert [run.data.tags["state"] for run in nested] == ["complete", "pruned"]
    assert [run.info.status for run in nested] == ["FINISHED", "KILLED"]
    assert [run.data.metrics.get("log_loss") for run in nested] == [0.31, None]
    assert nested[1].data.params == {"num_leaves": "40.0", "learning_rate": "0.3"}
    file = mlflow.artifacts.load_dict(f"runs:/{parent.info.run_id}/trials.json")
    assert [trial["settings"] for trial in file] == [trial.settings for trial in TRIALS]


def test_the_data_are_an_input_of_the_run_without_a_row_of_them(
    recorded: Recorded, mlflow: Any, company: Company, tmp_path: Path
) -> None:
    client = mlflow.MlflowClient(tracking_uri=recorded.registry.uri)
    (data,) = client.get_run(recorded.versions[0].run_id).inputs.dataset_inputs
    folder = recorded.registry.fetch(recorded.versions[0], tmp_path / "v1")
    used = about_from(read_about(folder)).data
    assert data.dataset.digest == used.sha256[:32]
    assert json.loads(data.dataset.profile)["leads"] == len(company.history)
    assert COMMAND in json.loads(data.dataset.source)["tags"]["source"]
    assert "L-00" not in str(data.to_dictionary())


def test_card_and_plots_are_files_of_the_run(recorded: Recorded, mlflow: Any) -> None:
    run = f"runs:/{recorded.versions[0].run_id}"
    assert mlflow.artifacts.load_text(f"{run}/model_card.md").startswith("#")
    assert "<html" in mlflow.artifacts.load_text(f"{run}/model_card.html")
    names = {file.path for file in mlflow.artifacts.list_artifacts(f"{run}/plots")}
    assert "plots/reliability.svg" in names
    assert json.loads(mlflow.artifacts.load_text(f"{run}/about.json"))["command"] == COMMAND


WITHOUT_TRAINING = """
import json, sys, warnings

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"training", "sklearn", "shap", "leadlens", "serving"}:
            raise ImportError(f"{name} is not here")

sys.meta_path.insert(0, Nothing())
warnings.simplefilter("ignore")
import mlflow, numpy as np, pandas as pd
mlflow.set_tracking_uri(sys.argv[1])
loaded = mlflow.pyfunc.load_model("models:/leadlens/1")
names = [column.name for column in loaded.metadata.signature.inputs]
print(json.dumps(np.asarray(loaded.predict(pd.DataFrame(np.zeros((2, len(names))), columns=names))).tolist()))
"""


def test_mlflow_loads_and_predicts_where_nothing_of_the_training_is_installed(recorded: Recorded) -> None:
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_TRAINING, recorded.registry.uri],
        env={**os.environ, "PYTHONPATH": str(ROOT), "MLFLOW_DISABLE_TELEMETRY": "true"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    scorer = recorded.trained.scorer
    margin = scorer.margins(np.zeros((2, len(scorer.spec.names)))).margin
    assert json.loads(run.stdout.splitlines()[-1]) == scorer.calibration.at(margin)[0].tolist()


def test_a_version_that_is_not_there_is_refused(recorded: Recorded) -> None:
    for number in (0, 3, 10**6, 10**23):
        with pytest.raises(RefusedError, match=f"no version {number} of 'leadlens'.*leadlens train"):
            recorded.registry.version(number)
    assert recorded.registry.aliased("nobody") is None


def test_what_is_fetched_is_what_was_recorded(recorded: Recorded, company: Company, tmp_path: Path) -> None:
    folders = [recorded.registry.fetch(v, champion_folder(tmp_path, v.version)) for v in recorded.versions]
    assert sums(folders[0]) == sums(folders[1])
    again = recorded.registry.fetch(recorded.versions[0], folders[0])
    assert sums(again) == sums(folders[1])
    assert sorted(path.name for path in (tmp_path / "champion").iterdir()) == ["v1", "v2"]
    point_to(tmp_path, name="leadlens", version=1)
    scorer = load_champion(tmp_path)
    assert scorer is not None
    mine, theirs = scorer.score(company.batch()), company.scorer.score(company.batch())
    assert [getattr(one, "margin", None) for one in mine] == [getattr(one, "margin", None) for one in theirs]
    about = read_about(champion_folder(tmp_path, 1))
    read = about_from(about)
    assert (read.evidence, read.command, read.trials) == (recorded.trained.evidence, COMMAND, len(TRIALS))
    assert read.data.leads == len(company.history)


def test_a_broken_version_never_replaces_a_good_copy(
    recorded: Recorded, mlflow: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = recorded.registry.fetch(recorded.versions[0], tmp_path / "v1")
    before = sums(folder)
    real = mlflow.artifacts.download_artifacts

    def damaged(*words: Any, **more: Any) -> str:
        path = real(*words, **more)
        next(Path(path).rglob("booster.txt")).write_text("no trees")
        return str(path)

    monkeypatch.setattr(mlflow.artifacts, "download_artifacts", damaged)
    with pytest.raises(ArtifactError, match=r"checksum of booster\.txt"):
        recorded.registry.fetch(recorded.versions[1], folder)
    assert sums(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["v1"]


def test_mlflow_predicts_the_probabilities_of_the_scorer(
    recorded: Recorded, mlflow: Any, company: Company
) -> None:
    recorded.registry.promote(recorded.versions[1])
    loaded = mlflow.pyfunc.load_model("models:/leadlens@champion")
    batch = company.batch(80)
    spec = company.scorer.spec
    vectors = pd.DataFrame(vectorise(spec, batch).values, columns=spec.names)
    expected = [score.probability for score in company.scorer.score(batch) if isinstance(score, Score)]
    assert np.asarray(loaded.predict(vectors)).tolist() == expected
    turned = vectors[list(reversed(spec.names))]
    assert np.asarray(loaded.predict(turned)).tolist() == expected


def test_nothing_that_was_logged_is_a_pickle_or_code(recorded: Recorded, mlflow: Any, tmp_path: Path) -> None:
    assert recorded.registry.version(1)
    folder = Path(mlflow.artifacts.download_artifacts("models:/leadlens/1", dst_path=str(tmp_path)))
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {"MLmodel", "booster.txt", "checksums.json"} <= {path.name for path in files}
    assert {path.suffix for path in files} <= {"", ".txt", ".json", ".yaml"}
    for path in files:
        raw = path.read_bytes()
        raw.decode("utf-8")  # text, all of it
        assert b"\x80\x02" not in raw
        with pytest.raises(ValueError, match=r"opcode|exhausted|expected|STOP|invalid"):
            list(pickletools.genops(raw))
    text = (folder / "MLmodel").read_text()
    assert "loader_module: models.loading" in text
    assert "python_model" not in text
    assert "cloudpickle" not in text


def test_the_example_beside_the_model_is_of_nobody(recorded: Recorded, mlflow: Any, tmp_path: Path) -> None:
    folder = Path(mlflow.artifacts.download_artifacts("models:/leadlens/1", dst_path=str(tmp_path)))
    example = json.loads((folder / "input_example.json").read_text())
    assert example["columns"] == recorded.trained.scorer.spec.names
    assert {str(value) for value in example["data"][0]} <= {"None", "nan", "NaN"}


def test_parameters_figures_and_texts_are_kept_with_the_run(recorded: Recorded, mlflow: Any) -> None:
    client = mlflow.MlflowClient(tracking_uri=recorded.registry.uri)
    run = client.get_run(recorded.versions[0].run_id)
    assert run.info.status == "FINISHED"
    scorer, evidence = recorded.trained.scorer, recorded.trained.evidence
    assert run.data.params["num_trees"] == str(TINY.num_trees)
    assert run.data.params["leads"] == str(len(recorded.trained.examples.history))
    assert run.data.params["features"] == str(len(scorer.spec.features))
    assert run.data.metrics["roc_auc"] == evidence.auc.value
    assert run.data.metrics["roc_auc_low"] == evidence.auc.low
    assert run.data.metrics["calibration_error_high"] == evidence.calibration_error.high
    texts = {"features.json": scorer.spec.to_json(), "mapping.json": scorer.mapping.frozen()}
    for name, text in texts.items():
        assert mlflow.artifacts.load_text(f"runs:/{recorded.versions[0].run_id}/{name}") == text
        assert recorded.registry.text(recorded.versions[0].run_id, name) == text
    with pytest.raises(InputError, match="its file nothing"):
        recorded.registry.text(recorded.versions[0].run_id, "nothing.json")


def test_a_registry_leaves_the_environment_as_it_was(recorded: Recorded) -> None:
    recorded.registry.aliased(CHAMPION)
    assert "MLFLOW_TRACKING_URI" not in os.environ
    assert "MLFLOW_REGISTRY_URI" not in os.environ


def test_the_operator_chooses_the_registry(tmp_path: Path) -> None:
    assert (
        home_registry(tmp_path, {"MLFLOW_TRACKING_URI": "http://127.0.0.1:5000"}).uri
        == "http://127.0.0.1:5000"
    )
    assert home_registry(tmp_path / "new", {}).uri == f"sqlite:///{tmp_path / 'new' / 'mlflow.db'}"


def test_a_registry_that_does_not_answer_is_an_error_in_words(
    mlflow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mlflow
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(InputError, match=r"registry \(MLflow\): expected an answer"):
        Registry(f"http://127.0.0.1:{free_port()}").version(1)
