"""Reports: the run in MLflow, the model card and its plots."""
