"""What happens to a lead, kind by kind: what is told of it, and where it lies in the order of time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from serving.store.schema import CHANGES, EVENTS, LEADS, LEDGER_HEADERS, LEDGER_PAYLOADS, OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Connection

REASONS_TOLD = 3
"""So many reasons of a recorded score are told, the largest."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A score that was recorded at `at`, for the moment `as_of`; `reasons` are the texts of the largest.

    `lead_id`, here and of changes: the lead it was of, where that was merged into this one since.
    """

    at: int
    lead_id: str | None
    record_id: str
    as_of: int
    score: int
    probability: float | None
    grade: str
    rung: str
    action: str
    model_name: str
    model_version: int | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Absorbed:
    """Another lead, `lead_id`, was merged into this one."""

    at: int
    lead_id: str


@dataclass(frozen=True, slots=True)
class Ended:
    """An outcome. `ended_at`: since when it no longer stands, None where it does."""

    at: int
    outcome: str
    outcome_id: str | None
    value: float | None
    known_at: int
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class Acted:
    """An event: an act of the lead, or a touch by us."""

    at: int
    type: str
    event_id: str | None
    value: float | None
    properties: dict[str, Any] | None
    known_at: int


@dataclass(frozen=True, slots=True)
class Changed:
    """Fit columns that changed in one moment, and what they became; None is 'not known'."""

    at: int
    lead_id: str | None
    values: dict[str, Any]


Happening = Scored | Absorbed | Ended | Acted | Changed

Owners = dict[int, str | None]
"""By number: None for the lead itself, and for each lead that was merged into it its id."""

Place = tuple[int, int | str]
"""When something happened, and what tells it from others of its kind at that moment."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How things of one kind are found by the numbers of leads, and read by their places.

    `repeats`: several rows have one place, and are told as one.
    """

    name: str
    at: ColumnElement[int]
    ident: ColumnElement[Any]
    lead: ColumnElement[int]
    tables: sa.FromClause
    read: Callable[[Connection, Owners, Sequence[Place]], dict[Place, Happening]]
    repeats: bool = False


def _scored(connection: Connection, owners: Owners, places: Sequence[Place]) -> dict[Place, Happening]:
    header, payload = LEDGER_HEADERS.c, LEDGER_PAYLOADS.c
    told = sa.select(LEDGER_HEADERS, payload.lead, payload.answer).select_from(_RECORDS)
    return {
        (row.recorded_at, row.id): _score(owners[row.lead], row)
        for row in connection.execute(told.where(header.id.in_(_idents(places))))
    }


def _score(lead_id: str | None, row: sa.Row[Any]) -> Scored:
    said = json.loads(row.answer)
    texts = [reason["text"] for reason in said["reasons"] if reason["family"] is not None]
    return Scored(
        at=row.recorded_at,
        lead_id=lead_id,
        record_id=row.id,
        as_of=row.as_of,
        score=said["score"],
        probability=said["probability"],
        grade=said["grade"],
        rung=said["rung"],
        action=said["advice"]["action"],
        model_name=row.model_name,
        model_version=row.model_version,
        reasons=tuple(texts[:REASONS_TOLD]),
    )


def _absorbed(connection: Connection, owners: Owners, places: Sequence[Place]) -> dict[Place, Happening]:
    leads = sa.select(LEADS.c.merged_at, LEADS.c.number, LEADS.c.lead_id)
    rows = connection.execute(leads.where(LEADS.c.number.in_(_idents(places))))
    return {(at, number): Absorbed(at, lead_id) for at, number, lead_id in rows if number in owners}


def _ended(connection: Connection, _owners: Owners, places: Sequence[Place]) -> dict[Place, Happening]:
    rows = connection.execute(OUTCOMES.select().where(OUTCOMES.c.number.in_(_idents(places))))
    return {
        (row.occurred_at, row.number): Ended(
            row.occurred_at, row.outcome, row.outcome_id, row.value, row.known_at, row.ended_at
        )
        for row in rows
    }


def _acted(connection: Connection, _owners: Owners, places: Sequence[Place]) -> dict[Place, Happening]:
    rows = connection.execute(EVENTS.select().where(EVENTS.c.number.in_(_idents(places))))
    return {
        (row.occurred_at, row.number): Acted(
            row.occurred_at, row.type, row.event_id, row.value, row.properties, row.known_at
        )
        for row in rows
    }


def _changed(connection: Connection, owners: Owners, places: Sequence[Place]) -> dict[Place, Happening]:
    change = CHANGES.c
    became: dict[Place, dict[str, Any]] = {place: {} for place in places}
    within = change.lead.in_(_idents(places)), change.changed_at.in_({at for at, _ in places})
    rows = sa.select(change.changed_at, change.lead, change.column, change.value).where(*within)
    for at, lead, column, value in connection.execute(rows.order_by(change.number)):
        if (at, lead) in became:
            became[at, lead][column] = value
    return {place: Changed(place[0], owners[int(place[1])], values) for place, values in became.items()}


def _idents(places: Sequence[Place]) -> set[int | str]:
    return {ident for _, ident in places}


_RECORDS = LEDGER_PAYLOADS.join(LEDGER_HEADERS, LEDGER_HEADERS.c.id == LEDGER_PAYLOADS.c.id)

KINDS = (
    Kind(
        "score", LEDGER_HEADERS.c.recorded_at, LEDGER_HEADERS.c.id, LEDGER_PAYLOADS.c.lead, _RECORDS, _scored
    ),
    Kind("merge", LEADS.c.merged_at, LEADS.c.number, LEADS.c.merged_into, LEADS, _absorbed),
    Kind("outcome", OUTCOMES.c.occurred_at, OUTCOMES.c.number, OUTCOMES.c.lead, OUTCOMES, _ended),
    Kind("event", EVENTS.c.occurred_at, EVENTS.c.number, EVENTS.c.lead, EVENTS, _acted),
    Kind("change", CHANGES.c.changed_at, CHANGES.c.lead, CHANGES.c.lead, CHANGES, _changed, repeats=True),
)
"""Every kind, in the order in which what is of one moment is told: the last to come first."""
