"""Keeping leads: what stands now, and every value that a column took."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from serving.history.identity import held, locked
from serving.history.stale import mark_stale
from serving.history.touching import touched
from serving.store.database import to_json_text
from serving.store.schema import CHANGES, LEADS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

LeadState = Literal["created", "changed", "unchanged", "revived"]

ARRIVES_WITH_ITS_CREATION_US = 3_600 * 1_000_000
"""What a CRM sends of a lead within this time of its creation counts as known from the creation on."""

CREATED_AT = "created_at"


@dataclass(frozen=True, slots=True)
class LeadSent:
    """A lead as somebody sent it: cells by column, None clears; columns that are not sent stay.

    `created_at` in microseconds UTC, None where it was not sent: a new lead is created on arrival then. Of a
    lead that is there it stays as it is, also where it is not known.
    """

    lead_id: str
    created_at: int | None
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LeadKept:
    """What became of a lead that was sent.

    `changed` are the columns, in order, of one that was there already `created_at` among them. `lead_id` is
    the lead's own id, by whichever of its ids it was sent.
    """

    lead_id: str
    number: int
    state: LeadState
    changed: tuple[str, ...]


def keep_leads(
    connection: Connection, leads: Sequence[LeadSent], now: int, written_at: int | None = None
) -> list[LeadKept]:
    """Take leads in, in the order given, and say of each what became of it.

    Every column that changes is written to `changes`, dated `now`, or later where the lead's last change
    is not before that, so that the changes of a lead are strictly ordered in time. What a new lead brings
    within an hour of its creation is dated by its creation. Leads that changed are marked stale.

    Both times in microseconds UTC. `written_at` is when those who follow the leads see it (default: `now`).
    """
    numbers = held(connection, (sent.lead_id for sent in leads), now)
    drafts = drafts_of(connection, numbers.values())
    kept = [drafts[numbers[sent.lead_id]].take(sent, now) for sent in leads]
    write_drafts(connection, drafts.values(), now if written_at is None else written_at)
    return kept


@dataclass(slots=True, kw_only=True)
class Draft:
    """A lead while a transaction that holds it changes it."""

    number: int
    lead_id: str
    created_at: int | None
    arrived_at: int | None
    updated_at: int
    deleted_at: int | None
    cells: dict[str, Any]
    changes: list[dict[str, Any]] = field(default_factory=list)
    is_changed: bool = False

    def take(self, sent: LeadSent, now: int) -> LeadKept:
        """Change the lead to what somebody sent."""
        moment = self.next_moment(now)
        state = self._arrive(now, sent.created_at)
        dated = self._dated_back(moment) if state == "created" else moment
        changed = (*self.set_created_at(sent.created_at), *self.set_cells(sent.cells, dated))
        if state == "unchanged" and changed:
            state = "changed"
        if state != "unchanged":
            self.updated_at, self.is_changed = moment, True
        return LeadKept(self.lead_id, self.number, state, changed)

    def next_moment(self, now: int) -> int:
        """Return the moment of a change that is made now: after every earlier change of the lead."""
        return now if self.arrived_at is None else max(now, self.updated_at + 1)

    def set_created_at(self, created_at: int | None) -> tuple[str, ...]:
        """Date the creation where a time is given, and return what that changes."""
        if created_at in {None, self.created_at}:
            return ()
        self.created_at = created_at
        return (CREATED_AT,)

    def set_cells(self, cells: Mapping[str, Any], moment: int) -> tuple[str, ...]:
        """Set cells, clear those that are None, and return the columns whose value is another now."""
        changed = tuple(name for name in cells if not _is_same(self.cells.get(name), cells[name]))
        for name in changed:
            self.cells[name] = value = cells[name]
            if value is None:
                del self.cells[name]
            self.changes.append({"lead": self.number, "column": name, "changed_at": moment, "value": value})
        return changed

    def _arrive(self, now: int, created_at: int | None) -> LeadState:
        was_deleted, self.deleted_at = self.deleted_at is not None, None
        if self.arrived_at is None:
            self.arrived_at = now
            self.created_at = now if created_at is None else created_at
            return "created"
        return "revived" if was_deleted else "unchanged"

    def _dated_back(self, arrival: int) -> int:
        """Return since when that counts as known which a lead brings as it arrives."""
        age = 0 if self.created_at is None else arrival - self.created_at
        return arrival - age if 0 <= age <= ARRIVES_WITH_ITS_CREATION_US else arrival


def drafts_of(connection: Connection, numbers: Iterable[int]) -> dict[int, Draft]:
    """Return leads by number, locked until the transaction ends, so that they may be changed."""
    names = ("lead_id", "created_at", "arrived_at", "updated_at", "deleted_at", "cells")
    columns = [LEADS.c[name] for name in names]
    rows = locked(connection, set(numbers), *columns)
    return {number: Draft(**row._asdict()) for number, row in rows.items()}


def write_drafts(connection: Connection, drafts: Iterable[Draft], now: int) -> None:
    """Write the leads that changed, and every change, and mark them stale."""
    changed = [draft for draft in drafts if draft.is_changed]
    if not changed:
        return
    names = ("created_at", "arrived_at", "updated_at", "deleted_at", "cells")
    update = sa.update(LEADS).where(LEADS.c.number == sa.bindparam("at"))
    new: dict[str, Any] = {name: sa.bindparam(f"new_{name}", type_=LEADS.c[name].type) for name in names}
    update = update.values(new | {"touched_at": touched(now)})
    rows = [
        {f"new_{name}": getattr(draft, name) for name in names} | {"at": draft.number} for draft in changed
    ]
    connection.execute(update, rows)
    if changes := [change for draft in changed for change in draft.changes]:
        connection.execute(CHANGES.insert(), changes)
    mark_stale(connection, (draft.number for draft in changed), now)


def _is_same(one: Any, other: Any) -> bool:
    # As they are written: 1, 1.0 and true are different cells, as they are in a file.
    return to_json_text(one) == to_json_text(other)
