"""Connections to PostgreSQL that give up on a server that keeps silent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from serving.store.reach import Limits

GRACE_SECONDS = 1
"""So much longer than the server's own limit of a statement its answer is waited for."""


class WatchedConnection(psycopg.Connection[Any]):
    """A connection that is closed where the server keeps silent for longer than `silence_seconds`.

    The limits that the server keeps itself are of no use where it is the server that hangs.
    """

    silence_seconds: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the answer. Raises OperationalError where none comes in time."""
        limit = self.silence_seconds if timeout is None else timeout
        try:
            return super().wait(gen, interval, limit)
        except psycopg.errors._WaitTimeout as problem:  # noqa: SLF001 - what `wait` says that it raises
            if timeout is not None:
                raise
            self.close()
            raise psycopg.OperationalError("the server keeps silent") from problem


def watch(engine: Engine, limits: Limits) -> None:
    """Have every connection of an engine give up on a server that keeps silent."""
    seconds = limits.statement_seconds

    def connected(_dialect: Any, _record: Any, arguments: list[Any], named: dict[str, Any]) -> Any:
        connection = WatchedConnection.connect(*arguments, **named)
        connection.silence_seconds = None if seconds is None else seconds + GRACE_SECONDS
        return connection

    sa.event.listen(engine, "do_connect", connected)
