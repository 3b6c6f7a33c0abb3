"""A home whose champion has the shape that the benchmarks of serving name, and bodies of requests for it.

The history is generated, the vectors are those of its census, the trees are LightGBM's; calibration and ranks
are of the booster's own margins, which is good enough to serve and no evidence of anything.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd

from features.durations import DAY_US
from features.events import NO_TIME
from features.fit import expected_columns
from features.history import microseconds_of
from features.mapping import read_mapping
from features.reading import read_tables
from features.spec import FeatureSpec
from features.tables import Tables
from models.artifact import save_scorer
from models.calibration import Calibration
from models.champion import champion_folder, point_to
from models.curve import Curve, rank_curve
from models.scorer import LeadScorer, Population, family_sums
from serving.wire.encoding import rfc_3339
from training.examples import cut_examples
from training.fitting.fit import learned_spec
from training.fitting.recipe import Recipe
from training.synthetic.engine import generate
from training.synthetic.recipe import History

FEATURES = 60
EVENTS_A_BODY = 20
KEYS = ("page_view", "page_view.pricing", "email_opened", "form_submitted", "email_sent")


@dataclass(frozen=True)
class Shape:
    """Trees and their leaves."""

    trees: int
    leaves: int

    def __str__(self) -> str:
        return f"{self.trees} trees x {self.leaves} leaves x {FEATURES} features"


@dataclass(frozen=True)
class Made:
    """The home's scorer, vectors float64 (n, FEATURES) of its census, and the history's tables."""

    home: Path
    scorer: LeadScorer
    vectors: np.ndarray[Any, Any]
    tables: Tables


def make_home(home: Path, shape: Shape, *, leads: int = 6_000, versions: int = 1) -> Made:
    """Make a home of generated history; of `versions` the first is the champion, the others other seeds."""
    made = generate(History(leads=leads, seed=7), home / "data")
    mapping = read_mapping(made.mapping)
    tables = read_tables(mapping, made.mapping.parent)
    examples = cut_examples(tables, mapping)
    past, census = examples.history, examples.census
    spec = narrowed(learned_spec(past, examples.learned, Recipe()))
    vectors = past.vectors(spec, census.lead, census.as_of).values
    scorers = [_scorer(mapping, spec, vectors, census.label, shape, seed) for seed in range(versions)]
    for number, scorer in enumerate(scorers, 1):
        save_scorer(scorer, champion_folder(home, number))
    point_to(home, name=scorers[0].name, version=1, keep=None)
    return Made(home, scorers[0], vectors, tables)


def narrowed(spec: FeatureSpec) -> FeatureSpec:
    """Return a spec with exactly FEATURES features: few types of events, and columns until it is full."""
    kept = {key for key in spec.event_keys if key in KEYS}
    few = replace(
        spec,
        columns=(),
        event_keys=tuple(key for key in spec.event_keys if key in kept),
        touch_keys=tuple(key for key in spec.touch_keys if key in kept),
        detail_keys=tuple(key for key in spec.detail_keys if key in kept),
        single_keys=(),
        value_keys=(),
        channels=(),
    )
    for column in spec.columns:
        wider = replace(few, columns=(*few.columns, column))
        if column.kind != "multi" and not column.is_derived and len(wider.features) <= FEATURES:
            few = wider
    if len(few.features) != FEATURES:
        raise SystemExit(f"expected {FEATURES} features, found {len(few.features)}: change KEYS")
    return few


def bodies_of(made: Made, count: int, *, seed: int = 1) -> list[bytes]:
    """Return bodies of /score: leads of the history, each with 20 events and a moment of its own after them.

    They hold what the model reads: a body with more would be answered with warnings, which is more to send.
    """
    rng = np.random.default_rng(seed)
    events = made.tables.events if made.tables.events is not None else pd.DataFrame()
    known = {key.partition(".")[0] for key in made.scorer.spec.event_keys}
    events = events[events["type"].isin(known)]
    by_lead = {lead: rows for lead, rows in events.groupby("lead_id", sort=False) if len(rows) >= 4}
    columns = expected_columns(made.scorer.spec.columns)
    leads = made.tables.leads.set_index("lead_id", drop=False)
    ids = [lead for lead in by_lead if lead in leads.index]
    return [_body(leads.loc[lead], by_lead[lead], columns, rng) for lead in rng.choice(ids, count).tolist()]


def _body(
    lead: "pd.Series[Any]", events: pd.DataFrame, columns: Sequence[str], rng: np.random.Generator
) -> bytes:
    """One lead at a moment of its own: its events are those that it had, drawn again until they are 20."""
    rows = events.iloc[np.sort(rng.integers(0, len(events), EVENTS_A_BODY))]
    as_of = int(microseconds_of(rows["occurred_at"]).max()) + int(rng.integers(1, 40 * DAY_US))
    cells = {name: _plain(lead[name]) for name in columns}
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


def _scorer(
    mapping: Any, spec: FeatureSpec, vectors: np.ndarray[Any, Any], label: Any, shape: Shape, seed: int
) -> LeadScorer:
    categories = [i for i, feature in enumerate(spec.features) if feature.measure in {"category", "channel"}]
    data = lightgbm.Dataset(vectors, label, categorical_feature=categories, free_raw_data=False)
    settings = {
        "objective": "binary", "num_leaves": shape.leaves, "max_depth": 6, "learning_rate": 0.05,
        "min_data_in_leaf": 20, "feature_fraction": 0.8, "seed": seed, "verbosity": -1, "deterministic": True,
    }  # fmt: skip
    booster = lightgbm.train(settings, data, shape.trees)
    raw = np.asarray(booster.predict(vectors, raw_score=True))
    contributions = np.asarray(booster.predict(vectors[:4_000], pred_contrib=True))[:, :-1]
    fit, engagement = family_sums(contributions, spec)
    knots = np.unique(np.quantile(raw, np.linspace(0, 1, 50)))
    chance = 1 / (1 + np.exp(-knots))
    point = Curve(knots, chance, float(chance[0]), float(chance[-1]))
    band = [Curve(knots, chance * by, float(chance[0] * by), float(chance[-1] * by)) for by in (0.9, 1.1)]
    return LeadScorer(
        name="leadlens",
        version=None,
        mapping=mapping,
        spec=spec,
        booster=booster,
        calibration=Calibration(point, band[0], band[1]),
        population=Population(
            margin=rank_curve(raw),
            fit=rank_curve(fit),
            engagement=rank_curve(engagement),
            base_rate=float(np.mean(label)),
            conversions=int(np.sum(label)),
            usual=np.nanmedian(vectors, axis=0),
        ),
    )
