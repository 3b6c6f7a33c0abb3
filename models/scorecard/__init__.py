"""The points scorecard: it serves where there is nothing to learn from, and helps where there is little."""
