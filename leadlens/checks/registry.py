"""The registry: whether it answers, and whether its champion is the one that serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadlens.checks.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadlens.checks.finding import Installation


def alias(at: Installation) -> Iterator[Finding]:
    """Whether the champion of the registry is the copy of the home. With `offline` nobody asks."""
    if at.offline:
        yield Finding("registry", "ok", "it was not asked (--offline).")
        return
    from features.errors import InputError
    from models.champion import pointed_to
    from models.registry import CHAMPION, home_registry

    try:
        champion = home_registry(at.home, at.environment).aliased(CHAMPION)
    except InputError as problem:
        found = f"{problem}".replace("\n", " ")
        yield Finding(
            "registry", "warning", found, "Scores go on from the local copy; promotions wait for it."
        )
        return
    told, here = (None if champion is None else champion.version), pointed_to(at.home)
    if told == here:
        said = (
            "it has no champion, and none serves."
            if told is None
            else f"its champion, version {told}, serves."
        )
        yield Finding("registry", "ok", said)
    else:
        found = f"its champion is {_version(told)}, and {_version(here)} serves."
        remedy = "A running server follows by itself; else: leadlens promote"
        yield Finding("registry", "warning", found, f"{remedy} {told or here}")


def _version(number: int | None) -> str:
    return "none" if number is None else f"version {number}"
