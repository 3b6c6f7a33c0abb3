"""Named summaries of what a lead did: a few numbers in the place of all its events."""

from features.summaries.summariser import NEVER_DAYS, Summariser
from features.summaries.summary import MOST_SUMMARIES, Summary

__all__ = ["MOST_SUMMARIES", "NEVER_DAYS", "Summariser", "Summary"]
