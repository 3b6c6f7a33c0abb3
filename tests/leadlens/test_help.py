import json
import subprocess
import sys

import pytest
from command_line import ROOT, leadlens

COMMANDS = (
    "demo", "generate", "init", "audit", "enrich", "prepare", "points", "train", "evaluate", "backtest",
    "card", "explain", "promote", "rollback", "recalibrate", "score", "serve", "worker", "import",
    "replay", "verify", "audit-log", "backup",
    "restore", "export", "erase", "simulate", "agreement",
)  # fmt: skip
KEYS = ("create", "list", "rotate", "revoke")
POLICY = ("show", "check", "publish", "list", "propose")
HEAVY = (
    "pandas",
    "numpy",
    "pyarrow",
    "duckdb",
    "dask",
    "distributed",
    "lightgbm",
    "numba",
    "mlflow",
    "bentoml",
    "shap",
    "sklearn",
    "scipy",
    "sqlalchemy",
)


@pytest.mark.parametrize(
    "words",
    [
        *((name,) for name in COMMANDS),
        *(("keys", name) for name in KEYS),
        *(("policy", name) for name in POLICY),
    ],
)
def test_the_help_of_every_command_teaches_by_example(words: tuple[str, ...]) -> None:
    run = leadlens(*words, "--help")
    assert run.code == 0
    lines = [line.strip() for line in run.out.splitlines()]
    start = next(at for at, line in enumerate(lines) if line in {"Example:", "Examples:"})
    assert lines[start + 1].startswith(f"leadlens {' '.join(words)}"), run.out
    assert "Traceback" not in run.said


def test_the_first_help_names_every_command_and_a_first_round() -> None:
    run = leadlens("--help")
    assert run.code == 0
    for name in (*COMMANDS, "keys", "policy"):
        assert f"\n  {name} " in run.out
    for step in ("init", "train", "promote", "score", "serve", "demo"):
        assert f"leadlens {step}" in run.out


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"], ["score", "--help"], ["keys", "--help"]])
def test_help_loads_none_of_the_heavy_libraries(words: list[str]) -> None:
    program = (
        "import json, sys\n"
        f"sys.argv = ['leadlens', *{words!r}]\n"
        "from leadlens.__main__ import main\n"
        "try:\n    main()\n"
        "except SystemExit as left:\n    assert not left.code, left.code\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_no_command_at_all_shows_the_help_and_is_wrong_usage() -> None:
    run = leadlens()
    assert run.code == 2
    assert "A first round:" in run.said
