"""Scores that were given to stored leads: put into their rows, and into the ledger by its rule."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa

from features.durations import DAY_US
from serving.history.identity import locked
from serving.history.last_score import LAST_SCORE_COLUMNS, NO_SCORE, LastScore
from serving.ledger.chain import Record, append
from serving.store.dialects import in_batches
from serving.store.schema import LEADS, LEDGER_PAYLOADS, expanded
from serving.wire.encoding import to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Row

    from features.lead_standing import Standing
    from models.score import Score

RECORD_EVERY_US = DAY_US
"""After so long an unchanged score is recorded again, when it is asked for or made anew."""

_ANSWERS = sa.select(LEDGER_PAYLOADS.c.id, sa.type_coerce(LEDGER_PAYLOADS.c.answer, sa.LargeBinary))
_IS_HERE = (LEADS.c.arrived_at, LEADS.c.deleted_at, LEADS.c.merged_into)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenScore:
    """A score of an open lead. `answer` is the whole answer, with all reasons; `last` what stood before.

    `facts`: what the policy knew, as JSON. `as_of` is the lead's moment in microseconds UTC, `scored_by` the
    model and policy, as `leads` names them.
    """

    number: int
    last: LastScore
    score: Score
    answer: dict[str, Any]
    scored_by: str
    model_sha256: str | None
    policy_sha256: str
    facts: str | None = None

    @property
    def action(self) -> str:
        """What the policy advises."""
        return str(self.answer["advice"]["action"])


def keep_scores(
    connection: Connection, given: Sequence[GivenScore], now: int, *, unchanged_too: bool
) -> dict[int, str]:
    """Put scores into the rows of their leads, record those that are due, and return the records by lead.

    A lead that got a newer score meanwhile, another standing, or is gone, is left as it is. With
    `unchanged_too` the rows show the moment of a score that is not recorded as well.
    """
    rows = _rows(connection, [one.number for one in given])
    kept = [one for one in given if _still_holds(rows.get(one.number), one.last, one.score.as_of)]
    last = {one.number: LastScore.of(rows[one.number]) for one in kept}
    due = due_records(connection, [(one, last[one.number]) for one in kept], now)
    ids = append(connection, [_record(one) for one in due], now)
    recorded = dict(zip((one.number for one in due), ids, strict=True))
    changed = [one for one in kept if unchanged_too or one.number in recorded]
    new = {one.number: _with_score(one, recorded.get(one.number), last[one.number], now) for one in changed}
    _update(connection, rows, new, now)
    return recorded


def clear_scores(
    connection: Connection, cleared: Iterable[tuple[int, LastScore, Standing, int]], now: int
) -> None:
    """Take the score from leads that have none now; each with what stood before, its standing, its moment."""
    wanted = {number: (last, standing, as_of) for number, last, standing, as_of in cleared}
    rows = _rows(connection, wanted)
    new = {}
    for number, (last, standing, as_of) in wanted.items():
        row = rows.get(number)
        if row is not None and _still_holds(row, last, as_of):
            held = LastScore.of(row)
            without = replace(held, standing=standing, **NO_SCORE)
            if without != held:
                new[number] = without
    _update(connection, rows, new, now)


def due_records(
    connection: Connection, given: Sequence[tuple[GivenScore, LastScore]], now: int
) -> list[GivenScore]:
    """Return the scores that are to be recorded, each given with what stood before.

    That is where score, grade, decision, model or policy are others than in the newest record, where there is
    none, or where it is a day old.
    """
    alike = {
        one.number: last.record_id
        for one, last in given
        if last.record_id is not None and not _is_plainly_due(one, last, now)
    }
    decisions = _decisions(connection, [record_id for record_id in alike.values() if record_id is not None])
    return [
        one
        for one, _ in given
        if one.number not in alike or decisions.get(alike[one.number]) != one.answer["advice"]
    ]


def _is_plainly_due(one: GivenScore, last: LastScore, now: int) -> bool:
    was = (last.score, last.grade, last.action, last.scored_by)
    if was != (one.score.score, one.score.grade, one.action, one.scored_by):
        return True
    return last.recorded_at is None or now - last.recorded_at >= RECORD_EVERY_US


def _decisions(connection: Connection, record_ids: Iterable[str]) -> dict[str | None, Any]:
    found: dict[str | None, Any] = {}
    for batch in in_batches(record_ids):
        for record_id, answer in connection.execute(_ANSWERS.where(LEDGER_PAYLOADS.c.id.in_(batch))):
            with suppress(ValueError, KeyError, TypeError):  # a damaged record is for the check to tell
                found[record_id] = json.loads(expanded(answer))["advice"]
    return found


def _rows(connection: Connection, numbers: Iterable[int]) -> Mapping[int, Row[Any]]:
    return locked(connection, numbers, *_IS_HERE, LEADS.c.touched_at, *LAST_SCORE_COLUMNS)


def _still_holds(row: Row[Any] | None, last: LastScore, as_of: int) -> bool:
    """Return whether nothing has overtaken what was found out about the lead as it stood before."""
    if row is None or row.arrived_at is None or row.deleted_at is not None or row.merged_into is not None:
        return False
    return row.standing == last.standing and (row.scored_at is None or row.scored_at <= as_of)


def _record(one: GivenScore) -> Record:
    score = one.score
    none = np.zeros(0)
    return Record(
        lead=one.number,
        as_of=score.as_of,
        model_name=score.model_name,
        model_version=score.model_version,
        model_sha256=one.model_sha256,
        policy_sha256=one.policy_sha256,
        answer=to_json(one.answer).decode(),
        vector=none if score.vector is None else score.vector,
        contributions=none if score.contributions is None else score.contributions,
        margin=score.margin,
        expected_margin=score.expected_margin,
        facts=one.facts,
    )


def _with_score(one: GivenScore, record_id: str | None, last: LastScore, now: int) -> LastScore:
    return LastScore(
        standing="open",
        score=one.score.score,
        probability=one.score.probability,
        grade=one.score.grade,
        rung=one.score.rung,
        action=one.action,
        scored_at=one.score.as_of,
        scored_by=one.scored_by,
        record_id=last.record_id if record_id is None else record_id,
        recorded_at=last.recorded_at if record_id is None else now,
    )


def _update(
    connection: Connection, rows: Mapping[int, Row[Any]], new: Mapping[int, LastScore], now: int
) -> None:
    """Write scores over those of `rows`. What shows the same as before counts as untouched."""
    if not new:
        return
    columns = (LEADS.c.touched_at, *LAST_SCORE_COLUMNS)
    placed: dict[str, Any] = {column.name: sa.bindparam(f"new_{column.name}") for column in columns}
    values = []
    for number, score in new.items():
        held = rows[number].touched_at
        is_same = score.shown == LastScore.of(rows[number]).shown
        written = {"touched_at": held if is_same else max(held, now)} | asdict(score)
        values.append({"of": number} | {f"new_{name}": value for name, value in written.items()})
    connection.execute(sa.update(LEADS).where(LEADS.c.number == sa.bindparam("of")).values(placed), values)
