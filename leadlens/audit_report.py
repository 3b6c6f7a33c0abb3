"""What an audit found: as a table for people, and as lines beside a training."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from training.auditing.audit import Audit, AuditedColumn

WIDTH = 110
"""How wide a table is where no terminal says how wide it is."""


def print_audit(audit: Audit) -> None:
    """Print leaks and suspects as a table, the rest as a list, and the notes, to standard output."""
    from rich.console import Console
    from rich.table import Table

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    fresh = f", compared with {audit.fresh:,} fresh ones" if audit.fresh else ""
    console.print(f"{audit.leads:,} leads, {audit.conversions:,} of which convert{fresh}")
    found = (*audit.named("leak"), *audit.named("suspect"))
    if found:
        table = Table("verdict", "column", "AUC alone", "AUC lost without", "evidence")
        for column in found:
            table.add_row(*_row(column))
        console.print(table, markup=False)
    names = ", ".join(column.name for column in audit.named("clear"))
    console.print(f"clear: {names or 'none'}", markup=False)
    for note in audit.notes:
        console.print(f"note: {note}", markup=False)
    console.print(
        "leak: left out by train, unless --keep COLUMN. suspect: kept; look at it. See docs/audit.md"
    )


def verdict_lines(audit: Audit, kept: tuple[str, ...]) -> Iterator[str]:
    """Say each leak that is left out or kept, and each suspect, with the strongest evidence."""
    for column in audit.named("leak"):
        why = "; ".join(column.evidence[:2])
        if column.name in kept:
            yield f"LEAK, KEPT as you asked (--keep): {column.name}: {why}"
        else:
            yield f"LEAK, LEFT OUT: {column.name}: {why}"
    if set(kept) != {column.name for column in audit.named("leak")}:
        yield "  Such columns know the answer. If one was there when the lead came, keep it: --keep COLUMN"
    for column in audit.named("suspect"):
        lost = column.auc_lost_without
        weight = "" if lost is None else f" (without it the AUC falls by {lost:.3f})"
        yield f"suspect, kept: {column.name}{weight}: {'; '.join(column.evidence[:2])}"


def _row(column: AuditedColumn) -> tuple[Text, ...]:
    from rich.text import Text

    figures = (column.auc_alone, column.auc_lost_without)
    said = tuple("" if figure is None else f"{figure:.3f}" for figure in figures)
    # A name or a value may look like markup: shown as it is.
    cells = (column.verdict, column.name, *said, "\n".join(column.evidence))
    return tuple(Text(cell) for cell in cells)
