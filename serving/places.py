"""Where an exception was raised, said without its message, which may hold personal data."""

from __future__ import annotations

import traceback
from pathlib import Path


def place_of(problem: BaseException) -> str:
    """Return the innermost frame of an exception as 'file.py:12 in name'."""
    frames = traceback.extract_tb(problem.__traceback__)
    if not frames:
        return "an unknown place"
    last = frames[-1]
    return f"{Path(last.filename).name}:{last.lineno} in {last.name}"
