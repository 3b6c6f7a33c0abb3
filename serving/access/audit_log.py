"""The log of administrative acts: who did what, and about what, appended to and never changed.

It names no person. An act is about keys, versions, policies and counts; who deletes, merges or exports leads
writes how many, or their numbers in the store, never an id that a company gave them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serving.store.schema import AUDIT_LOG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

COMMAND_LINE = "command line"
"""The actor where no key acted: whoever may read the home."""

SERVICE = "service"
"""The actor of what the service does by itself, its worker included."""

_ABOUT_LIMIT = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One administrative act. `at` in microseconds UTC; `actor` is the id of a key, or says who else."""

    number: int
    at: int
    actor: str
    act: str
    about: Mapping[str, Any]


def note_act(connection: Connection, now: int, actor: str, act: str, **about: Any) -> None:
    """Append an act, in the transaction of the act itself: both are kept, or neither is.

    `now` in microseconds UTC. `act` is a verb in the past tense with its object, such as 'key revoked'.
    `about` holds JSON values, short ones, and nothing of a person. Raises ValueError where too long.
    """
    if len(actor) > 40 or len(act) > 40 or len(json.dumps(about)) > _ABOUT_LIMIT:
        raise ValueError(f"the act '{act[:40]}' has too much to say for the audit log")
    connection.execute(AUDIT_LOG.insert().values(at=now, actor=actor, act=act, about=about))


def acts_page(connection: Connection, before: int | None = None, limit: int = 100) -> list[Act]:
    """Return at most `limit` acts, the newest first; only those whose number is below `before`, if given."""
    rows = AUDIT_LOG.select().order_by(AUDIT_LOG.c.number.desc()).limit(limit)
    if before is not None:
        rows = rows.where(AUDIT_LOG.c.number < before)
    return [
        Act(number=row.number, at=row.at, actor=row.actor, act=row.act, about=row.about)
        for row in connection.execute(rows)
    ]
