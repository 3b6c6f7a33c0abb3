"""What becomes of answered requests: lines, figures, and nothing lost but where it is said."""

import io
import logging
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from waiting import until

from serving.settings import Settings
from serving.telemetry.definitions import (
    LINES_DROPPED,
    LOOP_DELAY,
    READY,
    REQUESTS,
    SHADOW_APART,
    SHADOW_DROPPED,
)
from serving.telemetry.kept_tally import KeptTally
from serving.telemetry.places import Found, figures_in, take_place
from serving.telemetry.served import Served
from serving.telemetry.shadow_figures import ShadowFigures
from serving.telemetry.tally import Spread, Tally, sum_of
from serving.telemetry.telemetry import Telemetry

ONE = Served("POST", "/score", 200, 1_795_253_400.25, 0.0123, "0123456789abcdef", "k1")


@pytest.fixture(autouse=True)
def _said() -> None:
    logging.getLogger("leadlens").setLevel(logging.INFO)


def requests(figures: list[Found]) -> float:
    counts = sum_of(one.tally for one in figures).counts
    return sum(count for (name, _), count in counts.items() if name == REQUESTS.name)


def test_without_a_thread_each_request_is_told_at_once(caplog: pytest.LogCaptureFixture) -> None:
    telemetry = Telemetry()
    with caplog.at_level(logging.INFO):
        telemetry.served(ONE)
    assert caplog.messages == ["POST /score 200 12.3ms request=0123456789abcdef key=k1"]
    assert requests(telemetry.figures()) == 1


def test_everything_is_told_by_the_end_from_many_threads(tmp_path: Path) -> None:
    stream, telemetry = io.StringIO(), Telemetry(Settings(home=tmp_path), "server 1")
    with telemetry.running(stream):
        threads = [
            threading.Thread(target=lambda: [telemetry.served(ONE) for _ in range(1_000)]) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert stream.getvalue().count("POST /score 200") == 4_000
    [kept] = figures_in(tmp_path)
    assert (requests([kept]), kept.runs) == (4_000, False)


def test_a_process_goes_on_counting_where_the_one_before_it_ended(tmp_path: Path) -> None:
    for _ in range(2):
        with (telemetry := Telemetry(Settings(home=tmp_path), "server 1")).running(io.StringIO()):
            telemetry.served(ONE)
    assert requests(figures_in(tmp_path)) == 2
    third, other = (Telemetry(Settings(home=tmp_path), f"server {number}") for number in (1, 2))
    with third.running(io.StringIO()), other.running(io.StringIO()):
        third.served(ONE)
        assert requests(third.figures()) == 3
        assert {one.program: one.runs for one in third.figures()} == {"server 1": True, "server 2": True}


class Stuck(io.StringIO):
    """A stream that takes nothing until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()

    def write(self, text: str) -> int:
        self.go_on.wait(30)
        return super().write(text)


def test_a_stuck_stream_costs_lines_which_are_counted_and_no_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.telemetry.line_writer.MOST_CHARACTERS", 200_000)
    stream, telemetry = Stuck(), Telemetry(Settings(home=tmp_path))
    with telemetry.running(stream):
        for _ in range(5_000):
            telemetry.served(ONE)
        until(lambda: requests(telemetry.figures()) == 5_000, "all figures")
        dropped = telemetry.figures()[0].tally.counts[(LINES_DROPPED.name, ())]
        stream.go_on.set()
    written = stream.getvalue().count("\n")
    assert 0 < dropped == 5_000 - written


def test_where_nobody_comes_for_them_requests_are_counted_without_their_lines(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("serving.telemetry.telemetry.MOST_WAITING", 100)
    monkeypatch.setattr("serving.telemetry.telemetry.ROUND_SECONDS", 60)
    stream, telemetry = io.StringIO(), Telemetry(Settings(home=tmp_path))
    with telemetry.running(stream):
        for _ in range(101):
            telemetry.served(ONE)
    assert stream.getvalue() == ""
    assert telemetry.figures()[0].tally.counts[(LINES_DROPPED.name, ())] == 101


def test_a_home_that_cannot_be_written_is_said_and_figures_are_told_all_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "home").write_text("no folder")
    telemetry = Telemetry(Settings(home=tmp_path / "home"))
    with telemetry.running(io.StringIO()):
        telemetry.served(ONE)
        assert requests(telemetry.figures()) == 1
    assert "Figures of this process are not kept" in caplog.text


def test_gauges_are_asked_for_and_forgotten_when_they_are_told_no_more(tmp_path: Path) -> None:
    told = [(READY, (), 1.0)]
    telemetry = Telemetry(Settings(home=tmp_path), "server 1")
    telemetry.ask(lambda: list(told))
    said = {(name, labels) for name, labels in telemetry.figures()[0].tally.said}
    assert (READY.name, ("server 1",)) in said
    assert ("leadlens_process_open_fds", ("server 1",)) in said
    told.clear()
    assert (READY.name, ("server 1",)) not in telemetry.figures()[0].tally.said


def test_gauges_that_fail_do_not_keep_requests_from_being_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> list[Any]:
        raise RuntimeError("jane")

    monkeypatch.setattr("serving.telemetry.telemetry.ROUND_SECONDS", 0.01)
    telemetry = Telemetry(Settings(home=tmp_path))
    telemetry.ask(fails)
    stream = io.StringIO()
    with telemetry.running(stream):
        telemetry.served(ONE)
        until(lambda: "POST /score" in stream.getvalue(), "the line")
    assert "RuntimeError at test_telemetry.py:" in caplog.text
    assert "jane" not in caplog.text


def test_a_loop_that_is_held_up_is_late() -> None:
    import asyncio

    telemetry = Telemetry()

    async def held_up() -> None:
        telemetry.loop_delay.watch(asyncio.get_running_loop())
        await asyncio.sleep(0)
        time.sleep(0.3)  # noqa: ASYNC251 - what is to be noticed
        await asyncio.sleep(0.05)

    asyncio.run(held_up())
    assert max(telemetry.loop_delay.taken()) >= 0.15


def test_the_shadow_is_counted_by_its_version() -> None:
    telemetry = Telemetry()
    shadow = ShadowFigures(telemetry)
    shadow.scored(-3.0, 8)
    shadow.scored(40.0, 8)
    shadow.dropped()
    tally = telemetry.figures()[0].tally
    spread = tally.spreads[(SHADOW_APART.name, ("8",))]
    assert (spread.total, spread.counts.tolist()) == (43.0, [0, 0, 0, 1, 0, 0, 1, 0])
    assert tally.counts[(SHADOW_DROPPED.name, ())] == 1


def test_a_histogram_of_another_release_is_begun_anew(tmp_path: Path) -> None:
    place = take_place(tmp_path, "server")
    other = Tally(spreads={(LOOP_DELAY.name, ()): Spread(np.ones(3, dtype=np.int64))})
    KeptTally(place.descriptor).write(other.written())
    place.leave()
    with (telemetry := Telemetry(Settings(home=tmp_path))).running(io.StringIO()):
        telemetry.observe(LOOP_DELAY, (), 0.1)
        assert telemetry.figures()[0].tally.spreads[(LOOP_DELAY.name, ())].counts.sum() == 1
