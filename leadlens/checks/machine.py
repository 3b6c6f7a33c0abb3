"""The machine: processor cores, open files, and the clock."""

from __future__ import annotations

import os
import resource
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from features.counted import counted
from features.processors import usable_processors
from leadlens.checks.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadlens.checks.finding import Installation

FEW_FILES = 4_096
"""Each connection is an open file, and so is each of the store's."""

AHEAD_SECONDS = 60


def cores(at: Installation) -> Iterator[Finding]:
    """Whether there are cores for the processes that answer."""
    here = usable_processors()
    wanted = at.settings.workers
    found = f"{here}, for {counted(wanted, 'process', 'processes')} to answer."
    if wanted <= here:
        yield Finding("cores", "ok", found)
    else:
        yield Finding("cores", "warning", found, f"Set workers to {here}: more take turns and answer later.")


def open_files(_at: Installation) -> Iterator[Finding]:
    """Whether a process may open enough files."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= FEW_FILES:
        yield Finding("open files", "ok", f"{soft} a process.")
    else:
        remedy = "Raise it: LimitNOFILE=65536 in the unit, or ulimit -n 65536."
        yield Finding(
            "open files", "warning", f"{soft} a process, of which each connection takes one.", remedy
        )


def clock(at: Installation) -> Iterator[Finding]:
    """Whether the clock is behind what has been written already."""
    said = datetime.fromtimestamp(at.now / 1e6, UTC).isoformat(timespec="seconds")
    newest = max((path.stat().st_mtime for path in _files(at)), default=0.0)
    ahead = newest - at.now / 1e6
    if ahead <= AHEAD_SECONDS:
        yield Finding("clock", "ok", f"it says {said}.")
    else:
        remedy = "Set it right (timedatectl): as_of, the ends of keys and the ledger go by it."
        found = f"it says {said}, and a file of the home was written {ahead:,.0f} seconds later."
        yield Finding("clock", "failed", found, remedy)


def _files(at: Installation) -> list[os.DirEntry[str]]:
    try:
        return [entry for entry in os.scandir(at.home) if entry.is_file(follow_symlinks=False)]
    except OSError:
        return []
