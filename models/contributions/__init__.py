"""Exact contributions of features to a booster's margins: path-dependent TreeSHAP."""

from models.contributions.attributions import Attributions

__all__ = ["Attributions"]
