"""What a training run is in the registry: everything but the artifact itself, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TrialState = Literal["complete", "pruned", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedData:
    """What was learned from, without a row of it.

    `sha256`: of examples and vectors, in hexadecimal. `source` says in words where they came from; `profile`
    holds counts and dates.
    """

    name: str
    sha256: str
    source: str
    profile: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedTrial:
    """Settings that a search tried. `figures` is without the log loss where the trial has none."""

    number: int
    parameters: Mapping[str, Any]
    figures: Mapping[str, float]
    state: TrialState


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedRun:
    """A run: parameters, figures by name, texts by file name, and a folder of further `files`, if any.

    `tags` are those of the version that the run registers.
    """

    parameters: Mapping[str, Any]
    figures: Mapping[str, float]
    texts: Mapping[str, str]
    files: Path | None = None
    inputs: tuple[TrackedData, ...] = ()
    trials: tuple[TrackedTrial, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
