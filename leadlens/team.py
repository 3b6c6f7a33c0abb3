"""What a command knows of the sales team: recorded responses, what the policy demands, and who gets what."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from decisions.simulation import Sales


def team_of(home: Path, capacity: float | None) -> Sales:
    """Return what the store of a home tells of the team, where there is one."""
    from decisions.simulation import Sales
    from decisions.simulation.responses import demanded
    from leadlens.policies_here import has_store
    from leadlens.stored import open_home
    from serving.selling.said.known_of_sales import known_of_sales

    if not has_store(home):
        return Sales(allowed=demanded, capacity=capacity)
    with open_home(home) as store, store.reading() as connection:
        return replace(known_of_sales(connection), capacity=capacity)
