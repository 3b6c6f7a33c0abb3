"""Every notebook is executed as a person would: from the top, in a fresh kernel, in some other folder."""

import json
import os
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient
from network import ClosedNetwork

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
TRAIN_AND_EXPLAIN = NOTEBOOKS / "train_and_explain.ipynb"

# Deprecations and the like in the notebook's own lines and in this project's packages are errors; those that
# libraries raise among themselves are not ours to mend.
STRICT = """
import warnings
for ours in ("__main__", r"(features|models|decisions|training|leadlens)(\\.|$)"):
    warnings.filterwarnings("error", module=ours)
"""

LONG_NAME = "a country whose name is rather longer than a plot has room for"

CLAIMS = """
import json
import training
told, effects = 0.0, 0.0
for reason in lead.reasons:
    told += reason.log_odds
    effects += reason.effect
print(json.dumps({
    "code": training.__file__,
    "reasons are exact": told == lead.margin - lead.expected_margin,
    "effects are exact": effects == lead.score - lead.baseline_score,
    "reasons": len(lead.reasons),
    "gap to LightGBM": additivity_gap,
    "gap to shap": max(explainer_gap, base_gap),
    "names": explained.feature_names == scorer.spec.names,
    "version": scorer.version,
    "same after loading": bool(same),
    "signal": evidence.shows_signal,
    "measured": evidence.to_dict(),
    "tracked": float(figures["roc_auc"]),
    "similar": len(alike.leads),
    "similar are others": lead.lead_id not in {one.score.lead_id for one in alike.leads},
    "explained": [one.name for one in reasons],
}))
"""


@pytest.fixture(scope="session", params=sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.name)
def stored(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def executed(
    notebook: Any, folder: Path, closed_network: ClosedNetwork, root: Path, *, then: str = "pass"
) -> list[Any]:
    """Execute a notebook, and one more cell; return the outputs of its code cells, that cell's last.

    The kernel finds this tree's packages, reports steps towards the network, and has a temporary folder of
    its own. Raises CellExecutionError where a cell fails.
    """
    here, temporary = folder / "here", folder / "tmp"
    here.mkdir()
    temporary.mkdir()
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    notebook.cells.append(nbformat.v4.new_code_cell(then))
    environment = closed_network.environment(
        TMPDIR=str(temporary), IPYTHONDIR=str(folder / "ipython"), MPLCONFIGDIR=str(folder / "matplotlib")
    )
    environment["PYTHONPATH"] = os.pathsep.join([environment["PYTHONPATH"], str(root)])
    # An MLflow that is meant for real work is not for this.
    for name in ("MLFLOW_TRACKING_URI", "MPLBACKEND"):
        environment.pop(name, None)
    resources = {"metadata": {"path": str(here)}}
    NotebookClient(notebook, timeout=240, kernel_name="python3", resources=resources).execute(env=environment)
    assert list(here.iterdir()) == []
    left = [path.name for path in temporary.iterdir()]
    assert left == [], "the notebook removes its temporary files"
    return [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]


def said(outputs: list[Any]) -> str:
    """What a cell printed."""
    return "".join(output.text for output in outputs if output.output_type == "stream")


def complaints(outputs: list[list[Any]]) -> list[str]:
    """What cells wrote to standard error: warnings, and the talk of libraries."""
    return [o.text for of_cell in outputs for o in of_cell if o.get("name") == "stderr"]


def pictures(outputs: list[list[Any]]) -> int:
    return sum("image/png" in output.get("data", {}) for of_cell in outputs for output in of_cell)


@pytest.fixture(autouse=True)
def _jupyter_of_this_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No kernel, setting or history of the user's own, which live in the home that `home` has replaced."""
    del home
    for name in ("JUPYTER_PATH", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")


def test_there_is_a_notebook() -> None:
    assert TRAIN_AND_EXPLAIN.is_file()


def test_a_stored_notebook_is_sound_and_carries_no_outputs(stored: Path) -> None:
    notebook = nbformat.read(stored, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []
    assert [cell.id for cell in notebook.cells if cell.metadata] == []
    assert notebook.metadata.kernelspec.name == "python3"


@pytest.mark.slow
def test_the_notebook_runs_and_what_it_claims_holds(
    tmp_path: Path, closed_network: ClosedNetwork, root: Path
) -> None:
    notebook = nbformat.read(TRAIN_AND_EXPLAIN, as_version=4)
    outputs = executed(notebook, tmp_path, closed_network, root, then=CLAIMS)
    found = json.loads(said(outputs[-1]))
    assert Path(found["code"]).is_relative_to(root)
    assert found["reasons are exact"]
    assert found["effects are exact"]
    assert found["reasons"] == 6
    assert found["gap to LightGBM"] < 1e-9
    assert found["gap to shap"] < 1e-9
    assert found["names"]
    assert found["version"] == 1
    assert found["same after loading"]
    assert found["signal"]
    assert (
        found["measured"]["measures"]["log_loss"]["value"]
        < found["measured"]["rivals"][0]["measures"]["log_loss"]["value"]
    )
    assert len(found["measured"]["reliability"]) == 10
    assert found["tracked"] == found["measured"]["measures"]["roc_auc"]["value"]
    assert found["similar"] == 20
    assert found["similar are others"]
    assert len(found["explained"]) == len(set(found["explained"])) > 20
    assert pictures(outputs) == 5
    assert complaints(outputs) == []


@pytest.mark.slow
def test_the_notebook_takes_a_company_s_own_file_in_place_of_the_generated_ones(
    tmp_path: Path, closed_network: ClosedNetwork, root: Path
) -> None:
    generator = np.random.default_rng(5)
    size = generator.integers(1, 500, 600)
    country = generator.choice(["DE", "FR", LONG_NAME], 600)
    won = generator.random(600) < np.where(country == "DE", 0.5, 0.1) + size / 2_000
    own = tmp_path / "own"
    own.mkdir()
    rows = {"Id": np.arange(600), "Size": size, "Country": country, "Phone": "+49 30 123456"}
    pd.DataFrame(rows).assign(Won=won.astype(int)).to_csv(own / "leads.csv", index=False)
    (own / "leadlens.toml").write_text(
        '[leads]\npath = "leads.csv"\nid = "Id"\n[outcomes]\nlabel = "Won"\npositive = 1\n', encoding="utf-8"
    )
    notebook = nbformat.read(TRAIN_AND_EXPLAIN, as_version=4)
    (choice,) = (cell for cell in notebook.cells if cell.source.startswith("own = None"))
    choice.source = choice.source.replace("own = None", f"own = Path({str(own / 'leadlens.toml')!r})", 1)
    outputs = executed(notebook, tmp_path, closed_network, root, then=CLAIMS)
    found = json.loads(said(outputs[-1]))
    assert found["reasons are exact"]
    assert found["gap to shap"] < 1e-9
    assert found["signal"]
    assert found["similar"] == 20
    assert pictures(outputs) == 5
    assert sorted(path.name for path in own.iterdir()) == ["leadlens.toml", "leads.csv"]
