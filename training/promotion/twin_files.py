"""Twins as files of a run: artifacts like any other, that also say what they may be asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.artifact import load_model, read_about, save_scorer
from models.errors import ArtifactError
from training.evidence.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def save_twins(twins: Iterable[Twin], folder: Path) -> None:
    """Write each twin into a folder of its own, named 0, 1 and so on."""
    for number, twin in enumerate(twins):
        may_be_asked = {"learned_until": twin.learned_until, "fold": twin.fold, "folds": twin.folds}
        save_scorer(twin.scorer, folder / str(number), about=may_be_asked)


def load_twins(folders: Iterable[Path]) -> tuple[Twin, ...]:
    """Read twins back. Raises ArtifactError where one cannot be read."""
    return tuple(_loaded(folder) for folder in folders)


def _loaded(folder: Path) -> Twin:
    about = read_about(folder)
    try:
        until, fold, folds = about["learned_until"], about["fold"], about["folds"]
    except KeyError as problem:
        raise ArtifactError(f"{folder}: it is no twin: nothing says what it may be asked about") from problem
    return Twin(scorer=load_model(folder), learned_until=until, fold=fold, folds=folds)
