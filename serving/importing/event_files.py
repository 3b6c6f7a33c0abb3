"""Events of files into the store: with the times at which the files say that they were known."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from features.mapping import Constant
from features.pages import DETAILS, PROPERTIES
from features.reading.event_rows import event_rows, unused_names
from features.reading.raw_columns import as_text
from features.vocabulary import BUYING_SIGNAL
from serving.importing.plain_cells import plain_column, plain_object, plain_rows
from serving.importing.repeats import Seen
from serving.importing.work import Kept, alone, batches, microseconds, owned
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
    from serving.importing.work import Work

_CONTENT = ("lead", "occurred_at", "known_at", "type", "value", "properties")


def import_events(work: Work) -> None:
    """Keep the events of the files; leads that nobody has sent are announced.

    Of events with one id the one that was known first stays, in the store as in a file. Without ids, rows
    that stand in the store as often as in the file are there already.
    """
    section = work.mapping.events
    if section is None:
        return
    seen = Seen() if _has_nameless(work) else None
    named: set[str] = set()
    said_of = ""
    for raw, read in work.parts(section, event_rows, (section.lead_id, section.event_id)):
        said_of = raw.name
        named |= set(read.frame["type"].cat.categories)
        events = _rows(raw, read, section)
        for part in batches(len(events)):
            kept = work.write(partial(_keep, rows=events[part], now=work.now, seen=seen))
            if seen is not None:
                seen.remember(kept.keys)
            work.report(f"events: {work.done.counts['events new']:,} new")
    work.notes += unused_names(work.mapping, named, said_of)


def _has_nameless(work: Work) -> bool:
    """Whether the store holds events without an id, so that the file's could be there already."""
    with work.store.reading() as connection:
        one = sa.select(EVENTS.c.number).where(EVENTS.c.event_id.is_(None)).limit(1)
        return connection.execute(one).first() is not None


def _rows(raw: RawTable, read: ReadTable, section: Events) -> list[dict[str, Any]]:
    """Return events as the store has them, but that `lead` is the id of the lead."""
    frame = read.frame
    cells = raw.cells.loc[list(read.rows)] if len(read.rows) < len(raw.cells) else raw.cells
    if isinstance(section.type, Constant):
        types = [section.type.constant] * len(frame)
    else:
        types = as_text(cells[section.type]).tolist()
    columns = zip(
        frame["lead_id"].tolist(),
        microseconds(frame["occurred_at"]).tolist(),
        microseconds(frame["known_at"]).tolist(),
        types,
        plain_column(frame["value"]),
        _properties(cells, section),
        frame["event_id"].astype(object).where(frame["event_id"].notna(), None).tolist(),
        strict=True,
    )
    names = (*_CONTENT, "event_id")
    return [dict(zip(names, row, strict=True)) for row in columns]


def _properties(cells: pd.DataFrame, section: Events) -> Sequence[dict[str, Any] | None]:
    """Return what the mapped columns say of each event: `detail_of` it is what `event_rows` makes of them."""
    names = section.properties
    if len(names) == 1 and names[0] not in {*DETAILS, BUYING_SIGNAL}:  # as in `event_rows`: JSON objects
        return [_object(cell) for cell in cells[names[0]]]
    held = plain_rows({name: plain_column(cells[name]) for name in names if name in PROPERTIES}, len(cells))
    return [members or None for members in held]


def _object(cell: Any) -> dict[str, Any] | None:
    content = json.loads(cell) if isinstance(cell, str) else cell
    return plain_object(content) or None if isinstance(content, dict) else None


def _keep(connection: Connection, rows: Sequence[dict[str, Any]], now: int, seen: Seen | None) -> Kept:
    alone(connection, EVENTS)
    kept = Kept()
    events = owned(connection, rows, now, kept)
    new = _earliest(connection, [row for row in events if row["event_id"] is not None], kept)
    nameless = [row for row in events if row["event_id"] is None]
    if seen is not None and nameless:
        kept.keys = [_key(row) for row in nameless]
        is_new = seen.new_among(kept.keys, _there(connection, nameless)).tolist()
        nameless = [row for row, chosen in zip(nameless, is_new, strict=True) if chosen]
    new += nameless
    if new:
        connection.execute(EVENTS.insert(), new)
        kept.touched.update(row["lead"] for row in new)
    kept.counts.update({"events new": len(new), "events there already": len(events) - len(new)})
    return kept


def _earliest(connection: Connection, rows: Sequence[dict[str, Any]], kept: Kept) -> list[dict[str, Any]]:
    """Return those that are to be written: of one id the one known first, which may replace another."""
    first: dict[str, dict[str, Any]] = {}
    for row in rows:
        before = first.get(row["event_id"])
        if before is None or _visible(row) < _visible(before):
            first.pop(row["event_id"], None)  # where it stands in the file is where it stands in the store
            first[row["event_id"]] = row
    replaced: list[int] = []
    for batch in in_batches(first):
        columns = (EVENTS.c.number, EVENTS.c.event_id, EVENTS.c.occurred_at, EVENTS.c.known_at, EVENTS.c.lead)
        for held in connection.execute(sa.select(*columns).where(EVENTS.c.event_id.in_(batch))).mappings():
            if _visible(first[held["event_id"]]) < _visible(held):
                replaced.append(held["number"])
                kept.touched.add(held["lead"])
            else:
                del first[held["event_id"]]
    for numbers in in_batches(replaced):
        connection.execute(sa.delete(EVENTS).where(EVENTS.c.number.in_(numbers)))
    return list(first.values())


def _visible(event: Any) -> tuple[int, int]:
    return max(event["occurred_at"], event["known_at"]), event["occurred_at"]


def _there(connection: Connection, rows: Sequence[dict[str, Any]]) -> Counter[Any]:
    """Return how often the store holds events without an id, those of the rows among them."""
    between = (min(row["occurred_at"] for row in rows), max(row["occurred_at"] for row in rows))
    held: Counter[Any] = Counter()
    for batch in in_batches(row["lead"] for row in rows):
        query = sa.select(*(EVENTS.c[name] for name in _CONTENT)).where(
            EVENTS.c.lead.in_(batch), EVENTS.c.occurred_at.between(*between), EVENTS.c.event_id.is_(None)
        )
        held.update(_key(row) for row in connection.execute(query).mappings())
    return held


def _key(event: Any) -> tuple[Any, ...]:
    return (*(event[name] for name in _CONTENT[:-1]), to_json_text(event["properties"]))
