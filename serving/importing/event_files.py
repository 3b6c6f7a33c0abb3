"""Events of files into the store: with the times at which the files say that they were known."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from features.cells import key_of_cell
from features.mapping import Constant
from features.pages import DETAILS, PROPERTIES
from features.reading.event_rows import event_rows, unused_names
from features.reading.raw_columns import as_text
from features.vocabulary import BUYING_SIGNAL
from serving.importing.plain_cells import plain_column, plain_object
from serving.importing.repeats import Seen
from serving.importing.work import Kept, alone, batches, microseconds, owned
from serving.store.bulk import as_text_of, insert_rows
from serving.store.database import to_json_text
from serving.store.dialects import in_batches
from serving.store.schema import EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from sqlalchemy import Connection

    from features.mapping import Events
    from features.reading.raw_columns import ReadTable
    from features.reading.raw_tables import RawTable
    from serving.importing.work import Row, Work

COLUMNS = ("lead", "occurred_at", "known_at", "type", "value", "properties", "event_id")
_ID = COLUMNS.index("event_id")


def import_events(work: Work) -> None:
    """Keep the events of the files; leads that nobody has sent are announced.

    Of events with one id the one that was known first stays, in the store as in a file. Without ids, rows
    that stand in the store as often as in the file are there already. Those whose id another row of this
    import has brought are counted apart.
    """
    section = work.mapping.events
    if section is None:
        return
    seen = Seen() if _has_nameless(work) else None
    newest = _newest(work)
    named: set[str] = set()
    said_of = ""
    for raw, read in work.parts(section, event_rows, (section.lead_id, section.event_id)):
        said_of = raw.name
        named |= set(read.frame["type"].cat.categories)
        events = _rows(raw, read, section)
        for part in batches(len(events)):
            kept = work.write(partial(_keep, rows=events[part], now=work.now, seen=seen, newest=newest))
            if seen is not None:
                seen.remember(kept.keys)
            work.report(f"events: {work.done.counts['events new']:,} new")
    work.notes += unused_names(work.mapping, named, said_of)


def _has_nameless(work: Work) -> bool:
    """Whether the store holds events without an id, so that the file's could be there already."""
    with work.store.reading() as connection:
        one = sa.select(EVENTS.c.number).where(EVENTS.c.event_id.is_(None)).limit(1)
        return connection.execute(one).first() is not None


def _newest(work: Work) -> int:
    """Return the number of the event that came into the store last, 0 where there is none."""
    with work.store.reading() as connection:
        return int(connection.execute(sa.select(sa.func.max(EVENTS.c.number))).scalar() or 0)


def _rows(raw: RawTable, read: ReadTable, section: Events) -> list[Row]:
    """Return events as the store has them (see COLUMNS), but that the first is the id of the lead."""
    frame = read.frame
    cells = raw.cells.loc[list(read.rows)] if len(read.rows) < len(raw.cells) else raw.cells
    if isinstance(section.type, Constant):
        types = [section.type.constant] * len(frame)
    else:
        types = as_text(cells[section.type]).tolist()
    columns = (
        frame["lead_id"].tolist(),
        microseconds(frame["occurred_at"]).tolist(),
        microseconds(frame["known_at"]).tolist(),
        types,
        plain_column(frame["value"]),
        _properties(cells, section),
        plain_column(frame["event_id"]),
    )
    return list(zip(*columns, strict=True))


def _properties(cells: pd.DataFrame, section: Events) -> list[str | None]:
    """Return as JSON what the mapped columns say of each event.

    `detail_of` it is what `event_rows` makes of these columns.
    """
    names = section.properties
    if not names:
        return [None] * len(cells)
    if len(names) == 1 and names[0] not in {*DETAILS, BUYING_SIGNAL}:  # as in `event_rows`: JSON objects
        return [_object(cell) for cell in cells[names[0]]]
    chosen = [name for name in names if name in PROPERTIES]
    columns = zip(*(plain_column(cells[name]) for name in chosen), strict=True)
    spelled: dict[Any, str | None] = {}  # few of them differ
    texts = []
    for row in columns:
        key = tuple(map(key_of_cell, row))
        if key not in spelled:
            members = {name: cell for name, cell in zip(chosen, row, strict=True) if cell is not None}
            spelled[key] = to_json_text(members) if members else None
        texts.append(spelled[key])
    return texts


def _object(cell: Any) -> str | None:
    content = json.loads(cell) if isinstance(cell, str) else cell
    return to_json_text(plain_object(content)) if isinstance(content, dict) and content else None


def _keep(connection: Connection, rows: Sequence[Row], now: int, seen: Seen | None, newest: int) -> Kept:
    kept = Kept()
    events = owned(connection, rows, now, kept)
    alone(connection, EVENTS)
    new, repeated = _earliest(connection, [row for row in events if row[_ID] is not None], kept, newest)
    nameless = [row for row in events if row[_ID] is None]
    if seen is not None and nameless:
        kept.keys = nameless
        is_new = seen.new_among(nameless, _there(connection, nameless)).tolist()
        nameless = [row for row, chosen in zip(nameless, is_new, strict=True) if chosen]
    new += nameless
    insert_rows(connection, EVENTS, COLUMNS, new)
    kept.touched.update(row[0] for row in new)
    there = len(events) - len(new) - repeated
    kept.counts.update(
        {"events new": len(new), "events there already": there, "events repeated in the files": repeated}
    )
    return kept


def _earliest(connection: Connection, rows: Sequence[Row], kept: Kept, newest: int) -> tuple[list[Row], int]:
    """Return those that are to be written: of one id the one known first, which may replace another.

    And how many of the others repeat a row of this import: what stands under a number above `newest` has
    come with it.
    """
    first: dict[str, Row] = {}
    for row in rows:
        before = first.get(row[_ID])
        if before is None or _visible(row) < _visible(before):
            first.pop(row[_ID], None)  # where it stands in the file is where it stands in the store
            first[row[_ID]] = row
    repeated = len(rows) - len(first)
    replaced: list[int] = []
    for batch in in_batches(list(first)):
        columns = (EVENTS.c.lead, EVENTS.c.occurred_at, EVENTS.c.known_at, EVENTS.c.number, EVENTS.c.event_id)
        for held in connection.execute(sa.select(*columns).where(EVENTS.c.event_id.in_(batch))):
            if _visible(first[held.event_id]) < _visible(held):
                replaced.append(held.number)
                kept.touched.add(held.lead)
            else:
                del first[held.event_id]
                repeated += held.number > newest
    for numbers in in_batches(replaced):
        connection.execute(sa.delete(EVENTS).where(EVENTS.c.number.in_(numbers)))
    return list(first.values()), repeated


def _visible(event: Any) -> tuple[int, int]:
    _, occurred_at, known_at, *_ = event
    return max(occurred_at, known_at), occurred_at


def _there(connection: Connection, rows: Sequence[Row]) -> Counter[Any]:
    """Return how often the store holds events without an id, those of the rows among them."""
    occurred = [row[1] for row in rows]
    held: Counter[Any] = Counter()
    for batch in in_batches(row[0] for row in rows):
        columns = (as_text_of(EVENTS.c[name]) for name in COLUMNS)
        query = sa.select(*columns).where(
            EVENTS.c.lead.in_(batch),
            EVENTS.c.occurred_at.between(min(occurred), max(occurred)),
            EVENTS.c.event_id.is_(None),
        )
        held.update(tuple(row) for row in connection.execute(query))
    return held
