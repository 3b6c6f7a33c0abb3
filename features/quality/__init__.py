"""The quality of a company's data: what is doubled, invalid, stale, impossible, unknown or drifting."""

from features.quality.finding import Fill, Finding, Quality
from features.quality.report import quality_report

__all__ = ["Fill", "Finding", "Quality", "quality_report"]
