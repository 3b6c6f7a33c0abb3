"""How a card names measures and writes figures: the same words and digits wherever they stand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.measures import Figure

MEASURES = {
    "log_loss": "log loss",
    "roc_auc": "AUC",
    "average_precision": "average precision",
    "brier": "Brier score",
    "brier_reliability": "Brier: reliability",
    "brier_resolution": "Brier: resolution",
    "brier_uncertainty": "Brier: uncertainty",
    "calibration_error": "calibration error",
    "calibration_slope": "calibration slope",
    "calibration_intercept": "calibration intercept",
}
"""The measures that a card names, in its order; lifts and recalls follow, then whatever else there is."""

MEANING = {
    "log_loss": "mean surprise at what happened, in nats; lower is better",
    "roc_auc": "how often a lead that converts ranks above one that does not; 0.5 is chance",
    "average_precision": "share that converts, averaged down the list; the base rate is chance",
    "brier": "mean squared error of the probabilities; lower is better",
    "brier_reliability": "the part of it that calibration could take away; lower is better",
    "brier_resolution": "the part that telling leads apart has taken away; higher is better",
    "brier_uncertainty": "what the base rate alone would have",
    "calibration_error": "mean distance between what was said and what happened, over ten bins",
    "calibration_slope": "1 where probabilities spread as outcomes do; below 1 they are too bold",
    "calibration_intercept": "0 where they are right on the whole (log-odds); below 0 they were too high",
}


def measure_said(name: str) -> str:
    """Return a measure in words.

    >>> measure_said("lift_05"), measure_said("recall_capacity"), measure_said("roc_auc")
    ('lift at 5 %', "recall at the team's capacity", 'AUC')
    """
    kind, _, at = name.partition("_")
    if kind in {"lift", "recall"}:
        return f"{kind} at {int(at)} %" if at.isdigit() else f"{kind} at the team's {at}"
    return MEASURES.get(name, name.replace("_", " "))


def ordered(names: list[str]) -> list[str]:
    """Return the names of measures in the order of the card."""
    known = list(MEASURES)
    return sorted(names, key=lambda name: (known.index(name) if name in known else len(known), name))


def figure_said(name: str, figure: Figure) -> str:
    """Return a figure of a measure with its interval: a share as a percentage, a multiple with two digits."""
    if name.startswith("recall_"):
        return percent_said(figure)
    if name.startswith("lift_") or name == "calibration_slope":
        return _with_interval(figure, ".2f")
    if name == "calibration_intercept":
        return _with_interval(figure, "+.3f")
    return _with_interval(figure, ".4f")


def percent_said(figure: Figure) -> str:
    """Return a share with its interval in per cent.

    >>> from training.measures import Figure
    >>> percent_said(Figure(0.0612, 0.055, 0.0671))
    '6.1 % [5.5, 6.7]'
    """
    if not math.isfinite(figure.value):
        return "not known"
    return f"{100 * figure.value:.1f} % [{100 * figure.low:.1f}, {100 * figure.high:.1f}]"


def share_said(share: float) -> str:
    """Return a share in per cent."""
    return f"{100 * share:.1f} %"


def nats_said(lead: Figure) -> str:
    """Return a difference of log loss with its sign and interval."""
    return _with_interval(lead, "+.4f")


def log_odds_said(moved: Figure) -> str:
    """Return log-odds with their interval.

    >>> from training.measures import Figure
    >>> log_odds_said(Figure(-0.1234, -0.2, -0.05))
    '-0.123 [-0.200, -0.050]'
    """
    return _with_interval(moved, ".3f")


def _with_interval(figure: Figure, form: str) -> str:
    if not math.isfinite(figure.value):
        return "not known"
    return f"{figure.value:{form}} [{figure.low:{form}}, {figure.high:{form}}]"
