"""The whole report of a company's data."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from features.columns.names import PERSON, PHONE
from features.quality.contacts import contact_findings
from features.quality.dates import date_findings
from features.quality.drift import FEWEST, drift_findings
from features.quality.duplicates import duplicate_leads, repeated_events
from features.quality.event_types import type_findings, volume_findings
from features.quality.finding import Fill, Quality, by_severity
from features.quality.staleness import stale_findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from features.mapping import Mapping
    from features.tables import Tables

_OWN = frozenset({"lead_id", "created_at"})


def quality_report(tables: Tables, mapping: Mapping) -> Quality:
    """Look a company's tables over, as they were read: before duplicates are merged.

    The report names leads by their ids, and holds no address, number, name or other value of anybody.
    Columns that the mapping excludes are not looked at.
    """
    leads = tables.leads
    own = [name for name in leads.columns if name not in _OWN | set(mapping.leads.exclude)]
    findings = chain(
        duplicate_leads(tables, mapping),
        contact_findings(tables, mapping),
        stale_findings(tables, mapping),
        date_findings(tables, mapping),
        type_findings(tables),
        repeated_events(tables),
        drift_findings(tables, mapping),
        volume_findings(tables),
    )
    others = {
        "events": tables.events,
        "changes": tables.changes,
        "outcomes": tables.outcomes,
    } | {_called(number, tables): table for number, table in enumerate(tables.accounts)}
    return Quality(
        rows=(("leads", len(leads)), *((n, len(t)) for n, t in others.items() if t is not None)),
        extract_at=tables.extract_at.isoformat() if mapping.is_dated else None,
        fills=tuple(Fill(name, int(leads[name].notna().sum()), len(leads)) for name in own),
        findings=by_severity(list(findings)),
        skipped=tuple(_skipped(tables, mapping)),
    )


_EMAIL = re.compile(r"e-?mail|courriel|correo", re.IGNORECASE)


def _called(number: int, tables: Tables) -> str:
    return "accounts" if len(tables.accounts) == 1 else f"accounts {number + 1}"


def _skipped(tables: Tables, mapping: Mapping) -> Iterator[str]:
    telling = [name for name in mapping.leads.exclude if PHONE.search(name) or PERSON.fullmatch(name)]
    telling += [name for name in mapping.leads.exclude if _EMAIL.search(name)]
    if telling:
        listed = ", ".join(f"'{name}'" for name in telling)
        yield (
            f"Duplicates and contact data were not looked for in {listed}: leads.exclude names them, so they "
            "are not read. Take them out of it: names, phones and addresses never become features."
        )
    if not mapping.is_dated:
        yield "The leads have no dates: stale leads, impossible dates and drift were not looked for."
    elif len(tables.leads) * 0.25 < FEWEST:
        yield f"Drift was not looked for: a quarter of the leads is fewer than {FEWEST}."
    if tables.events is None:
        yield "There are no events: their types, repetitions and volumes were not looked at."
