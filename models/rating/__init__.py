"""From contributions to scores as columns: one kernel, for one row and for a million."""
