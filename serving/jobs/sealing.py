"""Seals the newest records of the ledger, every few seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from serving.store.database import Store

PAUSE_US = 3_000_000


@dataclass(slots=True)
class Sealing:
    """Calls `seal` (`serving.ledger.chain.seal`), which returns how many records it sealed, in a write."""

    store: Store
    seal: Callable[[Connection, int], int]
    name: str = "sealing"
    _next_at: int = 0

    def step(self, now: int) -> bool:
        """Seal what is not sealed, if it is time."""
        if now < self._next_at <= now + PAUSE_US:
            return False
        self._next_at = now + PAUSE_US
        return self.store.write(lambda connection: self.seal(connection, now)) > 0
