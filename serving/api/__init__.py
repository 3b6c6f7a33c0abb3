"""The REST interface under /v1: the store's leads, events, outcomes, scores and jobs."""
