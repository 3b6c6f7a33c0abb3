"""Leads of whom nothing was heard for long, and those whose mail came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from features.quality.finding import Finding, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from features.mapping import Mapping
    from features.tables import Tables

STALE_DAYS = 365
"""Contact data are stale where nothing happened to a lead for longer."""

REACHED = ("email_opened", "email_clicked", "email_replied")
"""What shows that mail arrives after all."""


def stale_findings(tables: Tables, mapping: Mapping) -> Iterator[Finding]:
    """Yield open leads without event, change or creation for long, and leads whose last mail bounced."""
    if not mapping.is_dated:
        return
    last = tables.leads.groupby("lead_id", sort=False)["created_at"].max()
    for table, column in ((tables.events, "occurred_at"), (tables.changes, "changed_at")):
        if table is not None:
            newest = table.groupby("lead_id", sort=False)[column].max().reindex(last.index)
            last = last.where(newest.isna() | (newest < last), newest)
    if tables.outcomes is not None:
        last = last[~last.index.isin(tables.outcomes["lead_id"])]
    stale = last[last < tables.extract_at - pd.Timedelta(days=STALE_DAYS)]
    if len(stale):
        share = len(stale) / len(last)
        yield Finding(
            topic="staleness",
            name="stale_leads",
            severity="warn" if share >= 0.25 else "note",
            text=f"{len(stale):,} of {len(last):,} leads without an outcome have had no event and no change "
            f"for more than {STALE_DAYS} days: their contact data may be stale",
            count=len(stale),
            of=len(last),
            examples=some(stale.index),
        )
    yield from _bounced(tables)


def _bounced(tables: Tables) -> Iterator[Finding]:
    events = tables.events
    if events is None:
        return
    bounced = events[events["type"] == "email_bounced"].groupby("lead_id", sort=False)["occurred_at"].max()
    if bounced.empty:
        return
    reached = events[events["type"].isin(REACHED)].groupby("lead_id", sort=False)["occurred_at"].max()
    after = reached.reindex(bounced.index)
    lost = bounced.index[(after.isna() | (after <= bounced)).to_numpy()]
    if len(lost):
        leads = tables.leads["lead_id"].nunique()
        yield Finding(
            topic="staleness",
            name="bounced",
            severity="warn" if len(lost) >= 0.05 * leads else "note",
            text=f"E-mail to {len(lost):,} leads bounced, and none that arrived is known since",
            count=len(lost),
            of=leads,
            examples=some(lost),
        )
