"""The service in this process, behind all its layers."""

import warnings
from dataclasses import dataclass

from serving.access.key import Scope
from serving.access.key_ring import KeyRing
from serving.parts import Parts

with warnings.catch_warnings():
    # Starlette wants the successor of httpx for its test client, which is not among our pinned packages.
    warnings.simplefilter("ignore", DeprecationWarning)
    warnings.simplefilter("ignore", UserWarning)
    from starlette.testclient import TestClient

__all__ = ["NOW", "Service", "TestClient"]

NOW = 1_795_253_400_000_000  # 2026-11-21T09:30:00Z


@dataclass(frozen=True)
class Service:
    """A client of the service, its parts, and a key for each scope."""

    client: TestClient
    parts: Parts
    keys: dict[Scope, str]

    def headers(self, scope: Scope = "score") -> dict[str, str]:
        """The header that shows the key of a scope."""
        return {"Authorization": f"Bearer {self.keys[scope]}"}

    @property
    def ring(self) -> KeyRing:
        """The keys of the store."""
        return self.parts.keys
