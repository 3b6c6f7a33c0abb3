"""Merging leads that turned out to be one: whatever was known of any is known of the survivor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from features.vocabulary import TOUCH_TYPES
from serving.history.identity import held
from serving.history.leads import drafts_of, write_drafts
from serving.history.merged_selling import merge_selling
from serving.history.standing import settle_standing
from serving.store.dialects import in_batches, insert_into
from serving.store.schema import ALIASES, CONTACTS, EVENTS, LEADS, OUTCOMES, STALE_LEADS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from serving.history.leads import Draft


class UnknownLeadError(LookupError):
    """Leads that are to be merged and are not there. `lead_ids` are theirs, in the order given."""

    def __init__(self, lead_ids: Sequence[str]) -> None:
        self.lead_ids = tuple(lead_ids)
        said = ", ".join(map(repr, lead_ids))
        super().__init__(f"expected leads to merge, found none of the id {said}: send them first")


class SelfMergeError(ValueError):
    """A lead that is to be merged into itself."""

    def __init__(self, lead_id: str) -> None:
        self.lead_id = lead_id
        super().__init__(f"expected other leads to merge into {lead_id!r}, found itself among them")


@dataclass(frozen=True, slots=True)
class Merged:
    """The survivor, the leads that it took in now (by id), and the columns that it has from them."""

    lead_id: str
    number: int
    absorbed: tuple[str, ...]
    changed: tuple[str, ...]


def merge_leads(
    connection: Connection,
    survivor: str,
    others: Sequence[str],
    now: int,
    touches: frozenset[str] = TOUCH_TYPES,
) -> Merged:
    """Merge leads into one, which must have been sent; the others may be only announced.

    The survivor takes their ids, events, outcomes and contacts, from the first on the cells that it lacks, as
    changes of `now`, and the earliest creation; it is marked stale, and its standing settled. What people
    said of the others, and who has them, is the survivor's: see `merge_selling`. The changes and the records
    of the others, and what was decided of them, stay under their numbers. What is merged already stays so.

    Raises SelfMergeError where the survivor is among the others, UnknownLeadError where leads are not known,
    or deleted.
    """
    if survivor in others:
        raise SelfMergeError(survivor)
    numbers = held(connection, [survivor, *others])
    drafts = drafts_of(connection, numbers.values())
    _refuse_unknown(survivor, others, numbers, drafts)
    into = drafts[numbers[survivor]]
    absorbed = [drafts[number] for number in dict.fromkeys(map(numbers.__getitem__, others))]
    absorbed = [draft for draft in absorbed if draft is not into]
    changed = _take_over(into, absorbed, now) if absorbed else ()
    if absorbed:
        numbers_of_absorbed = [draft.number for draft in absorbed]
        merge_selling(connection, numbers_of_absorbed, into.number, now)
        _move(connection, numbers_of_absorbed, into.number, into.updated_at)
        write_drafts(connection, [into], now)
        settle_standing(connection, [into.number], now, touches)
    return Merged(into.lead_id, into.number, tuple(draft.lead_id for draft in absorbed), changed)


def _refuse_unknown(
    survivor: str, others: Sequence[str], numbers: dict[str, int], drafts: dict[int, Draft]
) -> None:
    def is_there(lead_id: str) -> bool:
        draft = drafts.get(numbers.get(lead_id, -1))
        if draft is None or draft.deleted_at is not None:
            return False
        return lead_id != survivor or draft.arrived_at is not None

    if unknown := [lead_id for lead_id in dict.fromkeys([survivor, *others]) if not is_there(lead_id)]:
        raise UnknownLeadError(unknown)


def _take_over(into: Draft, absorbed: Sequence[Draft], now: int) -> tuple[str, ...]:
    """Give the survivor what it lacks of the others' cells, and the earliest creation."""
    moment = into.next_moment(now)
    taken: list[str] = []
    for other in absorbed:
        lacking = {name: value for name, value in other.cells.items() if name not in into.cells}
        taken += into.set_cells(lacking, moment)
    created = [draft.created_at for draft in (into, *absorbed) if draft.created_at is not None]
    redated = into.set_created_at(min(created, default=None))
    into.updated_at, into.is_changed = moment, True
    return (*redated, *taken)


def _move(connection: Connection, absorbed: Sequence[int], into: int, moment: int) -> None:
    """Point at the survivor whatever pointed at the others."""
    for batch in in_batches(absorbed):
        for table in (EVENTS, OUTCOMES, ALIASES):
            connection.execute(sa.update(table).where(table.c.lead.in_(batch)).values(lead=into))
        theirs = sa.select(sa.literal(into), CONTACTS.c.kind, CONTACTS.c.value).distinct()
        taken = insert_into(connection, CONTACTS).from_select(
            ["lead", "kind", "value"], theirs.where(CONTACTS.c.lead.in_(batch))
        )
        connection.execute(taken.on_conflict_do_nothing())
        for table in (CONTACTS, STALE_LEADS):
            connection.execute(sa.delete(table).where(table.c.lead.in_(batch)))
        merged = LEADS.c.number.in_(batch) | LEADS.c.merged_into.in_(batch)
        since = sa.func.coalesce(LEADS.c.merged_at, moment)
        connection.execute(sa.update(LEADS).where(merged).values(merged_into=into, merged_at=since))
