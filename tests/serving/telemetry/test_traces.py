"""Traces reach a collector over HTTP as they were measured; one that is away costs nothing."""

import io
import logging
import subprocess
import sys
import time
from pathlib import Path

import pytest
from msgspec.structs import replace
from ports import free_port
from trace_collector import collector
from waiting import until

from serving.settings import Settings
from serving.telemetry.definitions import REQUESTS, SPANS
from serving.telemetry.served import STEPS, Served
from serving.telemetry.telemetry import Telemetry

BEGAN = 1_795_253_400.25
ONE = Served(
    "POST", "/score", 200, BEGAN, 0.01, "5c0f6b1e9a3d2f48", "k1", score=87, version=7,
    steps=(0.001, 0.002, 0.003, 0.001),
)  # fmt: skip
FAILED = replace(ONE, status=503, steps=None, score=None, version=None)


@pytest.fixture(autouse=True)
def _sends_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.telemetry.traces.SEND_SECONDS", 0.3)


def settings(home: Path, endpoint: str, share: float = 1) -> Settings:
    return Settings(home=home, traces_endpoint=endpoint, traces_share=share)


def test_a_request_is_a_span_and_each_step_is_one_of_its_children(tmp_path: Path) -> None:
    with collector() as received:
        with (telemetry := Telemetry(settings(tmp_path, received.endpoint), "server 1")).running(
            io.StringIO()
        ):
            telemetry.served(ONE)
            telemetry.served(FAILED)
        assert received.senders[0]["service.name"] == "leadlens"
        assert received.senders[0]["service.instance.id"] == "server 1"
        good, failed = (span for span in received.spans if span.name == "POST /score")
        children = [span for span in received.spans if span.parent_span_id == good.span_id]
    assert good.start_time_unix_nano == int(BEGAN * 1e9)
    assert good.end_time_unix_nano - good.start_time_unix_nano == 10_000_000
    assert received.attributes(good) == {
        "http.request.method": "POST",
        "http.route": "/score",
        "http.response.status_code": 200,
        "leadlens.request_id": "5c0f6b1e9a3d2f48",
        "leadlens.key_id": "k1",
        "leadlens.model_version": 7,
    }
    assert {span.trace_id for span in children} == {good.trace_id} != {failed.trace_id}
    assert [span.name for span in sorted(children, key=lambda span: span.start_time_unix_nano)] == list(STEPS)
    took = {span.name: span.end_time_unix_nano - span.start_time_unix_nano for span in children}
    assert took == {"read": 1_000_000, "features": 2_000_000, "score": 3_000_000, "write": 1_000_000}
    assert all(span.end_time_unix_nano <= good.end_time_unix_nano for span in children)
    assert (good.status.code, failed.status.code) == (0, 2)
    assert len(received.spans) == 6


def test_only_a_share_of_the_requests_is_traced(tmp_path: Path) -> None:
    with collector() as received:
        with (telemetry := Telemetry(settings(tmp_path, received.endpoint, 0.1))).running(io.StringIO()):
            for _ in range(2_000):
                telemetry.served(FAILED)
        assert 100 <= len(received.spans) <= 320  # 7 standard deviations around 200


def test_a_collector_that_is_away_is_said_once_and_one_that_is_back_is_sent_to(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    chosen = settings(tmp_path, f"http://127.0.0.1:{port}/v1/traces")
    logging.getLogger("leadlens").setLevel(logging.INFO)
    with (telemetry := Telemetry(chosen)).running(io.StringIO()):

        def batches(result: str) -> float:
            telemetry.served(FAILED)
            return telemetry.figures()[0].tally.counts.get((SPANS.name, (result,)), 0)

        until(lambda: batches("failed") >= 2, "two batches that failed")
        with collector(port) as received:
            until(lambda: batches("sent") >= 1, "a batch that was sent")
            assert received.spans
        counts = telemetry.figures()[0].tally.counts
        began = time.monotonic()
    assert time.monotonic() - began < 10
    assert counts[(REQUESTS.name, ("POST", "/score", "5xx"))] > 2
    told = [record.getMessage() for record in caplog.records if "collector of traces" in record.getMessage()]
    assert [("does not take" in said, "again" in said) for said in told[:2]] == [(True, False), (False, True)]


def test_without_the_setting_opentelemetry_is_not_imported(tmp_path: Path) -> None:
    code = (
        "import io, sys, pathlib\n"
        "from serving.settings import Settings\n"
        "from serving.telemetry.telemetry import Telemetry\n"
        "with Telemetry(Settings(home=pathlib.Path(sys.argv[1]))).running(io.StringIO()): pass\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
