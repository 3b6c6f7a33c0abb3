"""How warm a lead is: by its own acts and their intent, not by its score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.decay import halved
from features.durations import DAY_US

if TYPE_CHECKING:
    from decisions.deciding.decision import Temperature
    from decisions.policy.rules import TemperatureRules


def temperature_of(
    acts: float, days_since_act: float, is_hot: bool, rules: TemperatureRules
) -> tuple[Temperature, str]:
    """Return the temperature, and the sentence that says why.

    Without acts of its own a lead is cold, whatever else holds.
    """
    if acts == 0:
        return "cold", "Cold: it has done nothing itself yet."
    if is_hot:
        return "hot", f"Hot: {rules.hot}."
    days = f"{days_since_act:.0f} day{'' if round(days_since_act) == 1 else 's'}"
    if warmth(days_since_act, rules) < rules.cold_below:
        return "cold", f"Cold: its last own act was {days} ago."
    return "warm", f"Warm: its last own act was {days} ago."


def warmth(days_since_act: float, rules: TemperatureRules) -> float:
    """Return how much of its warmth a lead has left, 0 to 1: 0.5 ^ (days since the last act / half-life)."""
    return float(halved(days_since_act * DAY_US / rules.half_life))
