"""API keys: who may ask what.

A key holds 256 random bits, so nobody can guess it from its digest: a plain SHA-256 is kept, and the slow
hashes that protect passwords chosen by people would only make every request slower.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import sqlalchemy as sa

from features.errors import Fault, InputError
from serving.store.schema import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from serving.store.database import Store

Scope = Literal["score", "ingest", "read", "metrics", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
PREFIX = "ll_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is known of a key. Times are microseconds UTC."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created_at: int
    expires_at: int | None
    revoked_at: int | None

    def allows(self, scope: Scope) -> bool:
        """Whether the key may do what `scope` names. An admin may do everything."""
        return scope in self.scopes or "admin" in self.scopes

    def is_active(self, now: int) -> bool:
        """Whether the key is neither revoked nor expired at `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class KeyRing:
    """The keys of a store. `clock` says what time it is, in microseconds UTC."""

    def __init__(self, store: Store, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    def create(self, name: str, scopes: Iterable[str], *, expires_at: int | None = None) -> tuple[Key, str]:
        """Make a key, and return it with its text, which is shown this once and kept nowhere.

        Raises InputError where a scope does not exist, none is given, or the name is empty or too long.
        """
        key_id = secrets.token_hex(4)
        text = f"{PREFIX}{key_id}_{secrets.token_urlsafe(32)}"
        key = Key(
            id=key_id,
            name=_checked_name(name),
            scopes=_checked_scopes(scopes),
            created_at=self._clock(),
            expires_at=expires_at,
            revoked_at=None,
        )
        row = KEYS.insert().values(
            id=key.id,
            sha256=_digest(text),
            name=key.name,
            scopes=sorted(key.scopes),
            created_at=key.created_at,
            expires_at=key.expires_at,
        )
        self._store.write(lambda connection: connection.execute(row))
        return key, text

    def verify(self, text: str) -> Key | None:
        """Return the active key that `text` is, or None. Takes as long for a near miss as for a far one."""
        prefix, _, rest = text.partition("_")
        key_id, _, secret = rest.partition("_")
        if prefix + "_" != PREFIX or not secret:
            return None
        row = self._row(key_id)
        known = row.sha256 if row is not None else "0" * 64
        if not hmac.compare_digest(_digest(text), known) or row is None:
            return None
        return self._active(row)

    def find(self, key_id: str) -> Key | None:
        """Return the active key of this id, or None: for sessions, which remember the id alone."""
        row = self._row(key_id)
        return None if row is None else self._active(row)

    def all(self) -> list[Key]:
        """Return every key, revoked ones too, oldest first."""
        with self._store.reading() as connection:
            rows = connection.execute(KEYS.select().order_by(KEYS.c.created_at, KEYS.c.id)).all()
        return [_key(row) for row in rows]

    def revoke(self, key_id: str) -> bool:
        """End a key, and every session opened with it, at once. False where no active key has this id."""
        ended = (
            sa.update(KEYS)
            .where(KEYS.c.id == key_id, KEYS.c.revoked_at.is_(None))
            .values(revoked_at=self._clock())
        )
        return self._store.write(lambda connection: connection.execute(ended).rowcount) == 1

    def _row(self, key_id: str) -> Any:
        with self._store.reading() as connection:
            return connection.execute(KEYS.select().where(KEYS.c.id == key_id)).one_or_none()

    def _active(self, row: Any) -> Key | None:
        key = _key(row)
        return key if key.is_active(self._clock()) else None


def _key(row: Any) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        scopes=frozenset(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


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
