"""Servers that are measured: ours, and its peers, each a process kept to one processor."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scoring_home import Made
from served_here import ROOT, free_port

from models.logged_form import signature

HERE = Path(__file__).parent


@contextmanager
def ours(home: Path, core: int, *options: str) -> Iterator[int]:
    """Serve by `leadlens serve` without worker and follower: one process."""
    port = free_port()
    command = [sys.executable, "-m", "leadlens", "serve", "--home", str(home), "--port", str(port)]
    alone = {"LEADLENS_FOLLOW": "false"}
    with _running([*command, "--no-worker", *options], core, home / "server.log", alone):
        _wait(f"http://127.0.0.1:{port}/readyz")
        yield port


@contextmanager
def echo(size: int, core: int) -> Iterator[int]:
    """Serve the echo under uvicorn with uvloop and httptools, as ours."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "echo_in_starlette:app", "--app-dir", str(HERE)]
    how = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "error"]
    with _running([*command, *how, "--port", str(port)], core, None, {"ECHO_BYTES": str(size)}):
        _wait(f"http://127.0.0.1:{port}/score")
        yield port


@contextmanager
def mlflow_serve(made: Made, folder: Path, core: int, *, is_signed: bool) -> Iterator[int]:
    """Serve the same booster by MLflow's own server, with one worker."""
    import mlflow  # noqa: PLC0415  # takes seconds, and the other peers need none of it

    port = free_port()
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'bench.db'}")
    model = folder / f"mlflow-model-{is_signed}"
    # A registered model has a signature: named columns, which may be missing.
    named = signature(made.scorer.spec.names, "probability") if is_signed else None
    mlflow.lightgbm.save_model(made.scorer.booster, str(model), signature=named)
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(model), "--port", str(port)]
    how = ["--env-manager", "local", "--workers", "1", "--host", "127.0.0.1"]
    with _running([*command, *how], core, folder / "mlflow.log", {"MLFLOW_DISABLE_TELEMETRY": "true"}):
        _wait(f"http://127.0.0.1:{port}/ping")
        yield port


@contextmanager
def bentoml_with_shap(made: Made, folder: Path, core: int) -> Iterator[int]:
    """Serve a plain BentoML service that answers contributions by shap."""
    port, booster = free_port(), folder / "booster.txt"
    made.scorer.booster.save_model(str(booster))
    command = [sys.executable, "-m", "bentoml", "serve", "shap_in_bentoml:Explained", "--port", str(port)]
    settings = {"BOOSTER": str(booster), "BENTOML_DO_NOT_TRACK": "True", "PYTHONPATH": str(HERE)}
    with _running([*command, "--host", "127.0.0.1"], core, folder / "bentoml.log", settings):
        _wait(f"http://127.0.0.1:{port}/readyz")
        yield port


@contextmanager
def _running(command: list[str], core: int, log: Path | None, settings: dict[str, str]) -> Iterator[None]:
    # MLflow looks for a program uvicorn.
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    threads = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "PATH": programs}
    said = subprocess.DEVNULL if log is None else log.open("wb")
    process = subprocess.Popen(
        ["taskset", "-c", str(core), *command],
        stdout=said,
        stderr=said,
        env=os.environ | threads | settings,
        cwd=HERE,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)


def _wait(address: str) -> None:
    ask = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            with ask.open(address, timeout=2):
                return
        except urllib.error.HTTPError as problem:
            if problem.code in {405, 404}:
                return
            time.sleep(0.2)
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"nothing answered at {address} within 120 s")
