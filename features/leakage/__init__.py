"""The leakage audit: which columns were filled in after the fact, with the evidence for it."""

from features.leakage.audit import Asked, DataSetNote, Judged, audit_columns
from features.leakage.evidence import Evidence, Kind, Strength
from features.leakage.verdict import Verdict, verdict_of

__all__ = [
    "Asked",
    "DataSetNote",
    "Evidence",
    "Judged",
    "Kind",
    "Strength",
    "Verdict",
    "audit_columns",
    "verdict_of",
]
