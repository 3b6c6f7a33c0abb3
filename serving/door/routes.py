"""Every address of the service, and what it asks of a caller: the one table that the gate goes by."""

from __future__ import annotations

from serving.door.route import GET, Route
from serving.door.v1_routes import V1

ROUTES = (
    Route(
        methods=("POST",),
        path="/score",
        access="key",
        scope="score",
        body="score",
        operation="score",
        query=("reasons", "record", "explain"),
        does_without_store=True,
    ),
    Route(
        methods=("POST",),
        path="/score_batch",
        access="key",
        scope="score",
        body="batch",
        operation="scoreBatch",
        query=("reasons",),
        does_without_store=True,
    ),
    Route(methods=GET, path="/docs.json", access="key", scope="read", operation="apiDocument"),
    Route(
        methods=GET,
        path="/metrics",
        access="key",
        scope="metrics",
        operation="getMetrics",
        does_without_store=True,  # that it is away is what Prometheus has to hear
    ),
    Route(methods=GET, path="/livez", access="open", operation="isLive"),
    Route(methods=GET, path="/readyz", access="open", operation="isReady"),
    Route(methods=GET, path="/", access="open"),
    Route(methods=GET, path="/sign-in", access="open"),
    Route(methods=("POST",), path="/sign-in", access="open", body="form"),
    Route(methods=("POST",), path="/sign-out", access="open", body="form"),
    Route(methods=GET, path="/static/{file}", access="open", takes_rest=True),
    Route(methods=GET, path="/leads", access="session", scope="read"),
    Route(methods=GET, path="/leads/{id}", access="session", scope="read", takes_rest=True),
    *V1,
)
