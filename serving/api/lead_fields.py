"""Leads as requests under /v1 describe them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from features.errors import Fault
from features.times import TimeRules
from serving.history.leads import LeadSent
from serving.wire.values import (
    COLUMN_LIMIT,
    Faults,
    cell_at,
    either,
    moment_at,
    name_at,
    object_at,
    only,
    shown,
    text_at,
)

if TYPE_CHECKING:
    from features.mapping import Mapping

_SAME_ID = "Leave it out, or send the lead to the address of its own id."


@dataclass(frozen=True, slots=True)
class LeadFields:
    """Reads leads, under the canonical names or, where there is a champion, the company's own."""

    id_alias: str | None
    created_at_alias: str | None
    rules: TimeRules

    def read(self, body: Any, now: int, faults: Faults, path_id: str | None = None) -> LeadSent | None:
        """Return the lead of a body {"lead": {...}}, or None where faults were added.

        `path_id` is the id in the address, which the body need not repeat. `now` in microseconds UTC.
        """
        before = len(faults)
        members = object_at("body", body, faults)
        if members is None:
            return None
        only("", members, ("lead",), faults)
        lead = object_at("lead", members.get("lead"), faults)
        if lead is None:
            return None
        lead_id = self._lead_id(lead, path_id, faults)
        created_at = self._created_at(lead, now, faults)
        cells = self._cells(lead, faults)
        if lead_id is None or len(faults) > before:
            return None
        return LeadSent(lead_id, created_at, cells)

    def _lead_id(self, lead: dict[str, Any], path_id: str | None, faults: Faults) -> str | None:
        name, value = either("lead.", lead, "lead_id", self.id_alias, faults)
        if value is None and path_id is not None:
            return path_id
        lead_id = text_at(f"lead.{name}", value, faults)
        if lead_id is not None and path_id is not None and lead_id != path_id:
            faults.append(Fault(f"lead.{name}", "the id in the path", shown(lead_id), _SAME_ID))
        return lead_id

    def _created_at(self, lead: dict[str, Any], now: int, faults: Faults) -> int | None:
        name, value = either("lead.", lead, "created_at", self.created_at_alias, faults)
        if value is None:
            return None
        return moment_at(f"lead.{name}", value, self.rules, now, faults, day_end=False)

    def _cells(self, lead: dict[str, Any], faults: Faults) -> dict[str, Any]:
        own = {"lead_id", self.id_alias, "created_at", self.created_at_alias}
        names = [name for name in lead if name not in own]
        if len(names) > COLUMN_LIMIT:
            faults.append(Fault("lead", f"at most {COLUMN_LIMIT} columns", f"{len(names)}", "Send fewer."))
            return {}
        for name in names:
            name_at("lead", name, faults)
        return {name: cell_at(f"lead.{name}", lead[name], faults) for name in names}


def lead_fields(mapping: Mapping | None) -> LeadFields:
    """Return the reader of leads under a champion's mapping, or under the canonical names alone."""
    if mapping is None:
        return LeadFields(None, None, TimeRules())
    rules = TimeRules(mapping.leads.time_format, mapping.training.time_zone)
    return LeadFields(mapping.leads.id, mapping.leads.created_at, rules)
