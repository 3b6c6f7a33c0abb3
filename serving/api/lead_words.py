"""How a stored lead is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serving.wire.encoding import rfc_3339, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serving.history.identity import StoredLead


def lead_document(lead: StoredLead) -> dict[str, Any]:
    """Return a lead as the members of an answer; what was never scored has null for its score."""
    return {
        "lead_id": lead.lead_id,
        "aliases": list(lead.aliases),
        "created_at": moment_or_none(lead.created_at),
        "arrived_at": rfc_3339(lead.arrived_at),
        "updated_at": rfc_3339(lead.touched_at),
        "standing": lead.last.standing,
        "columns": lead.cells,
        "cells": cell_documents(lead.cells),
        "score": lead.last.score,
        "probability": lead.last.probability,
        "grade": lead.last.grade,
        "rung": lead.last.rung,
        "action": lead.last.action,
        "scored_at": moment_or_none(lead.last.scored_at),
    }


def cell_documents(cells: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return cells as a list, with their values as text: of any column the same type."""
    return [{"column": name, "text": cell_text(cell)} for name, cell in cells.items()]


def cell_text(cell: Any) -> str | None:
    """Return a cell as text: as it is, or as its JSON; None where it is not known.

    >>> cell_text("181"), cell_text(181), cell_text(True), cell_text(["a", "b"])
    ('181', '181', 'true', '["a","b"]')
    """
    return cell if cell is None or isinstance(cell, str) else to_json(cell).decode()


def moment_or_none(moment: int | None) -> str | None:
    """Return a moment as RFC 3339, or None."""
    return None if moment is None else rfc_3339(moment)
