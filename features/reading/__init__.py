"""From a company's files to the canonical tables."""

from features.reading.company_files import read_events, read_leads, read_tables
from features.reading.extract import NO_DATES
from features.reading.raw_columns import ReadTable

__all__ = ["NO_DATES", "ReadTable", "read_events", "read_leads", "read_tables"]
