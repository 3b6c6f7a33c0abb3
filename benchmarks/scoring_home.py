"""A home whose champion has the shape that the benchmarks of serving name, and bodies of requests for it.

The history is generated, the vectors are those of its census, the trees are LightGBM's; calibration and ranks
are of the booster's own margins, which is good enough to serve and no evidence of anything.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import served_here  # noqa: F401 - puts tests/support on the path

from features.mapping import read_mapping
from features.reading import read_tables
from features.spec import FeatureSpec
from features.tables import Tables
from models.artifact import save_scorer
from models.calibration import Calibration
from models.champion import champion_folder, point_to
from models.curve import Curve, rank_curve
from models.scorer import LeadScorer, Population, family_sums
from training.examples import cut_examples
from training.fitting.fit import learned_spec
from training.fitting.recipe import Recipe
from training.synthetic.engine import generate
from training.synthetic.recipe import History

FEATURES = 60
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

    def bodies(self, count: int) -> list[bytes]:
        """Return bodies of /score that hold what the model reads; see `bodies_of_history`."""
        from bodies_of_history import bodies_of  # noqa: PLC0415 - put on the path by served_here

        return bodies_of(self.tables, self.scorer.spec, count)


def make_home(home: Path, shape: Shape, *, leads: int = 6_000, versions: int = 1) -> Made:
    """Make a home of generated history; of `versions` the first is the champion, the others other seeds."""
    made = generate(History(leads=leads, seed=7), home.parent / "history")
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
