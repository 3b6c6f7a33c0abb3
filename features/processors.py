"""How many processors work can be shared among."""

from __future__ import annotations

import os


def usable_processors() -> int:
    """Return how many processors this process may run on, at least 1.

    The machine may have more: a container, a systemd unit and `taskset` leave a process some of them, and a
    thread for each of the others only waits. Systems that do not tell (macOS, Windows) count them all.
    """
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
