"""API keys: who may ask what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.access.audit_log import COMMAND_LINE, note_act
from serving.access.key import (
    SCOPES,
    checked_life,
    checked_limit,
    checked_name,
    checked_scopes,
    id_in,
    is_of,
    key_of,
    new_key,
    row_of,
    said_of,
)
from serving.access.key_refresh import KeyRefresh
from serving.access.known_keys import KnownKey, KnownKeys
from serving.access.last_use import LastUse
from serving.access.sessions import has_ended
from serving.store.database import StoreAwayError
from serving.store.dialects import in_batches
from serving.store.schema import KEYS
from serving.wire.encoding import rfc_3339

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from sqlalchemy import Connection

    from serving.access.key import Key
    from serving.access.key_memory import KeyMemory
    from serving.store.database import Store

HOUR_US = 3_600_000_000


class KeyRing:
    """The keys of a store. `clock` says what time it is, in microseconds UTC.

    For `memory_hours` a key that was right goes on being found while the store is away, marked as
    remembered; with `memory` also by a process that starts meanwhile.

    Who makes, rotates or revokes a key is said in the audit log as `actor`: the id of a key, or a word.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], int],
        *,
        memory_hours: float = 0,
        memory: KeyMemory | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._last_use = LastUse(store)
        self._refresh = KeyRefresh(self.read_all, memory)
        self._known = KnownKeys(int(memory_hours * HOUR_US), self._refresh.ask)
        self._refresh.keeps(self._known)

    def create(
        self,
        name: str,
        scopes: Iterable[str],
        *,
        expires_at: int | None = None,
        limit_per_minute: int | None = None,
        actor: str = COMMAND_LINE,
    ) -> tuple[Key, str]:
        """Make a key, and return it with its text, which is shown this once and kept nowhere.

        Raises InputError where a scope does not exist, none is given, the name is empty or too long, the
        expiry is not in the future or the limit is no limit.
        """
        now = self._clock()
        key, text = new_key(
            checked_name(name),
            checked_scopes(scopes),
            now,
            life_us=checked_life(expires_at, now),
            limit_per_minute=checked_limit(limit_per_minute),
        )

        def kept(connection: Connection) -> None:
            connection.execute(KEYS.insert().values(row_of(key, text)))
            note_act(connection, now, actor, "key created", **said_of(key))

        self._store.write(kept)
        return key, text

    def create_first(self, name: str, actor: str) -> tuple[Key, str] | None:
        """Make a key for everything where there is none at all, and return it; None where there is one.

        Of several processes that do this at once, one makes it.
        """
        now = self._clock()
        key, text = new_key(name, frozenset(SCOPES), now, life_us=None, limit_per_minute=None)

        def kept(connection: Connection) -> bool:
            if not self._store.is_sqlite:  # where one transaction writes at a time without
                connection.execute(sa.text("LOCK TABLE keys IN SHARE ROW EXCLUSIVE MODE"))
            if connection.execute(sa.select(KEYS.c.id).limit(1)).first() is not None:
                return False
            connection.execute(KEYS.insert().values(row_of(key, text)))
            note_act(connection, now, actor, "key created", **said_of(key))
            return True

        return (key, text) if not self.all() and self._store.write(kept) else None

    def rotate(self, key_id: str, overlap_us: int, *, actor: str = COMMAND_LINE) -> tuple[Key, str] | None:
        """Make a successor of a key, and return it with its text. None where no active key has this id.

        The successor has the name, the scopes, the limit, the length of life and the family of the old key,
        which ends `overlap_us` microseconds from now, or when it would have anyway. An overlap shortens no
        successor's life: one that is rotated again hands on the length that it was made with.
        """
        now = self._clock()

        def rotated(connection: Connection) -> tuple[Key, str] | None:
            row = connection.execute(KEYS.select().where(KEYS.c.id == key_id).with_for_update()).one_or_none()
            if row is None or not (old := key_of(row)).is_active(now):
                return None
            ends_at = now + overlap_us if old.expires_at is None else min(old.expires_at, now + overlap_us)
            key, text = new_key(
                old.name,
                old.scopes,
                now,
                life_us=old.life_us,
                limit_per_minute=old.limit_per_minute,
                family=old.family,
            )
            connection.execute(sa.update(KEYS).where(KEYS.c.id == key_id).values(expires_at=ends_at))
            connection.execute(KEYS.insert().values(row_of(key, text)))
            said = said_of(key) | {"old_key": key_id, "old_expires_at": rfc_3339(ends_at)}
            note_act(connection, now, actor, "key rotated", **said)
            return key, text

        made = self._store.write(rotated)
        if made is not None:
            self.read(key_id)
        return made

    def verify(self, text: str) -> Key | None:
        """Return the active key that `text` is, or None. Takes as long for a near miss as for a far one."""
        key_id = id_in(text)
        return None if key_id is None else self.matching(text, self.fresh(key_id) or self.read(key_id))

    def at_hand(self, text: str, now: int) -> Key | None:
        """Return the active key that `text` is where that is known without asking the store.

        So it is where the key was read a moment ago, and, marked as remembered, where the store is away.
        None says nothing: `verify`, in a thread, is to be asked.
        """
        known = self._known.at_hand(text, now)
        return None if known is None else self.active(known)

    def remembered(self, text: str) -> Key | None:
        """Return the key that `text` is by what the store told last; for when it was asked, and is away."""
        key_id = id_in(text)
        return None if key_id is None else self.matching(text, self._known.remembered(key_id, self._clock()))

    def now(self) -> int:
        """Return what time it is here, in microseconds UTC."""
        return self._clock()

    def store_is_away(self) -> bool:
        """Return whether the store did not answer when it was asked about keys last, or does not now."""
        return self._known.is_away()

    def matching(self, text: str, known: KnownKey | None) -> Key | None:
        """Return the active key that `text` is, if it is that of one that was read; asks no store."""
        return self.active(known) if is_of(text, known) and known is not None else None

    def was_read(self, text: str) -> bool:
        """Return whether `text` is that of a key that was read here, however long ago; asks no store."""
        return is_of(text, self._known.any_time(id_in(text) or ""))

    def find(self, key_id: str) -> Key | None:
        """Return the active key of this id, or None: for sessions, which remember the id alone."""
        known = self.fresh(key_id) or self.read(key_id)
        return None if known is None else self.active(known)

    def all(self) -> list[Key]:
        """Return every key, revoked ones too, oldest first."""
        with self._store.reading() as connection:
            rows = connection.execute(KEYS.select().order_by(KEYS.c.created_at, KEYS.c.id)).all()
        return [key_of(row) for row in rows]

    def revoke(self, key_id: str, *, actor: str = COMMAND_LINE) -> bool:
        """End a key, and every session opened with it. False where there is no such key to be revoked.

        It ends here at once, and in other processes within a second.
        """
        now = self._clock()
        ended = sa.update(KEYS).where(KEYS.c.id == key_id, KEYS.c.revoked_at.is_(None)).values(revoked_at=now)

        def revoked(connection: Connection) -> bool:
            if connection.execute(ended).rowcount != 1:
                return False
            note_act(connection, now, actor, "key revoked", key=key_id)
            return True

        done = self._store.write(revoked)
        if done:
            self._known.revoked(key_id, now)
        return done

    def settle(self) -> None:
        """Wait until the last uses that were noted are written."""
        self._last_use.settle()

    def watch(self) -> None:
        """Begin to ask the store now and then, from a thread, about all keys that are known here."""
        self._refresh.begin()

    def close(self) -> None:
        """Write what is noted, and close the connections to the store."""
        self._refresh.end()
        self.settle()
        self._store.close()

    def fresh(self, key_id: str) -> KnownKey | None:
        """Return a key where it was read a moment ago, else None; asks no store."""
        return self._known.fresh(key_id, self._clock())

    def read(self, key_id: str) -> KnownKey | None:
        """Return a key as it is in the store, or None."""
        try:
            found = self.read_all([key_id])
        except StoreAwayError:
            self._known.failed()
            raise
        self._known.told([key_id], found)
        return found[0] if found else None

    def read_all(self, key_ids: Collection[str]) -> list[KnownKey]:
        """Return those of the keys that the store has, as they are there now."""
        now = self._clock()
        with self._store.reading() as connection:
            return [
                KnownKey(key_of(row), row.sha256, now)
                for batch in list(in_batches(key_ids)) or [[]]
                for row in connection.execute(KEYS.select().where(KEYS.c.id.in_(batch)))
            ]

    def session_is_over(self, session_id: str) -> bool:
        """Return whether a session that was opened with a key was signed out, as the store says."""
        with self._store.reading() as connection:
            return has_ended(connection, session_id)

    def active(self, known: KnownKey) -> Key | None:
        """Return the key where it is active, and note that it was used; asks no store."""
        now = self._clock()
        key = known.key
        if not key.is_active(now):
            return None
        self._last_use.note(key.id, now)
        return key
