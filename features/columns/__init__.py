"""The columns of the leads: how each is read, and what its cells tell."""

from features.columns.learned import SUPPORT, Column, Unused, learn_column, learn_counted

__all__ = ["SUPPORT", "Column", "Unused", "learn_column", "learn_counted"]
