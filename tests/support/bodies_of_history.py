"""Bodies of /score made of a generated history: leads with 20 events, each at a moment of its own."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from features.durations import DAY_US
from features.events import NO_TIME
from features.fit import expected_columns
from features.history import microseconds_of
from features.spec import FeatureSpec
from features.tables import Tables
from serving.wire.encoding import rfc_3339

EVENTS_A_BODY = 20


def bodies_of(tables: Tables, spec: FeatureSpec, count: int, *, seed: int = 1) -> list[bytes]:
    """Return bodies of /score: leads of the history, each with 20 events and a moment of its own after them.

    They hold what the model reads: a body with more would be answered with warnings, which is more to send.
    What accounts alone tell is not sent.
    """
    rng = np.random.default_rng(seed)
    events = tables.events if tables.events is not None else pd.DataFrame()
    known = {key.partition(".")[0] for key in spec.event_keys}
    events = events[events["type"].isin(known)]
    by_lead = {lead: rows for lead, rows in events.groupby("lead_id", sort=False) if len(rows) >= 4}
    columns = expected_columns(spec.columns)
    leads = tables.leads.set_index("lead_id", drop=False)
    ids = [lead for lead in by_lead if lead in leads.index]
    return [_body(leads.loc[lead], by_lead[lead], columns, rng) for lead in rng.choice(ids, count).tolist()]


def _body(
    lead: "pd.Series[Any]", events: pd.DataFrame, columns: Sequence[str], rng: np.random.Generator
) -> bytes:
    """One lead at a moment of its own: its events are those that it had, drawn again until they are 20."""
    rows = events.iloc[np.sort(rng.integers(0, len(events), EVENTS_A_BODY))]
    as_of = int(microseconds_of(rows["occurred_at"]).max()) + int(rng.integers(1, 40 * DAY_US))
    cells = {name: _plain(lead.get(name)) for name in columns}
    created = int(microseconds_of(pd.Series([lead["created_at"]]))[0])
    content = {
        "lead": {
            "lead_id": str(lead["lead_id"]),
            "created_at": rfc_3339(min(as_of, as_of if created == NO_TIME else created)),
            **{name: cell for name, cell in cells.items() if cell is not None},
        },
        "events": [_event(number, row, rng) for number, row in enumerate(rows.to_dict("records"))],
        "as_of": rfc_3339(as_of),
    }
    return json.dumps(content, separators=(",", ":")).encode()


def _event(number: int, row: dict[Any, Any], rng: np.random.Generator) -> dict[str, Any]:
    moved = int(pd.Timestamp(row["occurred_at"]).value // 1_000) - int(rng.integers(0, DAY_US))
    event = {"event_id": f"e-{number}", "type": row["type"], "occurred_at": rfc_3339(moved // 1_000 * 1_000)}
    page = (row.get("detail") or None) if isinstance(row.get("detail"), str) else None
    return event if page is None else event | {"properties": {"page": page}}


def _plain(cell: Any) -> Any:
    if cell is None or cell is pd.NaT or (isinstance(cell, float) and np.isnan(cell)):
        return None
    return cell.item() if isinstance(cell, np.generic) else cell
