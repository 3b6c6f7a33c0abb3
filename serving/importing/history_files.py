"""Changes of columns and outcomes of files into the store."""

from __future__ import annotations

from collections import Counter
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from features.reading.other_rows import changes_of
from features.reading.outcome_rows import outcomes_of
from serving.importing.overlay import overlay
from serving.importing.plain_cells import plain_column
from serving.importing.repeats import Seen
from serving.importing.work import Kept, alone, batches, microseconds, owned
from serving.store.bulk import as_text_of, insert_rows
from serving.store.database import to_json_text
from serving.store.dialects import in_batches
from serving.store.schema import CHANGES, LEADS, OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from serving.importing.work import Row, Work

_CHANGE = ("lead", "column", "changed_at", "value")
_OUTCOME = ("lead", "outcome", "occurred_at", "known_at", "value")


def import_changes(work: Work) -> None:
    """Keep the changes of the files, those of a lead in their order, and with them what stands now of it."""
    section = work.mapping.changes
    if section is not None:
        seen = Seen() if _any(work, CHANGES) else None
        for raw, read in work.parts(section, changes_of, (section.lead_id,)):
            cells = raw.cells.loc[list(read.rows)]
            columns = zip(
                read.frame["lead_id"].tolist(),
                read.frame["column"].tolist(),
                microseconds(read.frame["changed_at"]).tolist(),
                map(_text, plain_column(cells[section.value])),
                strict=True,
            )
            # What stands now of a lead is made in each transaction that holds changes of it: let it be one.
            changes = sorted(columns, key=itemgetter(0))
            work.changed_columns |= dict.fromkeys(read.frame["column"].tolist())
            for part in batches(len(changes)):
                kept = work.write(partial(_keep_changes, rows=changes[part], work=work, seen=seen))
                if seen is not None:
                    seen.remember(kept.keys)
                work.report(f"changes: {work.done.counts['changes new']:,} new")


def import_outcomes(work: Work) -> None:
    """Keep the outcomes of the files, each once."""
    section = work.mapping.outcomes
    if section is None or section.kind != "table":
        return
    for _, read in work.parts(section, outcomes_of, (section.lead_id,)):
        columns = zip(
            read.frame["lead_id"].tolist(),
            read.frame["outcome"].tolist(),
            microseconds(read.frame["occurred_at"]).tolist(),
            microseconds(read.frame["known_at"]).tolist(),
            plain_column(read.frame["value"]),
            strict=True,
        )
        outcomes = list(columns)
        for part in batches(len(outcomes)):
            work.write(partial(_keep_outcomes, rows=outcomes[part], now=work.now))
            work.report(f"outcomes: {work.done.counts['outcomes new']:,} new")


def _any(work: Work, table: sa.Table) -> bool:
    with work.store.reading() as connection:
        return connection.execute(sa.select(table.c.number).limit(1)).first() is not None


def _keep_changes(connection: Connection, rows: Sequence[Row], work: Work, seen: Seen | None) -> Kept:
    kept = Kept()
    changes = new = _apart(connection, rows, owned(connection, rows, work.now, kept))
    alone(connection, CHANGES)
    if seen is not None:
        there = Counter(_held(connection, CHANGES, _CHANGE, changes))
        kept.keys = changes
        is_new = seen.new_among(changes, there).tolist()
        new = [row for row, chosen in zip(changes, is_new, strict=True) if chosen]
    insert_rows(connection, CHANGES, _CHANGE, new)
    kept.touched = {row[0] for row in new}
    overlay(connection, kept.touched, work.rules, work.clock())
    kept.counts.update({"changes new": len(new), "changes there already": len(changes) - len(new)})
    return kept


def _apart(connection: Connection, rows: Sequence[Row], held: Sequence[Row]) -> list[Row]:
    """Return changes under the leads that their ids named first: merging leaves them where they were."""
    own: dict[str, int] = {}
    for batch in in_batches({row[0] for row in rows}):
        query = sa.select(LEADS.c.lead_id, LEADS.c.number).where(LEADS.c.lead_id.in_(batch))
        own |= {row.lead_id: row.number for row in connection.execute(query)}
    return [(own[row[0]], *change[1:]) for row, change in zip(rows, held, strict=True)]


def _keep_outcomes(connection: Connection, rows: Sequence[Row], now: int) -> Kept:
    kept = Kept()
    outcomes = owned(connection, rows, now, kept)
    alone(connection, OUTCOMES)
    # One that was corrected or reversed meanwhile is there too, and does not come back.
    there = set(_held(connection, OUTCOMES, _OUTCOME, outcomes))
    new = list(dict.fromkeys(row for row in outcomes if row not in there))
    insert_rows(connection, OUTCOMES, _OUTCOME, new)
    kept.touched = {row[0] for row in new}
    kept.counts.update({"outcomes new": len(new), "outcomes there already": len(outcomes) - len(new)})
    return kept


def _held(
    connection: Connection, table: sa.Table, names: Sequence[str], rows: Sequence[Row]
) -> Iterator[Row]:
    """Yield what the store holds of the leads of these rows, as rows."""
    for batch in in_batches(row[0] for row in rows):
        query = sa.select(*(as_text_of(table.c[name]) for name in names)).where(table.c.lead.in_(batch))
        yield from map(tuple, connection.execute(query))


def _text(cell: Any) -> str | None:
    return None if cell is None else to_json_text(cell)
