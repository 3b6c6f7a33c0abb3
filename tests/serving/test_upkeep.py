"""What a server says on the board of its disk and its worker."""

import pytest

from serving.jobs.workers import WorkersSeen
from serving.upkeep import MIB, disk_level, worker_level

GIB = 1024 * MIB
NOW = 1_795_253_400_000_000


@pytest.mark.parametrize(
    ("total", "free", "level"),
    [
        (500 * GIB, 2 * GIB, "ok"),
        (500 * GIB, GIB - 1, "degraded"),
        (500 * GIB, 100 * MIB - 1, "failed"),
        (8 * GIB, 500 * MIB, "ok"),
        (8 * GIB, 400 * MIB, "degraded"),
        (8 * GIB, 80 * MIB, "failed"),
        (12 * MIB, 11 * MIB, "ok"),
        (12 * MIB, 0, "failed"),
    ],
)
def test_a_disk_is_low_by_bytes_and_a_small_one_by_its_share(total: int, free: int, level: str) -> None:
    found, said = disk_level(total, free)
    assert found == level
    assert bool(said) == (level != "ok")


def test_a_worker_that_says_nothing_is_missed() -> None:
    assert worker_level(WorkersSeen(1, NOW), NOW) == ("ok", "")
    assert worker_level(WorkersSeen(0, None), NOW)[0] == "degraded"
    level, said = worker_level(WorkersSeen(0, NOW - 40_000_000), NOW)
    assert level == "failed"
    assert "40 s" in said
