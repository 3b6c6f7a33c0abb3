"""A simulation on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decisions.simulation import Simulation

LEAST_WIDTH = 120
"""Characters of a line that the table needs."""


def print_simulation(found: Simulation) -> None:
    """Print figures, who changes sides, the best thresholds, and what a reader has to know."""
    from rich.console import Console
    from rich.table import Table

    from decisions.simulation.report import figure_rows, said_of_best, said_of_sides, what_was_replayed

    console = Console(highlight=False, soft_wrap=True)
    console.width = max(console.width, LEAST_WIDTH)
    console.print(what_was_replayed(found), markup=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for title in (f"present: {found.present.name}", f"other: {found.other.name}", "difference"):
        table.add_column(title, overflow="fold")
    for row in figure_rows(found):
        table.add_row(*row)
    console.print(table)
    console.print("(in brackets: 95 % intervals, by resampling leads; differences are paired)", markup=False)
    console.print(said_of_sides(found), markup=False)
    for curve in found.curves:
        console.print(said_of_best(curve), markup=False)
    for caution in found.cautions:
        console.print(f"note: {caution}", markup=False)
