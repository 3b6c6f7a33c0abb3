"""What this process takes of its machine: processor time, memory, file descriptors."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from serving.telemetry.definitions import CPU, MEMORY, MOST_FILES, OPEN_FILES, STARTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.process_collector import ProcessCollector

    from serving.telemetry.definitions import Metric

_METRICS = {
    "cpu_seconds_total": CPU,
    "resident_memory_bytes": MEMORY,
    "open_fds": OPEN_FILES,
    "max_fds": MOST_FILES,
    "start_time_seconds": STARTED,
}


def process_figures() -> Iterator[tuple[Metric, tuple[str, ...], float]]:
    """Return the figures that the system has of this process; none where there is no /proc."""
    for family in _collector().collect():
        for sample in family.samples:
            metric = _METRICS.get(sample.name.removeprefix("process_"))
            if metric is not None:
                yield metric, (), sample.value


@cache
def _collector() -> ProcessCollector:
    from prometheus_client.process_collector import ProcessCollector  # noqa: PLC0415 - with all of HTTP behind it

    return ProcessCollector(registry=None)
