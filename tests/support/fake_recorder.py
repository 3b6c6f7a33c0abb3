"""Scores stored leads without a model: what a score sees is the lead's `updated_at`."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from serving.store.database import Store
from serving.store.schema import LEADS, STALE_LEADS

CURRENT = "leadlens 7, policy 1"


def put_leads(store: Store, count: int, **values: Any) -> list[int]:
    """Insert open leads that arrived and were never scored; return their numbers."""

    def insert(connection: sa.Connection) -> list[int]:
        first = connection.execute(sa.select(sa.func.coalesce(sa.func.max(LEADS.c.number), 0))).scalar_one()
        numbers = list(range(first + 1, first + 1 + count))
        row = {"created_at": 1, "arrived_at": 1, "updated_at": 1, "cells": {}} | values
        connection.execute(LEADS.insert(), [row | {"number": n, "lead_id": f"L-{n}"} for n in numbers])
        return numbers

    return store.write(insert)


def waiting(store: Store) -> list[int]:
    """The leads that wait for a new score, claimed or not."""
    with store.reading() as connection:
        return list(connection.execute(sa.select(STALE_LEADS.c.lead).order_by(STALE_LEADS.c.lead)).scalars())


class FakeRecorder:
    """Writes into `leads.probability` which `updated_at` it has seen. Leads in `bad` make it fail."""

    def __init__(
        self,
        store: Store,
        scored_by: str = CURRENT,
        *,
        bad: Iterable[int] = (),
        meanwhile: Callable[[], object] = lambda: None,
    ) -> None:
        self.store = store
        self.scored_by = scored_by
        self.bad = set(bad)
        self.meanwhile = meanwhile
        self.times: Counter[int] = Counter()
        self.scored = 0
        self._lock = threading.Lock()

    def rescore(self, numbers: Sequence[int], now: int) -> int:
        """Look, work a while, and write what was seen."""
        with self.store.reading() as connection:
            wanted = LEADS.c.number.in_(numbers)
            seen = connection.execute(sa.select(LEADS.c.number, LEADS.c.updated_at).where(wanted)).all()
        self.meanwhile()
        if self.bad & set(numbers):
            raise ValueError("jane.doe@example.org cannot be scored")

        def write(connection: sa.Connection) -> None:
            for number, version in seen:
                scored = sa.update(LEADS).where(LEADS.c.number == number)
                newest = sa.func.coalesce(LEADS.c.scored_at, 0) <= now
                connection.execute(
                    scored.where(newest).values(probability=version, scored_at=now, scored_by=self.scored_by)
                )

        self.store.write(write)
        with self._lock:
            self.times.update(numbers)
            self.scored += len(numbers)
        return len(numbers)
