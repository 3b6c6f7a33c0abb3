"""The champion's copy in the home: whole, loadable, and able to score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadlens.checks.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadlens.checks.finding import Installation

_AGAIN = "Copy a version from the registry again: leadlens promote VERSION"


def copy(at: Installation) -> Iterator[Finding]:
    """Whether the copy has its checksums, loads, and scores the lead that it is warmed up with."""
    from models.champion import load_champion
    from models.errors import ArtifactError

    try:
        scorer = load_champion(at.home)
    except ArtifactError as problem:
        yield Finding("champion", "failed", f"{problem}.", _AGAIN)
        return
    if scorer is None:
        found = "no version was promoted; the scorecard that comes with LeadLens serves."
        yield Finding("champion", "warning", found, "leadlens train, then leadlens promote")
    else:
        yield Finding("champion", "ok", f"version {scorer.version} is whole, loads and scores.")
