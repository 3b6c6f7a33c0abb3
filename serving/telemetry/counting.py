"""Answered requests become figures, many at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from serving.telemetry.definitions import (
    REFUSALS,
    REFUSED,
    REQUEST_SECONDS,
    REQUESTS,
    SCORES,
    STEP_SECONDS,
)
from serving.telemetry.served import STEPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serving.telemetry.served import Served
    from serving.telemetry.tally import Tally

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
"""Others count as 'other': callers could think up any number of them."""


def count_served(tally: Tally, many: Sequence[Served]) -> None:
    """Add answered requests to a tally."""
    seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
    scores: dict[int | None, list[float]] = defaultdict(list)
    for one in many:
        seconds[one.method, one.route].append(one.seconds)
        if one.score is not None:
            scores[one.version].append(one.score)
    for (method, route), status in (answers := Counter(((o.method, o.route), o.status) for o in many)):
        number = answers[(method, route), status]
        tally.count(REQUESTS, (_method(method), route, _class_of(status)), number)
        if status in REFUSALS:
            tally.count(REFUSED, (str(status),), number)
    for (method, route), took in seconds.items():
        tally.observe(REQUEST_SECONDS, (_method(method), route), took)
    for version, given in scores.items():
        tally.observe(SCORES, (version_label(version),), given)
    steps = [one.steps for one in many if one.steps is not None]
    for step, took_step in zip(STEPS, zip(*steps, strict=True), strict=False):  # no steps: none is observed
        tally.observe(STEP_SECONDS, (step,), took_step)


def version_label(version: int | None) -> str:
    """Return how a version of the model is called in labels."""
    return "none" if version is None else str(version)


def _class_of(status: int | None) -> str:
    return "gone" if status is None else f"{status // 100}xx"


def _method(method: str) -> str:
    return method if method in METHODS else "other"
