"""API keys: who may ask what.

A key holds 256 random bits, so nobody can guess it from its digest: a plain SHA-256 is kept, and the slow
hashes that protect passwords chosen by people would only make every request slower.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import sqlalchemy as sa

from features.errors import Fault, InputError
from serving.access.audit_log import COMMAND_LINE, note_act
from serving.access.last_use import LastUse
from serving.access.sessions import has_ended
from serving.scoring.answers import rfc_3339
from serving.store.schema import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from serving.store.database import Store

Scope = Literal["score", "ingest", "read", "metrics", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
PREFIX = "ll_"
FRESH_US = 1_000_000
"""What was read of a key counts for so many microseconds: other processes revoke within a second."""

LARGEST_LIMIT = 2**31 - 1
_ID_BYTES = 4
_TEXT = re.compile(rf"{PREFIX}([0-9a-f]{{{2 * _ID_BYTES}}})_.+", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is known of a key. Times are microseconds UTC.

    `limit_per_minute` is how many requests it may make: 0 any number, None as many as the setting says.
    `life_us` is for how long it was made, whatever became of that since; None without end. `family` is the
    id of the first key of those that were rotated from one another: what one began, the next goes on with.
    """

    id: str
    name: str
    scopes: frozenset[Scope]
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    last_used_at: int | None
    limit_per_minute: int | None
    life_us: int | None
    family: str

    def allows(self, scope: Scope) -> bool:
        """Whether the key may do what `scope` names. An admin may do everything."""
        return scope in self.scopes or "admin" in self.scopes

    def is_active(self, now: int) -> bool:
        """Whether the key is neither revoked nor expired at `now`."""
        return self.state(now) == "valid"

    def state(self, now: int) -> Literal["valid", "expired", "revoked"]:
        """Return what the key is at `now`. One that expired after it was revoked is revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "valid" if self.expires_at is None or now < self.expires_at else "expired"


class KeyRing:
    """The keys of a store. `clock` says what time it is, in microseconds UTC.

    Who makes, rotates or revokes a key is said in the audit log as `actor`: the id of a key, or a word.
    """

    def __init__(self, store: Store, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock
        self._read: dict[str, tuple[int, Any]] = {}
        self._last_use = LastUse(store)

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
        key, text = _new_key(
            _checked_name(name),
            _checked_scopes(scopes),
            now,
            life_us=_checked_life(expires_at, now),
            limit_per_minute=_checked_limit(limit_per_minute),
        )

        def kept(connection: Connection) -> None:
            connection.execute(KEYS.insert().values(_row_of(key, text)))
            note_act(connection, now, actor, "key created", **_said_of(key))

        self._store.write(kept)
        return key, text

    def create_first(self, name: str, actor: str) -> tuple[Key, str] | None:
        """Make a key for everything where there is none at all, and return it; None where there is one.

        Of several processes that do this at once, one makes it.
        """
        now = self._clock()
        key, text = _new_key(name, frozenset(SCOPES), now, life_us=None, limit_per_minute=None)

        def kept(connection: Connection) -> bool:
            if not self._store.is_sqlite:  # where one transaction writes at a time without
                connection.execute(sa.text("LOCK TABLE keys IN SHARE ROW EXCLUSIVE MODE"))
            if connection.execute(sa.select(KEYS.c.id).limit(1)).first() is not None:
                return False
            connection.execute(KEYS.insert().values(_row_of(key, text)))
            note_act(connection, now, actor, "key created", **_said_of(key))
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
            if row is None or not (old := _key(row)).is_active(now):
                return None
            ends_at = now + overlap_us if old.expires_at is None else min(old.expires_at, now + overlap_us)
            key, text = _new_key(
                old.name,
                old.scopes,
                now,
                life_us=old.life_us,
                limit_per_minute=old.limit_per_minute,
                family=old.family,
            )
            connection.execute(sa.update(KEYS).where(KEYS.c.id == key_id).values(expires_at=ends_at))
            connection.execute(KEYS.insert().values(_row_of(key, text)))
            said = _said_of(key) | {"old_key": key_id, "old_expires_at": rfc_3339(ends_at)}
            note_act(connection, now, actor, "key rotated", **said)
            return key, text

        made = self._store.write(rotated)
        self._read.clear()
        return made

    def verify(self, text: str) -> Key | None:
        """Return the active key that `text` is, or None. Takes as long for a near miss as for a far one."""
        key_id = id_in(text)
        return None if key_id is None else self.matching(text, self.fresh(key_id) or self.read(key_id))

    def matching(self, text: str, row: Any) -> Key | None:
        """Return the active key that `text` is, if it is that of a row that was read; asks no store."""
        return self.active(row) if _is_of(text, row) else None

    def was_read(self, text: str) -> bool:
        """Return whether `text` is that of a key that was read here, however long ago; asks no store."""
        _, row = self._read.get(id_in(text) or "", (0, None))
        return _is_of(text, row)

    def find(self, key_id: str) -> Key | None:
        """Return the active key of this id, or None: for sessions, which remember the id alone."""
        row = self.fresh(key_id) or self.read(key_id)
        return None if row is None else self.active(row)

    def all(self) -> list[Key]:
        """Return every key, revoked ones too, oldest first."""
        with self._store.reading() as connection:
            rows = connection.execute(KEYS.select().order_by(KEYS.c.created_at, KEYS.c.id)).all()
        return [_key(row) for row in rows]

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
        self._read.clear()
        return done

    def settle(self) -> None:
        """Wait until the last uses that were noted are written."""
        self._last_use.settle()

    def close(self) -> None:
        """Write what is noted, and close the connections to the store."""
        self.settle()
        self._store.close()

    def fresh(self, key_id: str) -> Any:
        """Return the row of a key where it was read a moment ago, else None; asks no store."""
        read_at, row = self._read.get(key_id, (0, None))
        return row if row is not None and 0 <= self._clock() - read_at < FRESH_US else None

    def read(self, key_id: str) -> Any:
        """Return the row of a key as it is in the store, or None."""
        now = self._clock()
        with self._store.reading() as connection:
            row = connection.execute(KEYS.select().where(KEYS.c.id == key_id)).one_or_none()
        if row is not None:  # what is no key is not remembered: there is no end of it
            self._read[key_id] = (now, row)
        return row

    def session_is_over(self, session_id: str) -> bool:
        """Return whether a session that was opened with a key was signed out, as the store says."""
        with self._store.reading() as connection:
            return has_ended(connection, session_id)

    def active(self, row: Any) -> Key | None:
        """Return the key of a row where it is active, and note that it was used; asks no store."""
        now = self._clock()
        key = _key(row)
        if not key.is_active(now):
            return None
        self._last_use.note(key.id, now)
        return key


def _new_key(
    name: str,
    scopes: frozenset[Scope],
    now: int,
    *,
    life_us: int | None,
    limit_per_minute: int | None,
    family: str | None = None,
) -> tuple[Key, str]:
    key_id = secrets.token_hex(_ID_BYTES)
    key = Key(
        id=key_id,
        name=name,
        scopes=scopes,
        created_at=now,
        expires_at=None if life_us is None else now + life_us,
        revoked_at=None,
        last_used_at=None,
        limit_per_minute=limit_per_minute,
        life_us=life_us,
        family=key_id if family is None else family,
    )
    return key, f"{PREFIX}{key_id}_{secrets.token_urlsafe(32)}"


def _row_of(key: Key, text: str) -> dict[str, Any]:
    return {
        "id": key.id,
        "sha256": _digest(text),
        "name": key.name,
        "scopes": sorted(key.scopes),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "limit_per_minute": key.limit_per_minute,
        "life_us": key.life_us,
        "family": key.family,
    }


def _said_of(key: Key) -> dict[str, Any]:
    """Return what the audit log says of a new key; not its name, which may be a person's."""
    return {
        "key": key.id,
        "scopes": sorted(key.scopes),
        "expires_at": None if key.expires_at is None else rfc_3339(key.expires_at),
        "limit_per_minute": key.limit_per_minute,
    }


def _key(row: Any) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        scopes=frozenset(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        limit_per_minute=row.limit_per_minute,
        life_us=row.life_us,
        family=row.id if row.family is None else row.family,
    )


def id_in(text: str) -> str | None:
    """Return the id of the key that a text claims to be, or None where it is no key's text at all.

    >>> id_in("ll_1f0c2a9e_secret"), id_in("ll_CRM_secret")
    ('1f0c2a9e', None)
    """
    match = _TEXT.fullmatch(text)
    return None if match is None else match[1]


def _is_of(text: str, row: Any) -> bool:
    known = row.sha256 if row is not None else "0" * 64
    return hmac.compare_digest(_digest(text), known) and row is not None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _checked_name(name: str) -> str:
    if not 0 < len(name.strip()) <= 200:
        raise InputError(
            Fault("name", "1 to 200 characters", f"{len(name.strip())}", "Say what the key is for.")
        )
    if not name.strip().isprintable():
        raise InputError(
            Fault("name", "characters that a line can show", repr(name), "Leave the others out.")
        )
    return name.strip()


def _checked_scopes(scopes: Iterable[str]) -> frozenset[Scope]:
    wanted = set(scopes)
    if not wanted or wanted - set(SCOPES):
        unknown = ", ".join(sorted(wanted - set(SCOPES))) or "none"
        raise InputError(Fault("scopes", f"some of {', '.join(SCOPES)}", unknown, "Choose from these."))
    return frozenset(scope for scope in SCOPES if scope in wanted)


def _checked_life(expires_at: int | None, now: int) -> int | None:
    """Return how long a key lives that ends at a moment, in microseconds."""
    if expires_at is None:
        return None
    if expires_at <= now:
        raise InputError(Fault("expiry", "a moment to come", "one that has passed", "Give a longer time."))
    return expires_at - now


def _checked_limit(limit_per_minute: int | None) -> int | None:
    if limit_per_minute is not None and not 0 <= limit_per_minute <= LARGEST_LIMIT:
        remedy = "0 is no limit; without one, the setting's holds."
        raise InputError(Fault("limit per minute", f"0 to {LARGEST_LIMIT}", str(limit_per_minute), remedy))
    return limit_per_minute
