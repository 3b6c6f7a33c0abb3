"""From history to a proved model: data sets, fitting, evidence."""
