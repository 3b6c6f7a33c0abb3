"""Asking what is under /v1 for tests."""

from collections.abc import Callable
from typing import Any

import pytest
from service_here import Service

from serving.access.key import Scope

Ask = Callable[..., Any]
SCOPES_OF: dict[str, Scope] = {"PUT": "ingest", "POST": "ingest", "DELETE": "ingest", "GET": "read"}


@pytest.fixture
def ask(service: Service) -> Ask:
    """Ask with the key that the method needs, unless another scope is named; `json` is the body."""

    def asked(method: str, path: str, *, scope: Scope | None = None, **sent: Any) -> Any:
        headers = {**service.headers(scope or SCOPES_OF[method]), **sent.pop("headers", {})}
        return service.client.request(method, f"/v1{path}", headers=headers, **sent)

    return asked
