"""What sales answered to the leads that it was given, as far as it tells of their scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from decisions.simulation.proposal import Answer
from serving.store.schema_selling import FEEDBACK

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST_ANSWERS = 20_000
"""The newest so many are asked; what was answered long ago is of other times."""


def answers_of_sales(connection: Connection, since: int | None = None) -> list[Answer]:
    """Return the newest answer to each lead, accepted or returned, with its score then.

    `since`: not those of before, microseconds UTC. Leads without a score are left out.
    """
    asked = sa.select(FEEDBACK.c.lead, FEEDBACK.c.kind, FEEDBACK.c.reason, FEEDBACK.c.content)
    asked = asked.where(FEEDBACK.c.kind.in_(("accepted", "rejected")))
    if since is not None:
        asked = asked.where(FEEDBACK.c.at >= since)
    newest = asked.order_by(FEEDBACK.c.at.desc(), FEEDBACK.c.id.desc()).limit(MOST_ANSWERS)
    seen: set[int] = set()
    found = []
    for row in connection.execute(newest):
        score = row.content.get("score")
        if row.lead not in seen and score is not None:
            found.append(Answer(int(score), row.reason if row.kind == "rejected" else None))
        seen.add(row.lead)
    return found
