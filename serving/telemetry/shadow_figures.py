"""Figures of the challenger that scores in shadow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.telemetry.counting import version_label
from serving.telemetry.definitions import SHADOW_APART, SHADOW_DROPPED, SHADOW_SCORES

if TYPE_CHECKING:
    from serving.telemetry.telemetry import Telemetry


class ShadowFigures:
    """Counts what the shadow did, in whichever process it runs."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def scored(self, difference_in_points: float, version: int | None) -> None:
        """Note a score of the challenger's `version`, and how far it lies from the champion's, either way."""
        label = (version_label(version),)
        self._telemetry.count(SHADOW_SCORES, label)
        self._telemetry.observe(SHADOW_APART, label, abs(difference_in_points))

    def dropped(self, number: int = 1) -> None:
        """Note requests that were left out."""
        self._telemetry.count(SHADOW_DROPPED, (), number)
