"""How long things are kept: payloads of the ledger, answers to repeated requests, ended sessions, models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from features.durations import DAY_US
from features.errors import InputError
from serving.access.sessions import forget_ended
from serving.ledger.chain import erase_before
from serving.store.database import StoreBusyError, open_store
from serving.store.idempotency import forget_before
from serving.store.schema import LEDGER_HEADERS, LEDGER_PAYLOADS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from serving.settings import Settings

IDEMPOTENCY_US = DAY_US
"""For so long a repeated request is answered as the first one was."""

PAYLOADS_AT_ONCE = 5_000
"""The most payloads that one transaction erases, so that it is short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What went: payloads of the ledger, answers to repeated requests, and ends of sessions."""

    payloads: int
    answers: int
    sessions: int = 0

    @property
    def is_more(self) -> bool:
        """Whether more may be due than one transaction erases."""
        return self.payloads >= PAYLOADS_AT_ONCE


def enforce(connection: Connection, now: int, settings: Settings) -> Erased:
    """Erase what is older than the settings allow, at `now` (microseconds UTC).

    Headers and seals of the ledger stay. At most PAYLOADS_AT_ONCE payloads go at once, the oldest first: call
    it again, in a transaction of its own, while `is_more`.
    """
    oldest = now - settings.ledger_retention_days * DAY_US
    return Erased(
        payloads=erase_before(connection, oldest, most=PAYLOADS_AT_ONCE),
        answers=forget_before(connection, now - IDEMPOTENCY_US),
        sessions=forget_ended(connection, now),
    )


def retained_versions(settings: Settings) -> set[int] | None:
    """Return the versions of models that are needed to replay the records whose payloads are kept.

    None, which stands for all, where the store of the settings cannot be asked.
    """
    try:
        store = open_store(settings.home, settings.store_url)
    except (InputError, OSError):
        return None
    try:
        with store.reading() as connection:
            return versions_recorded(connection)
    except (sa.exc.DBAPIError, StoreBusyError):
        return None
    finally:
        store.close()


def versions_recorded(connection: Connection) -> set[int]:
    """Return the versions that headers name from the oldest record on whose payload is kept."""
    oldest = connection.execute(sa.select(sa.func.min(LEDGER_PAYLOADS.c.id))).scalar_one()
    if oldest is None:
        return set()
    named = sa.select(LEDGER_HEADERS.c.model_version).where(LEDGER_HEADERS.c.id >= oldest).distinct()
    return {version for version in connection.execute(named).scalars() if version is not None}
