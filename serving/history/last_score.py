"""The newest score of a stored lead, as the columns of its row hold it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from serving.store.schema import LEADS

if TYPE_CHECKING:
    from sqlalchemy import Row

    from features.lead_standing import Standing
    from models.score import Rung


@dataclass(frozen=True, slots=True, kw_only=True)
class LastScore:
    """Columns of `leads` from `standing` on; see the schema. Times are microseconds UTC."""

    standing: Standing
    score: int | None
    probability: float | None
    grade: str | None
    rung: Rung | None
    action: str | None
    scored_at: int | None
    scored_by: str | None
    record_id: str | None
    recorded_at: int | None

    @property
    def shown(self) -> tuple[object, ...]:
        """What a lead's document tells of it, but for when it was made."""
        return self.standing, self.score, self.probability, self.grade, self.rung, self.action

    @classmethod
    def of(cls, row: Row[Any]) -> LastScore:
        """Return what a row of `leads`, or of a query with LAST_SCORE_COLUMNS, says."""
        return cls(**{column.name: row._mapping[column.name] for column in LAST_SCORE_COLUMNS})  # noqa: SLF001 - public, in spite of its name


NO_SCORE = dict.fromkeys(("score", "probability", "grade", "rung", "action", "scored_at", "scored_by"))
"""The columns of a lead that has no score now, such as one that is won. Its newest record stays named."""

LAST_SCORE_COLUMNS = tuple(LEADS.c[field.name] for field in fields(LastScore))
