"""The service: scores and pages over HTTP."""
