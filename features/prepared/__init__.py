"""Histories larger than memory: the canonical tables in buckets, each of which holds all of its leads."""

from features.prepared.read import Prepared

__all__ = ["Prepared"]
