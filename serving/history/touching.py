"""When what is shown of a lead was last something else: what those who follow all leads go by.

It moves with a lead's cells, creation, ids, standing, score, probability, grade or action; not with an event
alone, nor with a score that was made again and is the same.
"""

from __future__ import annotations

import sqlalchemy as sa

from serving.store.schema import LEADS


def touched(now: int) -> sa.ColumnElement[int]:
    """Return `touched_at` of a lead that changes `now` (microseconds UTC): never before its old one."""
    return sa.case((LEADS.c.touched_at < now, now), else_=LEADS.c.touched_at)
