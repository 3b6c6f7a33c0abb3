"""Calibration: the chance of converting within the horizon, and its band, as curves of the margin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.curve import Curve, curve_from

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Calibration:
    """`probability` as a curve of the margin, within the 90 % band from `low` to `high`."""

    probability: Curve
    low: Curve
    high: Curve

    def at(self, margins: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return probability, low and high (0-1) for margins (log-odds), float64 (n,) each.

        Between knots a curve that is a hair lower may round to a hair higher: the band holds the point.
        """
        point = self.probability.at(margins)
        return point, np.minimum(self.low.at(margins), point), np.maximum(self.high.at(margins), point)

    def to_dict(self) -> dict[str, Any]:
        """Return the curves as lists that `calibration_from` reads back to the bit."""
        return {
            "probability": self.probability.to_dict(),
            "low": self.low.to_dict(),
            "high": self.high.to_dict(),
        }


def calibration_from(content: dict[str, Any]) -> Calibration:
    """Read a calibration back. Raises ValueError where a curve is not sound."""
    return Calibration(
        curve_from(content["probability"]), curve_from(content["low"]), curve_from(content["high"])
    )
