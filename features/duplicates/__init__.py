"""Which leads are one and the same person, and how they become one."""

from features.duplicates.identity import Identity, identify
from features.duplicates.merging import Merged, merge_duplicates

__all__ = ["Identity", "Merged", "identify", "merge_duplicates"]
