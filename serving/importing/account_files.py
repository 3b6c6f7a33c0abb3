"""Accounts of files into the store, each at the place that its table has in the mapping."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from features.events import NO_TIME
from features.history import microseconds_of
from features.reading.files import read_source
from features.reading.other_rows import accounts_of
from serving.importing.lead_files import NAMES_ALL
from serving.importing.plain_cells import plain_column, plain_rows
from serving.importing.storable import storable
from serving.importing.work import Kept, batches
from serving.store.database import to_json_text
from serving.store.dialects import in_batches
from serving.store.schema import ACCOUNTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from features.mapping import Accounts
    from serving.importing.work import Work


def import_accounts(work: Work) -> None:
    """Keep what the files know of companies. A row replaces that of the same key and time, if it differs."""
    for place, section in enumerate(work.mapping.accounts):
        rows = _rows(work, place, section)
        for part in batches(len(rows)):
            work.write(partial(_keep, rows=rows[part]))
        work.report(f"accounts: {work.done.counts['accounts new']:,} new")


def _rows(work: Work, place: int, section: Accounts) -> list[dict[str, Any]]:
    raw = storable(read_source(section, work.folder), (section.key,))
    read = accounts_of(raw, section, work.mapping)
    work.notes += read.notes
    work.put_aside(read.rejects)
    cells = raw.cells.loc[list(read.rows)]
    names = [name for name in cells.columns if name not in {section.key, section.known_from}]
    held = plain_rows({name: plain_column(cells[name]) for name in names}, len(cells))
    since = [None if us == NO_TIME else us for us in microseconds_of(read.frame["known_from"]).tolist()]
    keys = read.frame["key"].tolist()
    # Some rows name every column, null where it has no value; see `lead_files.NAMES_ALL`.
    return [
        {
            "place": place,
            "key": key,
            "known_from": known_from,
            "cells": {name: own.get(name) for name in names} if at % NAMES_ALL == 0 else own,
        }
        for at, (key, known_from, own) in enumerate(zip(keys, since, held, strict=True))
    ]


def _keep(connection: Connection, rows: Sequence[dict[str, Any]]) -> Kept:
    there: dict[tuple[str, int | None], Any] = {}
    for batch in in_batches(row["key"] for row in rows):
        query = sa.select(ACCOUNTS).where(ACCOUNTS.c.place == rows[0]["place"], ACCOUNTS.c.key.in_(batch))
        there |= {(held.key, held.known_from): held for held in connection.execute(query)}
    new, changed = [], []
    for row in rows:
        held = there.get((row["key"], row["known_from"]))
        if held is None:
            new.append(row)
        elif _known(held.cells) != _known(row["cells"]):
            changed.append({"at": held.number, "new_cells": row["cells"]})
    if new:
        connection.execute(ACCOUNTS.insert(), new)
    if changed:
        update = sa.update(ACCOUNTS).where(ACCOUNTS.c.number == sa.bindparam("at"))
        connection.execute(
            update.values(cells=sa.bindparam("new_cells", type_=ACCOUNTS.c.cells.type)), changed
        )
    counts = {
        "accounts new": len(new),
        "accounts changed": len(changed),
        "accounts there already": len(rows) - len(new) - len(changed),
    }
    return Kept(Counter(counts))


def _known(cells: dict[str, Any]) -> str:
    return to_json_text({name: cell for name, cell in cells.items() if cell is not None})
