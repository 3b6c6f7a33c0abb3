"""The example request of the demo: one of its leads, as a CRM would send it."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from features.history import History, microseconds_of
from features.mapping import read_mapping
from features.reading import read_tables
from features.snapshots import Lives
from models.champion import load_champion
from models.score import Score, strength

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from features.tables import Tables
    from models.artifact import AnyScorer

LOOKED_AT = 400
MOST_EVENTS = 8


def example_request(home: Path, key: Path, port: int) -> Iterator[str]:
    """Say how to ask for a score of one of the demo's open leads, and where its page is."""
    mapping = read_mapping(home / "data" / "leadlens.toml")
    tables = read_tables(mapping, home / "data")
    history = History(tables, mapping)
    scorer = load_champion(home)
    if scorer is None:
        raise TypeError("the demo promotes a version before it makes an example")
    lead = _telling_lead(tables, history, scorer)
    body = json.dumps(_body(tables, history, lead), ensure_ascii=True).replace("'", "\\u0027")
    yield "Ask for a score (paste this into another terminal):"
    yield ""
    yield f"curl -s http://127.0.0.1:{port}/score \\"
    yield f'  -H "Authorization: Bearer $(cat {key.resolve()})" -H "Content-Type: application/json" \\'
    yield f"  -d '{body}'"
    yield ""
    yield f"See the same lead in a browser: http://127.0.0.1:{port}/leads/{history.lead_ids[lead]}"
    yield f"Sign in with the key in {key.resolve()}"


def _telling_lead(tables: Tables, history: History, scorer: AnyScorer) -> int:
    """Return the best scored of the newest open leads whose few events fit on a screen."""
    everyone = np.arange(len(history), dtype=np.int64)
    moment = np.full(len(history), history.extract_at)
    events = np.diff(history.events.offsets)[history.owner]
    fits = Lives(tables, history).is_open(everyone, moment) & (events > 0) & (events <= MOST_EVENTS)
    newest = everyone[fits][np.argsort(-history.created_at[fits], kind="stable")][:LOOKED_AT]
    if not len(newest):
        newest = everyone[:1]
    scores = scorer.score(history.at(newest, np.full(len(newest), history.extract_at)))
    rated = [strength(score) if isinstance(score, Score) else -math.inf for score in scores]
    return int(newest[int(np.argmax(rated))])


def _body(tables: Tables, history: History, lead: int) -> dict[str, Any]:
    batch = history.at(np.asarray([lead]), np.asarray([history.extract_at]))
    cells = {name: _plain(next(iter(column))) for name, column in batch.cells.items()}
    body: dict[str, Any] = {
        "lead": {
            "lead_id": history.lead_ids[lead],
            "created_at": _said(int(history.created_at[lead])),
            **{name: cell for name, cell in cells.items() if cell is not None},
        },
        "events": [],
        "as_of": _said(history.extract_at),
    }
    if tables.events is not None:
        of_lead = tables.events[tables.events["lead_id"] == history.lead_ids[lead]].sort_values("occurred_at")
        for kind, detail, value, when in zip(
            of_lead["type"],
            of_lead["detail"],
            of_lead["value"],
            microseconds_of(of_lead["occurred_at"]),
            strict=True,
        ):
            told: dict[str, Any] = {"type": kind, "occurred_at": _said(int(when))}
            if isinstance(detail, str):
                told["properties"] = {"page_group": detail}
            if not math.isnan(value):
                told["value"] = value
            body["events"].append(told)
    return body


def _plain(cell: Any) -> Any:
    if cell is None or cell != cell:  # noqa: PLR0124  # the test for NaN that any cell takes
        return None
    return cell.item() if isinstance(cell, np.generic) else cell


def _said(moment: int) -> str:
    return (
        datetime.fromtimestamp(moment / 1_000_000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    )
