"""Leads, page by page: filtered, in an order, each once however many others come in meanwhile."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, cast

import sqlalchemy as sa

from serving.history.identity import IS_SHOWN, STORED_LEAD_COLUMNS, StoredLead
from serving.history.walks import Span, Walk
from serving.store.paging import DEFAULT_LIMIT, check_limit, read_cursor, write_cursor
from serving.store.schema import ALIASES, LEADS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from features.lead_standing import Standing
    from serving.history.walks import Place

Order = Literal["created", "updated", "score"]

_KEYS = {"created": LEADS.c.created_at, "updated": LEADS.c.touched_at, "score": LEADS.c.score}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadQuery:
    """Which leads, in which order, how many, and after which.

    `created`: the newest first, those without a moment of creation last. `score`: the best first, those
    without a score last. `updated`: the longest unchanged first, so that a lead that changes while the pages
    are read comes again at the end, and who asks for all since he last asked misses none. Of equal ones the
    newest arrival comes first, in `updated` last.

    `score_from` to `updated_since` are inclusive; times are microseconds UTC. A lead must fit all that is
    asked, and have one of `grades`. `cursor`: the `next` of the page before.
    """

    order: Order = "created"
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    standing: Standing | None = None
    score_from: int | None = None
    score_to: int | None = None
    grades: tuple[str, ...] = ()
    action: str | None = None
    created_from: int | None = None
    created_to: int | None = None
    updated_since: int | None = None


@dataclass(frozen=True, slots=True)
class LeadPage:
    """Some leads in order, and the cursor of what comes after them; None where nothing does."""

    leads: tuple[StoredLead, ...]
    next: str | None


def list_leads(connection: Connection, query: LeadQuery) -> LeadPage:
    """Return a page of the shown leads.

    Through all pages every lead that was there all the time, in the same place of the order, comes exactly
    once. Raises InputError where the limit is out of range, or the cursor is damaged or another question's.
    """
    check_limit(query.limit)
    asked = asked_of(query)
    after = (
        None
        if query.cursor is None
        else cast("Place", read_cursor(query.cursor, asked, ((int, NoneType), int)))
    )
    places = walk_of(query).places(connection, after, query.limit + 1)
    shown = places[: query.limit]
    following = write_cursor(asked, shown[-1]) if len(places) > query.limit else None
    return LeadPage(tuple(_read(connection, shown)), following)


def asked_of(query: LeadQuery) -> list[Any]:
    """Return what a cursor belongs to: the order and the filters."""
    filters = {**asdict(query), "grades": sorted(set(query.grades))}
    return [value for name, value in filters.items() if name not in {"limit", "cursor"}]


def walk_of(query: LeadQuery) -> Walk:
    """Return the way along all leads that a query asks for."""
    among = {LEADS.c.standing: query.standing, LEADS.c.action: query.action}
    return Walk(
        key=_KEYS[query.order],
        descending=query.order != "updated",
        spans=(
            Span(LEADS.c.created_at, query.created_from, query.created_to),
            Span(LEADS.c.touched_at, query.updated_since),
            Span(LEADS.c.score, query.score_from, query.score_to),
        ),
        among=(
            *((column, (value,)) for column, value in among.items() if value is not None),
            *([(LEADS.c.grade, query.grades)] if query.grades else []),
        ),
    )


def _read(connection: Connection, places: list[Place]) -> list[StoredLead]:
    """Read the leads of these places, in this order; one that was deleted in between is left out."""
    numbers = [number for _, number in places]
    if not numbers:
        return []
    query = sa.select(*STORED_LEAD_COLUMNS).where(LEADS.c.number.in_(numbers), IS_SHOWN)
    rows = connection.execute(query).all()
    ids = _ids(connection, numbers)
    leads = {row.number: StoredLead.of(row, ids.get(row.number, ())) for row in rows}
    return [leads[number] for number in numbers if number in leads]


def _ids(connection: Connection, numbers: list[int]) -> dict[int, set[str]]:
    ids: dict[int, set[str]] = {}
    called = sa.select(ALIASES.c.lead, ALIASES.c.lead_id).where(ALIASES.c.lead.in_(numbers))
    for number, lead_id in connection.execute(called):
        ids.setdefault(number, set()).add(lead_id)
    return ids
