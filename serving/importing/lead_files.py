"""Leads of files into the store: new ones with all that the files know, others as if they were sent again."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from features.events import NO_TIME
from features.history import microseconds_of
from features.reading.lead_rows import leads_of
from features.reading.notes import Count, literal
from features.reading.raw_tables import nameless_note
from serving.history.identity import locked, numbers_of
from serving.history.leads import keep_leads
from serving.history.touching import touched
from serving.importing.lead_news import MEMORY, READ, LeadRow, news_of
from serving.importing.overlay import keep_contacts_in, overlay
from serving.importing.plain_cells import plain_column, plain_rows
from serving.importing.work import Kept, alone, batches
from serving.store.bulk import insert_rows
from serving.store.database import to_json_text
from serving.store.dialects import in_batches, insert_into
from serving.store.schema import ALIASES, LEADS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from features.cells import CellRules
    from features.mapping import Mapping
    from features.reading.raw_columns import ReadTable
    from features.reading.raw_tables import RawTable
    from serving.history.leads import LeadSent
    from serving.importing.lead_news import News
    from serving.importing.work import Work

RESERVED = frozenset({"lead_id", "created_at"})
"""Names that a lead's own fields have: an excluded column that is called so is not kept."""

NAMES_ALL = 1_000
"""One lead in so many names every column of its file, null where it has no value: so the store remembers
the order of the columns, and those that nobody has filled in."""


def import_leads(work: Work) -> None:
    """Keep the leads of the files. Of rows with one id the first counts.

    The cells of a new lead are undated. Of a lead that is there already those cells count as sent now that
    are neither what the last import brought nor what stands now: so the same file again changes nothing.
    """
    seen: set[str] = set()
    nameless: dict[str, bool] = {}
    said_of = ""
    for raw, read in work.parts(work.mapping.leads, _as_training_reads, (work.mapping.leads.id,)):
        for name, has_values in raw.nameless.items():
            nameless[name] = nameless.get(name, False) or has_values
        rows = _rows(raw, read, work.mapping)
        work.columns |= dict.fromkeys(own_columns(raw, work.mapping))
        first = [row for row in rows if not (row.lead_id in seen or seen.add(row.lead_id))]  # type: ignore[func-returns-value]  # adding is meant
        if len(first) < len(rows):
            said = f"{literal(raw.name)}: {{:,}} rows repeat a lead id; the first row counts"
            work.notes.append(Count(said, len(rows) - len(first)))
        for part in batches(len(first)):
            work.write(partial(_keep, rows=first[part], work=work))
            work.report(f"leads: {work.done.counts['leads new']:,} new")
        said_of = raw.name
    for name, has_values in nameless.items():
        work.notes.append(nameless_note(said_of, name, has_values=has_values))


def own_columns(raw: RawTable, mapping: Mapping) -> list[str]:
    """Return the columns of the file that become cells: all but id, creation, and how the lead ended."""
    leads, outcomes = mapping.leads, mapping.outcomes
    taken: set[Any] = {leads.id, leads.created_at} | RESERVED
    if outcomes is not None and outcomes.path is not None and outcomes.path == leads.path:
        taken |= {outcomes.occurred_at, outcomes.outcome, outcomes.value, outcomes.known_at} - {
            part for part in (outcomes.outcome,) if not isinstance(part, str)
        }
    return [name for name in raw.cells.columns if name not in taken and raw.nameless.get(name, True)]


def _as_training_reads(raw: RawTable, mapping: Mapping) -> ReadTable:
    return leads_of(raw, mapping, training=True)


def _rows(raw: RawTable, read: ReadTable, mapping: Mapping) -> list[LeadRow]:
    cells = raw.cells.loc[list(read.rows)] if len(read.rows) < len(raw.cells) else raw.cells
    names = tuple(own_columns(raw, mapping))
    columns = {name: plain_column(cells[name]) for name in names}
    created = [None if us == NO_TIME else us for us in microseconds_of(read.frame["created_at"]).tolist()]
    ids = read.frame["lead_id"].tolist()
    held = plain_rows(columns, len(ids))
    return [LeadRow(*row, names) for row in zip(ids, created, held, strict=True)]


def _keep(connection: Connection, rows: Sequence[LeadRow], work: Work) -> Kept:
    alone(connection, LEADS)
    return _Batch(connection, work.now, work.clock(), work.rules).keep(rows)


class _Batch:
    """One transaction's worth of leads: what it brings is dated `now`, and was `written_at` by the clock."""

    def __init__(self, connection: Connection, now: int, written_at: int, rules: CellRules) -> None:
        self._connection = connection
        self._now = now
        self._written_at = written_at
        self._rules = rules

    def keep(self, rows: Sequence[LeadRow]) -> Kept:
        """Write them; what is there already is changed to what the file says anew."""
        there = self._there([row.lead_id for row in rows])
        new = [row for row in rows if row.lead_id not in there]
        self._add(new)
        announced, known, merged = [], [], 0
        for row in rows:
            held = there.get(row.lead_id)
            if held is None:
                continue
            if held.lead_id != row.lead_id:
                merged += 1
            elif held.arrived_at is None:
                announced.append((held.number, row))
            else:
                known.append((held, row))
        self._arrive(announced)
        news = {held.number: news_of(held, row) for held, row in known}
        changed = self._send([one.sent for one in news.values() if one.sent is not None])
        self._remember(news)
        counts = Counter(
            {
                "leads new": len(new) + len(announced),
                "leads changed": changed,
                "leads there already": len(known) - changed,
                "leads merged into others": merged,
            }
        )
        return Kept(counts)

    def _there(self, lead_ids: Sequence[str]) -> dict[str, Row[Any]]:
        names = ("number", "lead_id", "arrived_at", *READ)
        found: dict[str, Row[Any]] = {}
        for batch in in_batches(lead_ids):
            query = sa.select(ALIASES.c.lead_id.label("alias"), *(LEADS.c[name] for name in names))
            query = query.join(LEADS, LEADS.c.number == ALIASES.c.lead).where(ALIASES.c.lead_id.in_(batch))
            found |= {row.alias: row for row in self._connection.execute(query)}
        return found

    def _add(self, rows: Sequence[LeadRow]) -> None:
        if not rows:
            return
        names = ("lead_id", "updated_at", "touched_at", *_ARRIVED)
        written = [
            (
                row.lead_id,
                self._now,
                self._written_at,
                *_times(row, self._now),
                *map(to_json_text, _cells(row, at)),
            )
            for at, row in enumerate(rows)
        ]
        insert_rows(self._connection, LEADS, names, written)
        for batch in in_batches(row.lead_id for row in rows):
            ids = sa.select(LEADS.c.lead_id, LEADS.c.number).where(LEADS.c.lead_id.in_(batch))
            aliases = insert_into(self._connection, ALIASES).from_select(["lead_id", "lead"], ids)
            self._connection.execute(aliases)
        self._keep_contacts({row.lead_id: row.cells for row in rows})

    def _keep_contacts(self, cells: dict[str, dict[str, Any]]) -> None:
        numbers = numbers_of(self._connection, cells)
        by_number = {number: cells[lead_id] for lead_id, number in numbers.items()}
        keep_contacts_in(self._connection, by_number, self._rules)

    def _arrive(self, announced: Sequence[tuple[int, LeadRow]]) -> None:
        if announced:
            update = sa.update(LEADS).where(LEADS.c.number == sa.bindparam("at"))
            placed: dict[str, Any] = {
                name: sa.bindparam(f"new_{name}", type_=LEADS.c[name].type) for name in _ARRIVED
            }
            update = update.values(placed | {"touched_at": touched(self._written_at)})
            new = [f"new_{name}" for name in _ARRIVED]
            rows: list[dict[str, Any]] = [
                {"at": number, **dict(zip(new, (*_times(row, self._now), *_cells(row, at)), strict=True))}
                for at, (number, row) in enumerate(announced)
            ]
            self._connection.execute(update, rows)
            # Their history may have come before them.
            overlay(self._connection, (number for number, _ in announced), self._rules, self._written_at)

    def _send(self, sent: Sequence[LeadSent]) -> int:
        kept = keep_leads(self._connection, sent, self._now, self._written_at) if sent else []
        changed = [one.number for one in kept if one.state != "unchanged"]
        rows = locked(self._connection, changed, LEADS.c.cells)
        cells = {number: row.cells for number, row in rows.items()}
        keep_contacts_in(self._connection, cells, self._rules)
        return len(changed)

    def _remember(self, news: dict[int, News]) -> None:
        rows = [
            {"at": number} | {f"new_{name}": value for name, value in one.memory.items()}
            for number, one in news.items()
            if one.memory is not None
        ]
        if rows:
            placed: dict[str, Any] = {
                name: sa.bindparam(f"new_{name}", type_=LEADS.c[name].type) for name in MEMORY
            }
            update = sa.update(LEADS).where(LEADS.c.number == sa.bindparam("at"))
            self._connection.execute(update.values(placed), rows)


_ARRIVED = ("created_at", "imported_created_at", "arrived_at", "cells", "undated")


def _times(row: LeadRow, now: int) -> tuple[int | None, int | None, int]:
    return row.created_at, row.created_at, now


def _cells(row: LeadRow, at: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what stands now with a new lead, and what is undated of it."""
    return row.cells, {name: row.cells.get(name) for name in row.shape} if at % NAMES_ALL == 0 else row.cells
