"""Names in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from decisions.routing.rep import Rep

SHOWN = 4


def listed(reps: Sequence[Rep]) -> str:
    """Return the names of the first SHOWN reps, and how many more there are.

    >>> from decisions.routing.rep import Rep
    >>> listed([Rep(rep_id=name, name=name) for name in ("Ana", "Ben", "Cy")])
    'Ana, Ben and Cy'
    """
    names = [rep.name for rep in reps[:SHOWN]]
    if len(reps) > SHOWN:
        return f"{', '.join(names)} and {len(reps) - SHOWN} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
