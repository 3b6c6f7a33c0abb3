"""Answered requests become figures, many at once."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, TypeVar

import numpy as np

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
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    from serving.telemetry.served import Served
    from serving.telemetry.tally import Tally

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
"""Others count as 'other': callers could think up any number of them."""

_STEP_LABELS = [(step,) for step in STEPS]

H = TypeVar("H", bound="Hashable")


def count_served(tally: Tally, many: Sequence[Served]) -> None:
    """Add answered requests to a tally."""
    if many:
        _count_answers(tally, many)
        _count_scores(tally, [one for one in many if one.score is not None])
        _count_steps(tally, [one.steps for one in many if one.steps is not None])


def version_label(version: int | None) -> str:
    """Return how a version of the model is called in labels."""
    return "none" if version is None else str(version)


def _count_answers(tally: Tally, many: Sequence[Served]) -> None:
    kinds, kind_of = _told_apart([(one.method, one.route, one.status) for one in many])
    for (method, route, status), number in zip(kinds, np.bincount(kind_of).tolist(), strict=True):
        tally.count(REQUESTS, (_method(method), route, _class_of(status)), number)
        if status in REFUSALS:
            tally.count(REFUSED, (str(status),), number)
    labels = [(_method(method), route) for method, route, _ in kinds]
    tally.observe_many(REQUEST_SECONDS, labels, kind_of, np.array([one.seconds for one in many]))


def _count_scores(tally: Tally, scored: Sequence[Served]) -> None:
    versions, version_of = _told_apart([one.version for one in scored])
    labels = [(version_label(version),) for version in versions]
    tally.observe_many(SCORES, labels, version_of, np.array([one.score for one in scored], dtype=float))


def _count_steps(tally: Tally, steps: Sequence[tuple[float, ...]]) -> None:
    values = np.fromiter(chain.from_iterable(steps), dtype=float)
    tally.observe_many(STEP_SECONDS, _STEP_LABELS, np.arange(len(values)) % len(STEPS), values)


def _told_apart(many: Sequence[H]) -> tuple[list[H], NDArray[np.intp]]:
    """Return what there is among many, each once, and which of these each of them is."""
    places = {one: place for place, one in enumerate(dict.fromkeys(many))}
    return list(places), np.fromiter(map(places.__getitem__, many), dtype=np.intp, count=len(many))


def _class_of(status: int | None) -> str:
    return "gone" if status is None else f"{status // 100}xx"


def _method(method: str) -> str:
    return method if method in METHODS else "other"
