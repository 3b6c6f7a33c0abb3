"""Sections of a page that stand beside what the page is for."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger("leadlens.pages")


def unless_it_fails(title: str, made: Callable[P, T], *values: P.args, **more: P.kwargs) -> T | None:
    """Return what a section shows, or None where that cannot be made: the log says why, and names no lead.

    A score is worth showing without what is told beside it.
    """
    try:
        return made(*values, **more)
    except Exception as problem:  # noqa: BLE001 - whatever it is, the rest of the page holds
        _log.error("The section '%s' of a page cannot be shown: %s", title, type(problem).__name__)
        return None
