"""What `bentoml build` makes: a bento that holds all that serves, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from served import ROOT


@pytest.mark.slow
def test_a_bento_holds_what_serves_and_loads_by_itself(tmp_path: Path) -> None:
    environment = os.environ | {
        "LEADLENS_HOME": str(tmp_path / "home"),
        "BENTOML_HOME": str(tmp_path / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "True",
    }
    done = subprocess.run(
        [sys.executable, "-m", "bentoml", "build", ".", "--version", "test"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    source = tmp_path / "bentoml" / "bentos" / "leadlens" / "test" / "src"
    assert {path.name for path in source.iterdir() if path.is_dir()} == {
        "decisions",
        "features",
        "models",
        "serving",
    }
    for kept in ("serving/web/templates", "serving/web/static"):
        assert {path.name for path in (ROOT / kept).iterdir()} == {
            path.name for path in (source / kept).iterdir()
        }
    program = "import serving.service as s; print(s.__file__, s.LeadLens.name)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=source, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == f"{source}/serving/service.py leadlens", done.stderr
    assert not (tmp_path / "home").exists()  # what it serves is there only where it starts
