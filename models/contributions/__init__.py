"""Exact contributions of features to a booster's margins: path-dependent TreeSHAP."""

from models.contributions.attributions import Attributions, asked_of_lightgbm
from models.contributions.errors import NoContributionsError

__all__ = ["Attributions", "NoContributionsError", "asked_of_lightgbm"]
