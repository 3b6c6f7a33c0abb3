"""The one place where the service asks what time it is. Everything else is handed a clock."""

import time


def utc_now() -> int:
    """Return the present moment in microseconds UTC since 1970."""
    return time.time_ns() // 1_000
