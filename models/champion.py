"""The local copy of the champion: what a server starts from, whether or not the registry answers."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from features.words import ENGLISH
from models.errors import ArtifactError
from models.preparing import forget_others, is_prepared, load_prepared, prepare
from models.scorecard.built_in import built_in_scorecard

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from features.words import Phrasebook
    from models.scorecard.points_scorer import PointsScorer
    from models.scorer import LeadScorer

__all__ = ["built_in_scorecard", "champion_folder", "load_champion", "point_to", "pointed_to", "points_to"]

POINTER = "current"


def champion_folder(home: Path, version: int) -> Path:
    """Return where the local copy of a version belongs in a home."""
    return home / "champion" / f"v{version}"


def point_to(
    home: Path, *, name: str, version: int, run_id: str | None = None, keep: Collection[int] | None = ()
) -> None:
    """Make a copied version the one that servers load, prepared here where that was not done before.

    `run_id` is the run that made it, None where no registry knows it. The pointer is replaced in one step.
    Copies of other versions are removed, but for those to `keep`: with
    them recorded scores are replayed. None keeps all. Raises ArtifactError where the copy cannot serve.
    """
    folder = champion_folder(home, version)
    if not is_prepared(folder):
        prepare(folder, folder.parent)
    pointer = folder.parent / POINTER
    fresh = pointer.with_suffix(".new")
    content = {"name": name, "version": version, "folder": folder.name, "run_id": run_id}
    fresh.write_text(json.dumps(content), encoding="utf-8")
    fresh.replace(pointer)
    kept = None if keep is None else {folder, *(champion_folder(home, number) for number in keep)}
    for other in folder.parent.glob("v*"):
        if kept is not None and other not in kept:
            shutil.rmtree(other, ignore_errors=True)
    forget_others(folder.parent, list(folder.parent.glob("v*")))


def pointed_to(home: Path) -> int | None:
    """Return the version that the pointer of a home names, or None where it names none."""
    try:
        return int(_pointer(home)["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def points_to(home: Path, *, version: int, run_id: str) -> bool:
    """Return whether the pointer of a home names the version that a run made.

    A registry that was begun anew counts its versions from 1 again: the number alone says little.
    """
    try:
        pointer = _pointer(home)
        return (int(pointer["version"]), pointer.get("run_id")) == (version, run_id)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _pointer(home: Path) -> Any:
    return json.loads((home / "champion" / POINTER).read_text(encoding="utf-8"))


def load_champion(home: Path, words: Phrasebook = ENGLISH) -> LeadScorer | PointsScorer | None:
    """Return the champion of a home, ready to score at once, or None where none was promoted.

    Raises ArtifactError where the copy is broken.
    """
    pointer = home / "champion" / POINTER
    try:
        content = json.loads(pointer.read_text(encoding="utf-8"))
        folder = pointer.parent / str(content["folder"])
        version = int(content["version"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise ArtifactError(f"{pointer}: it names no version: {problem}") from problem
    scorer = load_prepared(folder, version=version, words=words)
    scorer.warm_up()
    return scorer
