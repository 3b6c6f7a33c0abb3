"""What was answered to the four questions that qualify a prospect, by whom and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from serving.history.stale import mark_stale
from serving.store.schema_selling import BANT_ANSWERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from decisions.policy.attributes import Question

YesNo = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BantAnswer:
    """One answer. Times are microseconds UTC: when it was given, and when the store heard of it."""

    question: Question
    answer: YesNo
    answered_at: int
    known_at: int
    author: str
    note: str | None


def keep_answers(
    connection: Connection,
    lead: int,
    answers: Mapping[Question, YesNo],
    answered_at: int,
    now: int,
    *,
    author: str,
    note: str | None = None,
) -> None:
    """Keep what was answered about a lead, and have it decided on again. The newest answer stands.

    'unknown' takes back what was said before: the question is asked anew, and nothing counts as no.
    """
    rows = [
        {
            "lead": lead,
            "question": question,
            "answer": answer,
            "answered_at": answered_at,
            "known_at": now,
            "author": author,
            "note": note,
        }
        for question, answer in answers.items()
    ]
    if rows:
        connection.execute(BANT_ANSWERS.insert(), rows)
        mark_stale(connection, [lead], now)


def answers_given(connection: Connection, lead: int) -> list[BantAnswer]:
    """Return all answers about a lead, the newest first: the first to each question stands."""
    columns = [BANT_ANSWERS.c[name] for name in BantAnswer.__dataclass_fields__]
    query = sa.select(*columns).where(BANT_ANSWERS.c.lead == lead)
    newest = query.order_by(BANT_ANSWERS.c.answered_at.desc(), BANT_ANSWERS.c.number.desc())
    return [BantAnswer(**row._asdict()) for row in connection.execute(newest)]
