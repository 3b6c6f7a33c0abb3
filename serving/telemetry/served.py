"""One answered request, as the log, the metrics and the traces tell of it."""

from __future__ import annotations

from typing import Literal

import msgspec

Step = Literal["read", "features", "score", "write"]
STEPS: tuple[Step, ...] = ("read", "features", "score", "write")
"""The steps of a stateless score: bytes to lead; lead to vector; vector to score with reasons; to JSON."""


class Served(msgspec.Struct, frozen=True, gc=False):
    """One request and its answer. It holds no personal data: a route, never a path.

    `began` is of `time.time`, in seconds; `seconds` is how long the answer took, `steps` how long each of
    STEPS did, where they were taken: of a step that was taken for several, its share. `status` is None where
    the caller went away first.

    It is made while an answer is under way, and a thousand may wait to be told of: making one takes a third
    of what a tuple with names takes, and the garbage collector, which finds no cycle in it, walks none.
    """

    method: str
    route: str
    status: int | None
    began: float
    seconds: float
    request_id: str
    key_id: str
    score: int | None = None
    version: int | None = None
    steps: tuple[float, float, float, float] | None = None
