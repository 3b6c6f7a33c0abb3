"""Work shared among processes: what comes back, and how it ends."""

import os
import signal
import time
from collections.abc import Callable

import psutil
import pytest

from features.errors import Fault, InputError
from features.own_processes import LostProcessError, in_processes

pytestmark = pytest.mark.slow


def worked(item: int, shared: str, tell: Callable[[int], None]) -> tuple[int, str, int]:
    tell(item)
    if shared == "refuse" and item == 3:
        raise InputError(Fault("item 3", "one thing", "another"))
    if shared == "die" and item == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if shared == "sleep":
        time.sleep(60)
    return item, shared, os.getpid()


def children() -> list[int]:
    return [child.pid for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]


def test_each_item_is_worked_on_once_by_several() -> None:
    told: list[int] = []
    found = list(in_processes(worked, range(8), "x", workers=2, tell=told.append))
    assert sorted(item for item, _, _ in found) == list(range(8))
    assert {shared for _, shared, _ in found} == {"x"}
    assert os.getpid() not in {process for _, _, process in found}
    assert sum(told) == sum(range(8))
    assert children() == []


def test_what_is_raised_there_is_raised_here_and_ends_all() -> None:
    with pytest.raises(InputError, match="item 3: expected one thing") as caught:
        list(in_processes(worked, range(8), "refuse", workers=1, tell=lambda _: None))
    assert caught.value.faults == (Fault("item 3", "one thing", "another"),)
    assert children() == []


def test_a_process_that_dies_is_no_end_in_silence() -> None:
    with pytest.raises(LostProcessError, match="ended with code -9"):
        list(in_processes(worked, range(8), "die", workers=1, tell=lambda _: None))
    assert children() == []


def test_what_telling_raises_ends_work_under_way() -> None:
    class StopError(Exception):
        """What a job is told."""

    def stop(done: int) -> None:
        if done:
            raise StopError

    began = time.monotonic()
    with pytest.raises(StopError):
        list(in_processes(worked, [7], "sleep", workers=1, tell=stop))
    assert time.monotonic() - began < 50
    assert children() == []
