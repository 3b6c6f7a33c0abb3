"""Fitting: from examples to a scorer, by a recipe that makes two fits on the same data the same."""
