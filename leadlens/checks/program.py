"""The program itself: Python, libraries, and where compiled functions are kept."""

from __future__ import annotations

import os
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from leadlens.checks.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadlens.checks.finding import Installation

LOCK = Path(__file__).parents[2] / "requirements" / "serving.txt"
OLDEST, NEWEST = (3, 11), (3, 13)
SHOWN = 5
_AGAIN = "Make the environment again, from the lock file: scripts/make-environment"
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)(?: ; (.*?))?(?: \\)?$", re.MULTILINE)


def python(_at: Installation) -> Iterator[Finding]:
    """Whether this Python is one that LeadLens is tested with."""
    here = sys.version_info[:2]
    said = ".".join(map(str, sys.version_info[:3]))
    if OLDEST <= here <= NEWEST:
        yield Finding("Python", "ok", f"{said}.")
    else:
        remedy = "Make the environment with another: PYTHON=python3.12 scripts/make-environment"
        yield Finding("Python", "failed", f"{said}, where 3.11 to 3.13 are known to work.", remedy)


def libraries(_at: Installation) -> Iterator[Finding]:
    """Whether the libraries that serve have the versions that the lock file names."""
    if not LOCK.is_file():
        yield Finding("libraries", "ok", "no lock file is beside the program, so none is compared.")
        return
    pinned = pins(LOCK.read_text(encoding="utf-8"))
    found = {name: _installed(name) for name in pinned}
    missing = [name for name, version in found.items() if version is None]
    others = [f"{n} {v} in place of {pinned[n]}" for n, v in found.items() if v not in {None, pinned[n]}]
    if missing:
        yield Finding("libraries", "failed", f"{_some(missing)} missing.", _AGAIN)
    if others:
        yield Finding("libraries", "warning", f"{_some(others)}.", _AGAIN)
    if not missing and not others:
        yield Finding("libraries", "ok", f"all {len(pinned)} are those of the lock file.")


def pins(text: str) -> dict[str, str]:
    """Return the versions that a lock file names for this Python and this system."""
    from packaging.markers import Marker

    return {
        name: version
        for name, version, marker in _PINNED.findall(text)
        if not marker or Marker(marker).evaluate()
    }


def compiled_functions(at: Installation) -> Iterator[Finding]:
    """Whether compiled functions can be kept, or each start compiles them again."""
    named = at.environment.get("NUMBA_CACHE_DIR")
    code = Path(__file__).parents[2] / "features"
    places = [Path(named)] if named else [code, Path.home() / ".cache"]
    usable = [place for place in places if _may_be_written(place)]
    if usable:
        yield Finding("compiled functions", "ok", f"they are kept under {usable[0]}.")
    else:
        remedy = "Set NUMBA_CACHE_DIR to a folder that the user of the service may write to."
        found = f"they cannot be kept in {' or '.join(map(str, places))}: each start compiles them again."
        yield Finding("compiled functions", "warning", found, remedy)


def _may_be_written(folder: Path) -> bool:
    """Whether a folder can be written to, or made."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _some(names: list[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
