"""Artifacts that are broken in each way that the world breaks them, their checksums right or wrong."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _instead(file: str, text: str, other: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        content = (folder / file).read_text("utf-8")
        assert text in content
        (folder / file).write_text(content.replace(text, other, 1), "utf-8")

    return change


def _truncated(folder: Path) -> None:
    content = (folder / "booster.txt").read_bytes()
    (folder / "booster.txt").write_bytes(content[: len(content) // 3])


def _another_score(folder: Path) -> None:
    examples = json.loads((folder / "examples.json").read_text("utf-8"))
    examples[5]["expected"]["score"] += 1
    (folder / "examples.json").write_text(json.dumps(examples), "utf-8")


def _missing(folder: Path) -> None:
    (folder / "features.json").unlink()


BROKEN: dict[str, tuple[Callable[[Path], None], bool, str]] = {
    "a file is missing": (_missing, False, "incomplete.*features.json"),
    "a file is truncated": (_truncated, False, "checksum of booster.txt does not match"),
    "another format": (_instead("scorer.json", '"format": 1', '"format": 9'), True, "has format 9"),
    "another number of features": (
        _instead("booster.txt", "max_feature_idx=", "max_feature_idx=9"), True, "cannot be read",
    ),
    "no number in a curve": (_instead("scorer.json", '"below": 0.0', '"below": NaN'), True, "cannot be read"),
    "another score": (_another_score, True, "own test: example 6: score is"),
}  # fmt: skip
"""By name: what is done to the folder, whether the checksums are made anew, and what is said of it."""

CRASHES = (_instead("booster.txt", "leaf_value=", "leaf_value=5.5 "), True, "ended the process that did so")
"""What LightGBM does not survive."""


def broken(sound: Path, to: Path, how: tuple[Callable[[Path], None], bool, str]) -> Path:
    """Copy a sound artifact into a folder that is not there yet, break it, and return the folder."""
    shutil.copytree(sound, to)
    broken_there(to, how)
    return to


def broken_there(to: Path, how: tuple[Callable[[Path], None], bool, str]) -> None:
    """Break the artifact in a folder."""
    change, summed, _ = how
    change(to)
    if summed:
        names = json.loads((to / "checksums.json").read_text("utf-8"))
        sums = {name: sha256((to / name).read_bytes()).hexdigest() for name in names}
        (to / "checksums.json").write_text(json.dumps(sums, indent=1), "utf-8")
