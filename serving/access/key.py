"""One API key: what is known of it, how its text is made and told, and what may be asked of a new one.

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

from features.errors import Fault, InputError
from serving.wire.encoding import rfc_3339

if TYPE_CHECKING:
    from collections.abc import Iterable

    from serving.access.known_keys import KnownKey

Scope = Literal["score", "ingest", "read", "metrics", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
PREFIX = "ll_"
LARGEST_LIMIT = 2**31 - 1
_ID_BYTES = 4
_TEXT = re.compile(rf"{PREFIX}([0-9a-f]{{{2 * _ID_BYTES}}})_.+", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is known of a key. Times are microseconds UTC.

    `limit_per_minute` is how many requests it may make: 0 any number, None as many as the setting says.
    `life_us` is for how long it was made, whatever became of that since; None without end. `family` is the
    id of the first key of those that were rotated from one another: what one began, the next goes on with.
    `is_remembered`: the store is away, and this is what it told last, which is good for scores
    that are not kept, and for how the service is.
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
    is_remembered: bool = False

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


def new_key(
    name: str,
    scopes: frozenset[Scope],
    now: int,
    *,
    life_us: int | None,
    limit_per_minute: int | None,
    family: str | None = None,
) -> tuple[Key, str]:
    """Return a key that is made now, and its text. Without `family` it is the first of its own."""
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


def row_of(key: Key, text: str) -> dict[str, Any]:
    """Return what the store holds of a key: of its text, a digest."""
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


def said_of(key: Key) -> dict[str, Any]:
    """Return what the audit log says of a new key; not its name, which may be a person's."""
    return {
        "key": key.id,
        "scopes": sorted(key.scopes),
        "expires_at": None if key.expires_at is None else rfc_3339(key.expires_at),
        "limit_per_minute": key.limit_per_minute,
    }


def key_of(row: Any) -> Key:
    """Return the key that a row of the store holds."""
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


def is_of(text: str, known: KnownKey | None) -> bool:
    """Return whether a text is that of a known key, in one time whatever differs. None is no key."""
    sha256 = known.sha256 if known is not None else "0" * 64
    return hmac.compare_digest(_digest(text), sha256) and known is not None


def _digest(text: str) -> str:
    """Return the digest by which the store knows a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def checked_name(name: str) -> str:
    """Return the name to be kept. Raises InputError where it is empty, too long, or not printable."""
    if not 0 < len(name.strip()) <= 200:
        raise InputError(
            Fault("name", "1 to 200 characters", f"{len(name.strip())}", "Say what the key is for.")
        )
    if not name.strip().isprintable():
        raise InputError(
            Fault("name", "characters that a line can show", repr(name), "Leave the others out.")
        )
    return name.strip()


def checked_scopes(scopes: Iterable[str]) -> frozenset[Scope]:
    """Return the scopes. Raises InputError where one does not exist, or none is given."""
    wanted = set(scopes)
    if not wanted or wanted - set(SCOPES):
        unknown = ", ".join(sorted(wanted - set(SCOPES))) or "none"
        raise InputError(Fault("scopes", f"some of {', '.join(SCOPES)}", unknown, "Choose from these."))
    return frozenset(scope for scope in SCOPES if scope in wanted)


def checked_life(expires_at: int | None, now: int) -> int | None:
    """Return how long a key lives that ends at a moment, in microseconds."""
    if expires_at is None:
        return None
    if expires_at <= now:
        raise InputError(Fault("expiry", "a moment to come", "one that has passed", "Give a longer time."))
    return expires_at - now


def checked_limit(limit_per_minute: int | None) -> int | None:
    """Return the limit. Raises InputError where it is no limit."""
    if limit_per_minute is not None and not 0 <= limit_per_minute <= LARGEST_LIMIT:
        remedy = "0 is no limit; without one, the setting's holds."
        raise InputError(Fault("limit per minute", f"0 to {LARGEST_LIMIT}", str(limit_per_minute), remedy))
    return limit_per_minute
