"""Who shares an address or a number with whom."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal, NamedTuple

import sqlalchemy as sa

from serving.contacts import check_contacts
from serving.history.identity import IS_SHOWN
from serving.store.dialects import in_batches
from serving.store.schema import CONTACTS, LEADS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from features.cells import CellRules
    from serving.contacts import Contact

DUPLICATES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another lead that is reached by the same address or number."""

    lead_id: str
    by: Literal["email", "phone"]


class _Held(NamedTuple):
    lead: int
    kind: Literal["email", "phone"]
    value: str


def keep_contacts(
    connection: Connection, contacts: Mapping[int, Iterable[Contact]], rules: CellRules
) -> None:
    """Put these contacts of leads, by number, in the place of those that they had.

    To a lead's own come those of the leads that are merged into it, in whose cells `rules` find them. The
    caller holds the leads' rows, so nobody else writes their contacts.
    """
    wanted = {_Held(lead, one.kind, one.value) for lead, held in contacts.items() for one in held}
    wanted |= _of_merged(connection, contacts, rules)
    kept = set(_held(connection, contacts))
    if gone := kept - wanted:
        where = [column == sa.bindparam(f"old_{column.name}") for column in CONTACTS.c]
        rows = [{f"old_{name}": part for name, part in row._asdict().items()} for row in sorted(gone)]
        connection.execute(sa.delete(CONTACTS).where(*where), rows)
    if new := wanted - kept:
        connection.execute(sa.insert(CONTACTS), [row._asdict() for row in sorted(new)])


def duplicates_of(connection: Connection, numbers: Iterable[int]) -> dict[int, list[Duplicate]]:
    """Return, for each lead that has any, the other shown leads with the same address or number.

    Those that were here first come first, at most DUPLICATES_SHOWN; one that shares both is named once, by
    its address. However many share a value, only the first few are looked at.
    """
    held = _held(connection, numbers)
    holders = _holders(connection, {row.lead for row in held})
    found: dict[int, dict[int, Literal["email", "phone"]]] = {}
    for row in sorted(held, key=lambda row: (row.lead, row.kind)):
        for other in holders.get((row.kind, row.value), ()):
            if other != row.lead:
                found.setdefault(row.lead, {}).setdefault(other, row.kind)
    first = {lead: dict(islice(sorted(others.items()), DUPLICATES_SHOWN)) for lead, others in found.items()}
    ids = _ids(connection, {other for others in first.values() for other in others})
    return {
        lead: [Duplicate(ids[other], by) for other, by in others.items()] for lead, others in first.items()
    }


def _of_merged(connection: Connection, numbers: Iterable[int], rules: CellRules) -> set[_Held]:
    merged = sa.select(LEADS.c.merged_into, LEADS.c.cells)
    return {
        _Held(row.merged_into, one.kind, one.value)
        for batch in in_batches(numbers)
        for row in connection.execute(merged.where(LEADS.c.merged_into.in_(batch)))
        for one in check_contacts(row.cells, rules).contacts
    }


def _held(connection: Connection, numbers: Iterable[int]) -> list[_Held]:
    held = sa.select(CONTACTS.c.lead, CONTACTS.c.kind, CONTACTS.c.value)
    return [
        _Held(*row)
        for batch in in_batches(numbers)
        for row in connection.execute(held.where(CONTACTS.c.lead.in_(batch)))
    ]


def _holders(connection: Connection, numbers: Iterable[int]) -> dict[tuple[str, str], list[int]]:
    """Return the first shown leads that hold each value which one of these leads holds.

    One more than is shown, because the lead itself is among them.
    """
    asked = sa.select(CONTACTS.c.kind, CONTACTS.c.value).distinct()
    holder = CONTACTS.alias()
    few = sa.select(holder.c.lead).join(LEADS, LEADS.c.number == holder.c.lead).where(IS_SHOWN)
    found: dict[tuple[str, str], list[int]] = {}
    for part in in_batches(numbers):
        values = asked.where(CONTACTS.c.lead.in_(part)).subquery()
        first = (
            few.where(holder.c.kind == values.c.kind, holder.c.value == values.c.value)
            .order_by(holder.c.lead)
            .limit(DUPLICATES_SHOWN + 1)
            .correlate(values)
            .subquery()
        )
        joined = sa.func.aggregate_strings(sa.cast(first.c.lead, sa.Text), ",")
        leads = sa.select(joined).select_from(first).scalar_subquery()
        for kind, value, told in connection.execute(sa.select(values.c.kind, values.c.value, leads)):
            found[kind, value] = sorted(int(number) for number in (told or "").split(",") if number)
    return found


def _ids(connection: Connection, numbers: Iterable[int]) -> dict[int, str]:
    ids: dict[int, str] = {}
    for part in in_batches(numbers):
        rows = connection.execute(sa.select(LEADS.c.number, LEADS.c.lead_id).where(LEADS.c.number.in_(part)))
        ids.update((row.number, row.lead_id) for row in rows)
    return ids
