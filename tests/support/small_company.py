"""Small generated companies: tables from plain rows, and a scorer that was really fitted to one.

Nothing here is of a person or a company: every value is drawn from a seeded generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.batch import LeadBatch
from features.durations import DAY_US
from features.events import event_log_of_rows, no_events
from features.history import History
from features.mapping import Mapping, mapping_from
from features.snapshots import Lives, Moments, census, flat_examples, snapshots
from features.tables import CHANGES, EVENTS, OUTCOMES, Tables
from models.boosting import Boosting
from training.fitting.fit import fit_scorer
from training.fitting.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf
    from collections.abc import Sequence

    from models.scorer import LeadScorer

START = 19_723 * DAY_US
"""Monday, 1 January 2024, 00:00 UTC: day 0 of every company here."""

TINY = Boosting(num_trees=20, min_data_in_leaf=5)


def day(number: float) -> int:
    """Return a moment, in microseconds UTC, by its day of the company's life."""
    return START + round(number * DAY_US)


def a_mapping(**sections: Any) -> Mapping:
    """Return a mapping with dated leads; `sections` replace or (None) leave out whole sections."""
    whole: dict[str, Any] = {
        "leads": {"path": "leads.csv", "id": "lead_id", "created_at": "created_at"},
        "events": {
            "path": "events.csv",
            "lead_id": "lead_id",
            "occurred_at": "occurred_at",
            "type": "type",
            "properties": ["page"],
            "touches": ["sales_call"],
        },
        "outcomes": {
            "path": "outcomes.csv",
            "lead_id": "lead_id",
            "occurred_at": "occurred_at",
            "outcome": "outcome",
        },
        "training": {"horizon": "30 days"},
    } | sections
    return mapping_from({name: section for name, section in whole.items() if section is not None})


def tables(
    leads: Sequence[MappingOf[str, Any]],
    *,
    events: Sequence[MappingOf[str, Any]] | None = None,
    changes: Sequence[MappingOf[str, Any]] | None = None,
    outcomes: Sequence[MappingOf[str, Any]] | None = None,
    accounts: Sequence[MappingOf[str, Any]] | None = None,
    more_accounts: Sequence[Sequence[MappingOf[str, Any]]] = (),
    extract_at: int = day(400),
) -> Tables:
    """Return canonical tables of plain rows, whose times are microseconds."""
    return Tables(
        leads=_times(pd.DataFrame(list(leads)), "created_at"),
        events=None if events is None else _events(events),
        changes=None if changes is None else _table(CHANGES, changes, "changed_at"),
        outcomes=None if outcomes is None else _outcomes(outcomes),
        accounts=tuple(
            _times(pd.DataFrame(list(rows)), "known_from")
            for rows in ([] if accounts is None else [accounts, *more_accounts])
        ),
        extract_at=pd.Timestamp(extract_at, unit="us", tz="UTC"),
    )


def _events(rows: Sequence[MappingOf[str, Any]]) -> pd.DataFrame:
    full = [
        {
            "lead_id": row["lead_id"],
            "occurred_at": row["occurred_at"],
            "known_at": row.get("known_at", row["occurred_at"]),
            "type": row["type"],
            "detail": row.get("page"),
            "is_touch": row.get("is_touch", False),
            "value": row.get("value", np.nan),
            "event_id": row.get("event_id"),
        }
        for row in rows
    ]
    return _table(EVENTS, full, "occurred_at", "known_at")


def _outcomes(rows: Sequence[MappingOf[str, Any]]) -> pd.DataFrame:
    full = [
        {
            "lead_id": row["lead_id"],
            "occurred_at": row["occurred_at"],
            "known_at": row.get("known_at", row["occurred_at"]),
            "outcome": row["outcome"],
            "value": np.nan,
        }
        for row in rows
    ]
    return _table(OUTCOMES, full, "occurred_at", "known_at")


def _table(schema: Any, rows: Sequence[MappingOf[str, Any]], *times: str) -> pd.DataFrame:
    frame = _times(pd.DataFrame(list(rows), columns=list(schema.columns)), *times)
    for name, column in schema.columns.items():
        kind = str(column.dtype)
        if name in times:
            continue
        if kind == "category":
            frame[name] = frame[name].astype("str").where(frame[name].notna(), None).astype("category")
        elif kind == "object":
            frame[name] = frame[name].astype(object)
        else:
            frame[name] = frame[name].astype({"str": "str", "bool": "bool"}.get(kind, kind))
    return frame


def _times(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    for name in names:
        stamps = [None if pd.isna(us) else pd.Timestamp(int(us), unit="us", tz="UTC") for us in frame[name]]
        frame[name] = pd.Series(stamps, index=frame.index, dtype="datetime64[us, UTC]")
    return frame


def a_batch(
    cells: MappingOf[str, Sequence[Any]],
    *,
    as_of: Sequence[int] | None = None,
    created_at: Sequence[int] | None = None,
    events: Sequence[Sequence[dict[str, Any]]] | None = None,
    touches: frozenset[str] = frozenset({"sales_call"}),
) -> LeadBatch:
    """Return leads as a request brings them, one a row, at day 100 unless told, created on day 0."""
    given = [len(column) for column in cells.values()]
    rows = given[0] if given else len(events or as_of or [])
    return LeadBatch(
        lead_ids=[f"L-{row}" for row in range(rows)],
        created_at=np.asarray(created_at or [day(0)] * rows, np.int64),
        as_of=np.asarray(as_of or [day(100)] * rows, np.int64),
        cells=dict(cells),
        events=no_events(rows) if events is None else event_log_of_rows(events, touches),
        owner=np.arange(rows, dtype=np.int64),
    )


def an_event(
    kind: str,
    occurred_at: int,
    *,
    page: str | None = None,
    value: float | None = None,
    known_at: int | None = None,
    event_id: str | None = None,
) -> dict[str, Any]:
    """Return an event as `event_log_of_rows` takes it."""
    known = occurred_at if known_at is None else known_at
    return {
        "type": kind,
        "occurred_at": occurred_at,
        "known_at": known,
        "detail": page,
        "value": value,
        "event_id": event_id,
    }


HOSTILE_NAME = 'Größe, "der" [Firma] {x}: a\\b\t=1'
"""A column's name with all that a library might trip over: quotes, brackets, commas, a tab, unicode."""


@dataclass(frozen=True)
class Company:
    """A generated company, what was learned from it, and when its leads can be scored."""

    tables: Tables
    mapping: Mapping
    history: History
    examples: Moments
    census: Moments
    scorer: LeadScorer

    def batch(self, leads: int = 60, as_of: int = day(300)) -> LeadBatch:
        """Return the first leads at one moment."""
        return self.history.at(np.arange(leads, dtype=np.int64), np.full(leads, as_of))


def generated_tables(
    leads: int, *, seed: int = 1
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[Any]]:
    """Return rows of leads, events and outcomes in which size, country and visits to a page matter."""
    rng = np.random.default_rng(seed)
    rows, acts, ends = [], [], []
    for number in range(leads):
        lead_id, created = f"L-{number:05d}", int(rng.integers(0, 280))
        size, country = float(rng.lognormal(4, 1)), str(rng.choice(["DE", "FR", "US", "BR"]))
        keen = rng.normal() + (0.8 if country == "DE" else 0.0) + 0.3 * (np.log(size) - 4)
        rows.append(
            {
                "lead_id": lead_id,
                "created_at": day(created + float(rng.random())),
                "country": country if rng.random() > 0.1 else None,
                HOSTILE_NAME: f"{size:.2f}",
                "job_title": str(rng.choice(["VP Sales", "CEO", "Junior Analyst", "IT Manager"])),
                "email": f"p{number}@{'freemail.example' if rng.random() < 0.4 else 'acme.example'}",
                "newsletter": str(rng.choice(["yes", "no"])),
                "interests": "; ".join(rng.choice(["crm", "mail", "ads"], rng.integers(0, 4), replace=False)),
                "utm_source": str(rng.choice(["search", "fair"])),
            }
        )
        acts += [
            {
                "lead_id": lead_id,
                "occurred_at": day(created + 1 + float(rng.exponential(25))),
                "type": str(rng.choice(["page_view", "email_opened", "badge_scanned"])),
                "page": str(rng.choice(["pricing", "blog"])),
            }
            for _ in range(int(rng.poisson(np.exp(0.8 + 0.5 * keen))))
        ]
        if rng.random() < 0.3:
            called = {"occurred_at": day(created + 2), "type": "sales_call", "is_touch": True}
            acts.append({"lead_id": lead_id, **called})
        if rng.random() < 1 / (1 + np.exp(1.2 - 1.3 * keen)):
            won_at = day(created + 3 + float(rng.exponential(30)))
            ends.append({"lead_id": lead_id, "occurred_at": won_at, "outcome": "won"})
        elif rng.random() < 0.3:
            ends.append({"lead_id": lead_id, "occurred_at": day(created + 90), "outcome": "lost"})
    return rows, acts, ends


@cache
def dated_company(leads: int = 400) -> Company:
    """Return a company with dated leads and events, and a scorer of 20 trees."""
    rows, acts, ends = generated_tables(leads)
    mapping = a_mapping(
        leads={
            "path": "leads.csv",
            "id": "lead_id",
            "created_at": "created_at",
            "missing": ["Select"],
            "multi": {"interests": ";"},
        }
    )
    all_tables = tables(rows, events=acts, outcomes=ends)
    history = History(all_tables, mapping)
    lives = Lives(all_tables, history)
    examples, judged = snapshots(history, lives, mapping), census(history, lives, mapping)
    scorer = fit_scorer(history, examples, judged, Recipe(boosting=TINY))
    return Company(all_tables, mapping, history, examples, judged, scorer)


@cache
def flat_company(leads: int = 400) -> Company:
    """Return a company of flat rows without events, and a scorer of 20 trees."""
    rows, _, ends = generated_tables(leads, seed=2)
    won = {end["lead_id"] for end in ends if end["outcome"] == "won"}
    frame = [{**row, "created_at": None} for row in rows]
    mapping = mapping_from(
        {
            "leads": {"path": "leads.csv", "id": "lead_id"},
            "outcomes": {"label": "Converted", "positive": 1},
        }
    )
    dated = tables(frame)
    all_tables = Tables(
        leads=dated.leads,
        label=pd.Series([float(row["lead_id"] in won) for row in rows]),
        extract_at=dated.extract_at,
    )
    history = History(all_tables, mapping)
    examples = flat_examples(all_tables, history)
    scorer = fit_scorer(history, examples, examples, Recipe(boosting=TINY))
    return Company(all_tables, mapping, history, examples, examples, scorer)
