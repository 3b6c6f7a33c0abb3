"""What the compiler of a booster says when it cannot go on."""

from __future__ import annotations


class NotTabulatedError(Exception):
    """A booster holds something that the compiler does not know, so LightGBM itself has to be asked."""


class NoContributionsError(ValueError):
    """A booster has no contributions of this form, whoever is asked: several classes, or linear leaves."""


class KeptTablesError(ValueError):
    """Tables in a file that are not whole, or belong to another artifact or other sources."""
