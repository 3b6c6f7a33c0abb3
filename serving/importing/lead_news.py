"""What a file says anew of a lead that is there, and what is remembered of it for the file that comes next.

News is what differs from the last import, not from what stands: the same file again takes nothing back that
came by other ways since, and a newer one may go back to what an older one said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serving.history.leads import LeadSent
from serving.store.database import to_json_text

if TYPE_CHECKING:
    from sqlalchemy import Row

    from serving.importing.plain_cells import Plain

READ = ("created_at", "deleted_at", "cells", "undated", "imported", "imported_created_at")
"""The columns of `leads` that a lead which is there is held against."""

MEMORY = ("imported", "imported_created_at")
"""Those of them that remember what the last import brought."""


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A lead as a file has it. `shape` are the columns that its file has, in order."""

    lead_id: str
    created_at: int | None
    cells: dict[str, Plain]
    shape: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class News:
    """What a file says of a lead that is there: `sent`, if anything is new, and what is to be remembered.

    `memory` are values by MEMORY; None where they are what the store remembers already.
    """

    sent: LeadSent | None
    memory: dict[str, Any] | None


def news_of(held: Row[Any], row: LeadRow) -> News:
    """Compare a row of a file with the lead that is there, a row of `leads` with at least READ.

    Where a lead came by other ways, what a file does not know of it is no news.
    """
    undated: dict[str, Any] = held.undated or {}
    imported: dict[str, Any] = held.imported or {}
    before = undated | imported
    told = {name: row.cells.get(name) for name in row.shape}
    told = {name: cell for name, cell in told.items() if not _is_same(cell, before.get(name))}
    is_redated = row.created_at not in {None, held.imported_created_at}
    memory = None
    if told or is_redated:
        kept = {n: cell for n, cell in (imported | told).items() if not _is_same(cell, undated.get(n))}
        created_at = row.created_at if is_redated else held.imported_created_at
        memory = dict(zip(MEMORY, (kept or None, created_at), strict=True))
    news = {name: cell for name, cell in told.items() if not _is_same(cell, held.cells.get(name))}
    created_at = row.created_at if is_redated and row.created_at != held.created_at else None
    is_new = news or created_at is not None or held.deleted_at is not None
    return News(LeadSent(row.lead_id, created_at, news) if is_new else None, memory)


def _is_same(one: Any, other: Any) -> bool:
    return to_json_text(one) == to_json_text(other)
