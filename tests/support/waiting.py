"""Waiting for what other threads and processes do."""

import time
from collections.abc import Callable


def until(
    condition: Callable[[], bool], what: str = "the condition", seconds: float = 60, *, every: float = 0.02
) -> None:
    """Return once the condition holds, looked at `every` so often; fail after `seconds` without."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, f"{what} did not come about within {seconds} seconds"
        time.sleep(every)
