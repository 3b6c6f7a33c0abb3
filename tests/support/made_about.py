"""What is kept with a version, made up whole: every field of the evidence filled, for cards and gates.

No figure here is measured; they are plausible, so that plots of them look like plots of real ones.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from training.about import About, DataUsed
from training.evidence.evidence import (
    BASE_RATE,
    BAYES,
    COMPANY_CARD,
    REGRESSION,
    SCORECARD,
    Band,
    BaseRateChange,
    Evidence,
    Flattery,
    Rival,
    Signal,
    Slice,
)
from training.evidence.reliability import ReliabilityBin
from training.fitting.fitted import CalibrationChoice
from training.measures import Figure
from training.promotion.comparison import Comparison

if TYPE_CHECKING:
    from typing import Any

HOSTILE = '<script>alert("1")</script> | $x_{2}$ *bold* [a](http://b.example) & \x00\u202e`code`\nnext'
"""A text with all that a page, a table or a plot might trip over."""


def around(value: float, half: float) -> Figure:
    """Return a figure with an interval around it."""
    return Figure(value, value - half, value + half * 1.1)


def made_measures() -> dict[str, Figure]:
    """Return every measure of the evidence, those at the team's capacity too."""
    return {
        "roc_auc": around(0.8124, 0.0113),
        "average_precision": around(0.2931, 0.021),
        "log_loss": around(0.1988, 0.0061),
        "brier": around(0.0533, 0.0022),
        "brier_reliability": around(0.0003, 0.0002),
        "brier_resolution": around(0.0071, 0.0008),
        "brier_uncertainty": around(0.0601, 0.0021),
        "calibration_error": around(0.0061, 0.0024),
        "calibration_slope": around(0.973, 0.052),
        "calibration_intercept": around(-0.041, 0.047),
        **{
            f"lift_{at:02}": around(lift, 0.3) for at, lift in ((5, 5.12), (10, 4.21), (20, 3.02), (30, 2.41))
        },
        **{
            f"recall_{at:02}": around(share, 0.03)
            for at, share in ((5, 0.256), (10, 0.421), (20, 0.604), (30, 0.723))
        },
        "lift_capacity": around(3.51, 0.25),
        "recall_capacity": around(0.527, 0.031),
    }


def made_evidence(**changed: Any) -> Evidence:
    """Return evidence with every field filled; `changed` replaces some."""
    measures = made_measures()
    share = np.linspace(0, 1, 101)
    caught = np.interp(share, (0, 0.05, 0.1, 0.2, 0.3, 0.5, 1), (0, 0.256, 0.421, 0.604, 0.723, 0.87, 1))
    said = (0.004, 0.009, 0.014, 0.02, 0.028, 0.038, 0.052, 0.075, 0.121, 0.263)
    evidence = Evidence(
        how="twin trained on what came before 2026-01-19, tested on the last 30 % (2026-01-19 to 2026-03-30)",
        rows=41_233,
        leads=9_120,
        conversions=812,
        measures=measures,
        rivals=(
            _rival(BASE_RATE, "always the share of the census that was learned from", 0.2291, 0.0303, 0.5),
            _rival(SCORECARD, "integer points derived from univariate log-odds", 0.2162, 0.0174, 0.75),
            _rival(COMPANY_CARD, "the company's own card, as it was written", 0.2241, 0.0253, 0.68),
            _rival(REGRESSION, "L2-penalised, features scaled, missing values said", 0.2013, 0.0025, 0.804),
            _rival(BAYES, "frequencies of categorical fields, as CRMs ship it", 0.2189, 0.0201, 0.74),
        ),
        base_rate=BaseRateChange(before=around(0.0612, 0.002), after=around(0.0641, 0.003), has_moved=False),
        signal=Signal(auc=around(0.803, 0.01), z=31.2, p_value=1.3e-200, is_there=True),
        flattery=Flattery(
            random_auc=around(0.831, 0.008),
            random_log_loss=around(0.1931, 0.004),
            auc=0.0186,
            log_loss=0.0057,
        ),
        first="2026-01-19",
        last="2026-03-30",
        learned_until="2026-01-19T00:00:00Z",
        is_embargoed=True,
        capacity=0.15,
        auc_without_events=around(0.702, 0.012),
        auc_without_enrichment=around(0.799, 0.011),
        reliability=tuple(
            ReliabilityBin(rows=4_123, probability=p, converted=around(p * 0.96 + 0.002, 0.003 + p * 0.08))
            for p in said
        ),
        bands=tuple(
            Band(
                low=10 * at,
                high=10 * at + 9,
                rows=4_123,
                probability=p,
                converted=around(p * 1.03, 0.003 + p * 0.08),
            )
            for at, p in enumerate(said)
        ),
        slices=(
            *(_slice("segment", "country", name) for name in ("DE", "FR", "US")),
            replace(
                _slice("segment", HOSTILE, HOSTILE),
                auc=around(0.52, 0.04),
                is_weak=True,
                why="the interval of its AUC reaches down to one half",
            ),
            *(_slice("age", "age of the lead", name) for name in ("up to 7 days", "8 to 30 days")),
            replace(_slice("age", "age of the lead", "over 180 days"), auc=None),
            *(_slice("period", "period", f"2026-{month:02}") for month in range(1, 5)),
        ),
        gains=tuple(zip(share.tolist(), caught.tolist(), strict=True)),
        notes=("In 3 rows a cell could not be read and counted as not known.", HOSTILE),
    )
    return replace(evidence, **changed)


def made_about(**changed: Any) -> About:
    """Return all that is kept with a version; `changed` replaces some."""
    about = About(
        evidence=made_evidence(),
        recipe={"name": "leadlens", "seed": 7, "folds": 5, "boosting": {"num_trees": 120, "seed": 7}},
        data=DataUsed(
            leads=20_000, examples=61_234, census=120_345, conversions=1_912, base_rate=0.0612, features=214,
            first="2025-01-06", last="2026-03-30", extract_at="2026-06-30T00:00:00+00:00", horizon="90 days",
            undated=("country", HOSTILE), sha256="3f" * 32,
        ),
        calibration=CalibrationChoice(
            method="beta",
            log_losses={"none": 0.20512, "platt": 0.19991, "beta": 0.19872, "isotonic": 0.20031},
        ),
        trees=143,
        command="leadlens train --config leadlens.toml --trials 40",
        versions={"lightgbm": "4.7.0", "numpy": "2.4.6", "leadlens": "0.1.0"},
        audit={
            "columns": [
                {"name": "contract_status", "verdict": "leak", "evidence": ["filled in after the outcome"],
                 "auc_lost_without": 0.142},
                {"name": HOSTILE, "verdict": "leak", "evidence": [HOSTILE], "auc_lost_without": 0.02},
                {"name": "last_touch", "verdict": "suspect", "evidence": ["its name speaks of later work"],
                 "auc_lost_without": None},
                {"name": "country", "verdict": "clear", "evidence": [], "auc_lost_without": None},
            ],
            "notes": ["Fresh leads were at hand."],
        },
        kept=(HOSTILE,),
        trials=40,
        made_from=3,
        comparison=Comparison(
            champion=3, how="twins", said="twin against twin, on the last 30 % of the census", rows=40_101,
            leads=9_001, conversions=801, champion_log_loss=0.2009, challenger_log_loss=0.1988,
            difference=Figure(-0.0021, -0.004, -0.0002), bands=((4_000,) * 10, (4_010,) * 10),
            stability=Figure(0.0, 0.0, 0.001), moved=0.21,
        ).to_dict(),
    )  # fmt: skip
    return replace(about, **changed)


def _rival(name: str, said: str, loss: float, lead: float, auc: float) -> Rival:
    measures = {
        "log_loss": around(loss, 0.0063), "roc_auc": around(auc, 0.012 if auc > 0.5 else 0.0),
        "average_precision": around(0.06 + (auc - 0.5) * 0.7, 0.02),
        "brier": around(0.0533 + lead / 4, 0.002),
        "calibration_error": around(0.008, 0.003), "lift_10": around(1 + (auc - 0.5) * 10, 0.3),
    }  # fmt: skip
    return Rival(name=name, said=said, measures=measures, lead=around(lead, 0.0021))


def _slice(kind: Any, of: str, value: str) -> Slice:
    spread = (sum(map(ord, value)) % 17) / 400
    return Slice(
        kind=kind, of=of, value=value, rows=9_001, leads=2_345, conversions=190, probability=0.055 + spread,
        converted=around(0.057 + spread, 0.008), auc=around(0.79 + spread, 0.02),
        log_loss=around(0.19 + spread, 0.01), calibration_error=around(0.009, 0.004), is_weak=False, why="",
    )  # fmt: skip
