"""Sessions of browsers: a signed cookie holds the id of the session and of its key; the store, which ended.

Whoever kept a copy of a cookie can show it again, so that removing it from the browser ends nothing.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from serving.settings import LONGEST_SESSION_HOURS
from serving.store.dialects import insert_into
from serving.store.schema import ENDED_SESSIONS

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from sqlalchemy import Connection

KEY_ID = "key_id"
SESSION_ID = "session_id"
LONGEST_SESSION_US = (LONGEST_SESSION_HOURS + 1) * 3_600_000_000
"""The end of a session is remembered for longer than any setting lets a cookie live."""


def begin_session(session: MutableMapping[str, Any], key_id: str) -> None:
    """Make of a request's session a new one, opened with a key."""
    session.clear()
    session[KEY_ID] = key_id
    session[SESSION_ID] = secrets.token_hex(16)


def ids_of(session: MutableMapping[str, Any]) -> tuple[str, str] | None:
    """Return the ids of the session and of its key, or None where there is no session."""
    session_id, key_id = session.get(SESSION_ID), session.get(KEY_ID)
    return (session_id, key_id) if isinstance(session_id, str) and isinstance(key_id, str) else None


def end_session(connection: Connection, session_id: str, now: int) -> None:
    """End a session for good at `now`, microseconds UTC."""
    ended = insert_into(connection, ENDED_SESSIONS).values(id=session_id, ended_at=now)
    connection.execute(ended.on_conflict_do_nothing())


def has_ended(connection: Connection, session_id: str) -> bool:
    """Return whether a session was ended."""
    found = sa.select(ENDED_SESSIONS.c.id).where(ENDED_SESSIONS.c.id == session_id)
    return connection.execute(found).first() is not None


def forget_ended(connection: Connection, now: int) -> int:
    """Forget the sessions whose cookies have run out by themselves, and return how many."""
    old = ENDED_SESSIONS.c.ended_at < now - LONGEST_SESSION_US
    return connection.execute(sa.delete(ENDED_SESSIONS).where(old)).rowcount
