"""Columns that stand in no file: how a lead came, and how much of it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.columns.learned import Column
from features.columns.names import SOURCE_ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SOURCE = "lead.source"
COMPLETENESS = "lead.completeness"


def derived_columns(columns: Sequence[Column], names: Iterable[str]) -> tuple[Column, ...]:
    """Return the columns that are derived from a company's own.

    `columns`: those that become features; `names`: every column of the leads, those too that teach nothing
    by themselves (a referrer that is different for each lead tells the source all the same). The source is
    derived where a column speaks of it, the completeness where at least two columns belong to fit.
    """
    taken = set(names)
    derived = []
    told = tuple((role, name) for name in names if (role := source_role(name)) is not None)
    if told:
        derived.append(Column(name=_free(SOURCE, taken), kind="source", family="context", reads=told))
    fit = tuple(("fit", column.name) for column in columns if column.family == "fit")
    if len(fit) > 1:
        derived.append(Column(name=_free(COMPLETENESS, taken), kind="completeness", family="fit", reads=fit))
    return tuple(derived)


def source_role(name: str) -> str | None:
    """Return the part that a column plays in telling how a lead came, by its name.

    >>> source_role("utm_medium"), source_role("Lead Source"), source_role("Industry")
    ('utm_medium', 'channel', None)
    """
    return next((role for role, pattern in SOURCE_ROLES if pattern.search(name)), None)


def _free(name: str, taken: set[str]) -> str:
    """Return a name that no column of the company bears."""
    while name in taken:
        name = f"{name} (derived)"
    return name
