"""`leadlens demo --detach`, end to end: the command that it prints is run as it stands."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import leadlens_process, stopped_at_the_end
from ports import free_port

SHAPE = {
    "lead_id": str,
    "as_of": str,
    "score": int,
    "probability": float,
    "probability_low": float,
    "probability_high": float,
    "horizon_days": int,
    "fit_score": int,
    "engagement_score": int,
    "grade": str,
    "rung": str,
    "confidence": str,
    "baseline_score": int,
    "baseline_probability": float,
    "base_rate": float,
    "reasons": list,
    "advice": dict,
    "model": dict,
    "features_sha256": str,
    "warnings": list,
}


@pytest.mark.slow
def test_the_printed_command_gives_a_score(tmp_path: Path) -> None:
    bash, curl = shutil.which("bash"), shutil.which("curl")
    if bash is None or curl is None:
        pytest.skip("no bash, or no curl, to run the printed command with")
    home, port = tmp_path / "home", free_port()
    # A proxy that nobody answers at: neither the demo nor what it prints may need one.
    nobody = dict.fromkeys(("http_proxy", "HTTP_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    run = leadlens_process("demo", "--detach", "--leads", 2_000, "--port", port, "--home", home, **nobody)
    assert run.code == 0, run.said
    with stopped_at_the_end(int((home / "demo.pid").read_text())):
        stop = re.search(r"stop it with: (.*)", run.said)
        assert stop is not None, run.said
        command = re.search(r"^curl .*?(?=\n\n)", run.out, re.DOTALL | re.MULTILINE)
        assert command is not None, run.out
        asked = subprocess.run(
            [bash, "-c", command[0]],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            env={**os.environ, "no_proxy": "127.0.0.1"},
        )
        answer = json.loads(asked.stdout)
        assert {name: type(value) for name, value in answer.items()} == SHAPE
        assert list(answer) == list(SHAPE)
        assert answer["model"] == {"name": "leadlens", "version": 1}
        assert f"http://127.0.0.1:{port}/leads/{answer['lead_id']}" in run.out
        assert answer["probability_low"] <= answer["probability"] <= answer["probability_high"]
        effects = sum(reason["effect"] for reason in answer["reasons"])
        assert effects == pytest.approx(answer["score"] - answer["baseline_score"], abs=1e-9)
        key = (home / "demo-key").stat()
        assert oct(key.st_mode & 0o777) == "0o600"
        assert [line for line in run.err.splitlines() if not line.startswith("… ")] == []
        again = leadlens_process("demo", "--port", port, "--home", home)
        assert again.code == 1
        assert f"--port: expected a free port, found {port} in use" in again.said
        subprocess.run([bash, "-c", stop[1]], check=True, timeout=60)
        assert not (home / "demo.pid").exists()  # the number may be another's soon
    assert "Traceback" not in (home / "demo.log").read_text()
