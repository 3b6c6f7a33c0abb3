"""An import from first to last: files, their history, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from features.errors import Fault, InputError
from features.lead_standing import raw_touches
from features.reading.event_rows import event_rows
from features.reading.files import read_source, source_parts
from features.reading.lead_rows import leads_of
from features.reading.notes import worth_saying
from features.reading.other_rows import accounts_of, changes_of
from features.reading.outcome_rows import outcomes_of
from features.reading.rejects import Rejects
from serving.history.identity import IS_SHOWN, locked
from serving.history.stale import RESCORE, mark_stale
from serving.history.standing import settle_standing
from serving.importing.account_files import import_accounts
from serving.importing.event_files import import_events
from serving.importing.history_files import import_changes, import_outcomes
from serving.importing.lead_files import import_leads
from serving.importing.rule_wins import settle_rule
from serving.importing.storable import storable
from serving.importing.stored_mapping import stored_mapping
from serving.importing.work import BATCH_ROWS, Work
from serving.store.dialects import in_batches
from serving.store.schema import LEADS, OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from collections.abc import Mapping as MappingOf
    from pathlib import Path

    from sqlalchemy import Connection

    from features.mapping import Mapping
    from features.reading.raw_columns import ReadTable
    from serving.store.database import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did: counts, notes, and the content of a mapping for training from the store."""

    counts: MappingOf[str, int]
    notes: tuple[str, ...]
    mapping: MappingOf[str, Any]


def import_files(
    store: Store,
    mapping: Mapping,
    folder: Path,
    now: int,
    *,
    clock: Callable[[], int] | None = None,
    put_aside: Callable[[Rejects], None] | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> Imported:
    """Write what the files of a mapping hold into the store; paths are relative to `folder`.

    Bad rows raise InputError before anything is written; with `put_aside` they are handed over and left out.
    The work is done in transactions of bounded size: an import that was interrupted is run again, and goes
    on; what is there already is not written twice. `now` in microseconds UTC dates what the files do not;
    `clock` tells what time it is as each transaction writes (default: it is `now` all the while).
    """
    if mapping.is_stored:
        remedy = "Name the files: leadlens init FILE..."
        raise InputError(Fault("the mapping, leads", "files, or a database", 'source = "store"', remedy))
    if put_aside is None:
        _refuse_bad_rows(mapping, folder, report)
    work = Work(
        store=store,
        mapping=mapping,
        folder=folder,
        now=now,
        clock=clock or (lambda: now),
        report=report,
        put_aside=put_aside or (lambda _: None),
    )
    import_leads(work)
    import_accounts(work)
    import_events(work)
    import_changes(work)
    import_outcomes(work)
    _settle(work)
    content, said = stored_mapping(work)
    return Imported(
        counts={name: count for name, count in work.done.counts.items() if count},
        notes=worth_saying((*work.notes, *said)),
        mapping=content,
    )


def _refuse_bad_rows(mapping: Mapping, folder: Path, report: Callable[[str], None]) -> None:
    bad: dict[str, Rejects] = {}
    for name, read in _checked(mapping, folder):
        report(f"checking {name}")
        if read.rejects.batches:
            bad.setdefault(name, Rejects(read.rejects.said_of)).add_start_of(read.rejects)
    if bad:
        first, *others = bad.values()
        raise first.error(*others)


def _checked(mapping: Mapping, folder: Path) -> Iterator[tuple[str, ReadTable]]:
    """Read everything once, and keep nothing."""
    leads, events, changes, outcomes = mapping.leads, mapping.events, mapping.changes, mapping.outcomes
    for raw in source_parts(leads, folder):
        yield "leads", leads_of(storable(raw, (leads.id,)), mapping, training=True)
    if events:
        for raw in source_parts(events, folder):
            yield "events", event_rows(storable(raw, (events.lead_id, events.event_id)), mapping)
    if changes:
        for raw in source_parts(changes, folder):
            yield "changes", changes_of(storable(raw, (changes.lead_id,)), mapping)
    if outcomes and outcomes.kind == "table":
        for raw in source_parts(outcomes, folder):
            yield "outcomes", outcomes_of(storable(raw, (outcomes.lead_id,)), mapping)
    for number, section in enumerate(mapping.accounts):
        raw = storable(read_source(section, folder), (section.key,))
        yield f"accounts {number}", accounts_of(raw, section, mapping)


def _settle_standing(
    connection: Connection, numbers: Sequence[int], clock: Callable[[], int], touches: frozenset[str]
) -> None:
    # Locked first: an outcome that somebody else sends between reading and writing would count for nothing.
    settle_standing(connection, locked(connection, numbers, LEADS.c.number), clock(), touches)


def _settle(work: Work) -> None:
    """Say how leads stand now, and ask for scores of all that are new or for which something came."""
    work.report("how leads stand")
    touches = raw_touches(work.mapping.events)
    with work.store.reading() as connection:
        ended = connection.execute(sa.select(OUTCOMES.c.lead).distinct()).scalars().all()
    for batch in in_batches(sorted(ended), size=5_000):
        work.store.write(partial(_settle_standing, numbers=batch, clock=work.clock, touches=touches))
    settle_rule(work)
    work.report("asking for scores")
    query = sa.select(LEADS.c.number).where(IS_SHOWN)
    if not work.done.counts["accounts new"] + work.done.counts["accounts changed"]:
        query = query.where(LEADS.c.scored_at.is_(None))
    with work.store.reading() as connection:
        asked = work.done.touched.union(connection.execute(query).scalars())
        shown = set(connection.execute(sa.select(LEADS.c.number).where(IS_SHOWN)).scalars())
    for batch in in_batches(sorted(asked & shown), size=BATCH_ROWS):
        work.store.write(partial(mark_stale, numbers=batch, now=work.now, urgency=RESCORE))
