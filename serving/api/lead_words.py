"""How a stored lead is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serving.scoring.answers import rfc_3339

if TYPE_CHECKING:
    from serving.store.identity import StoredLead


def lead_document(lead: StoredLead) -> dict[str, Any]:
    """Return a lead as the members of an answer; what was never scored has null for its score."""
    return {
        "lead_id": lead.lead_id,
        "aliases": list(lead.aliases),
        "created_at": moment_or_none(lead.created_at),
        "arrived_at": rfc_3339(lead.arrived_at),
        "updated_at": rfc_3339(lead.touched_at),
        "standing": lead.standing,
        "columns": lead.cells,
        "score": lead.score,
        "probability": lead.probability,
        "grade": lead.grade,
        "action": lead.action,
        "scored_at": moment_or_none(lead.scored_at),
    }


def moment_or_none(moment: int | None) -> str | None:
    """Return a moment as RFC 3339, or None."""
    return None if moment is None else rfc_3339(moment)
