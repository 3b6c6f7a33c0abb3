"""How good predictions are, each figure with an interval that knows whose rows they are."""

from training.measures.figure import Figure
from training.measures.perfect import perfect_calibration_error
from training.measures.plain import BINS, auc, average_precision, brier, calibration_error, logloss, losses
from training.measures.resampling import BOOTSTRAPS, Resampling, measured, resampling
from training.measures.together import all_figures, gains, recalibration

__all__ = [
    "BINS",
    "BOOTSTRAPS",
    "Figure",
    "Resampling",
    "all_figures",
    "auc",
    "average_precision",
    "brier",
    "calibration_error",
    "gains",
    "logloss",
    "losses",
    "measured",
    "perfect_calibration_error",
    "recalibration",
    "resampling",
]
