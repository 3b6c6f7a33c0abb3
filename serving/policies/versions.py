"""The versions of the policy in the store: drafts, which may still change, and what was published."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from decisions.policy import policy_of_text
from features.errors import InputError
from serving.store.dialects import take_turns
from serving.store.schema_selling import POLICIES

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from decisions.policy import Policy

SAID_OF = "the policy"
"""What faults of a policy that was sent say where they are."""


class NoSuchPolicyError(LookupError):
    """No policy has this version."""

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(f"expected a version of the policy, found none of the number {version}")


class NoDraftError(ValueError):
    """A policy that was published stays as it is."""

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(f"expected a draft, found version {version}, which was published: write a new draft")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion:
    """One version, as it was written. Times are microseconds UTC; `published_at` is None for a draft.

    `sha256` is that of the content when it was written, defaults included; see `POLICIES` for the rest.
    """

    version: int
    text: str
    sha256: str
    state: Literal["draft", "published"]
    source: Literal["file", "api"]
    author: str
    note: str | None
    made_at: int
    published_at: int | None

    @property
    def policy(self) -> Policy:
        """What the text means. Raises InputError where this release does not understand it."""
        return policy_of_text(self.text, f"version {self.version} of the policy")

    @classmethod
    def of(cls, row: Row[tuple[object, ...]]) -> PolicyVersion:
        """Return what a row says."""
        return cls(**row._asdict())


_COLUMNS = tuple(POLICIES.c[field.name] for field in fields(PolicyVersion))
_ALL = sa.select(*_COLUMNS)
_NEWEST_FIRST = (POLICIES.c.published_at.desc(), POLICIES.c.version.desc())
_IN_FORCE = _ALL.where(POLICIES.c.state == "published").order_by(*_NEWEST_FIRST).limit(1)


def draft_policy(connection: Connection, text: str, author: str, note: str | None, now: int) -> PolicyVersion:
    """Keep a new draft. Raises InputError naming the line of each thing that is wrong with it."""
    policy = policy_of_text(text, SAID_OF)
    return _kept(connection, text, policy, author, note, now, source="api")


def change_draft(
    connection: Connection, version: int, text: str, author: str, note: str | None, now: int
) -> PolicyVersion:
    """Write a draft anew. Raises as `draft_policy`, and NoSuchPolicyError or NoDraftError."""
    policy = policy_of_text(text, SAID_OF)
    _held_draft(connection, version)
    new = {"text": text, "sha256": policy.sha256, "author": author, "note": note, "made_at": now}
    connection.execute(sa.update(POLICIES).where(POLICIES.c.version == version).values(new))
    return policy_version(connection, version)


def withdraw_draft(connection: Connection, version: int) -> None:
    """Throw a draft away; its number is given to no other. Raises NoSuchPolicyError or NoDraftError."""
    _held_draft(connection, version)
    connection.execute(sa.delete(POLICIES).where(POLICIES.c.version == version))


def publish_policy(connection: Connection, version: int, now: int) -> PolicyVersion:
    """Put a version in force, from now on. One that was in force before is so again.

    Raises NoSuchPolicyError, and InputError where this release does not understand it any more.
    """
    take_turns(connection, "policies", ["publish"])
    policy = policy_version(connection, version).policy
    newest = connection.execute(sa.select(sa.func.max(POLICIES.c.published_at))).scalar()
    at = now if newest is None else max(now, newest + 1)
    new = {"state": "published", "published_at": at, "sha256": policy.sha256}
    connection.execute(sa.update(POLICIES).where(POLICIES.c.version == version).values(new))
    return policy_version(connection, version)


def publish_file(connection: Connection, text: str, author: str, now: int) -> PolicyVersion | None:
    """Put the policy of a file in force, unless the last one that a file brought says the same.

    So the file and who publishes over the API take turns: what was published last holds, and a file that
    nobody has changed since takes nothing back. Comments do not count. Raises InputError for a wrong text.
    """
    take_turns(connection, "policies", ["publish"])
    policy = policy_of_text(text)
    from_files = _ALL.where(POLICIES.c.source == "file").order_by(POLICIES.c.version.desc()).limit(1)
    row = connection.execute(from_files).first()
    if row is not None and _says(PolicyVersion.of(row), text, policy):
        return None
    made = _kept(connection, text, policy, author, None, now, source="file")
    return publish_policy(connection, made.version, now)


def in_force(connection: Connection) -> PolicyVersion | None:
    """Return what was published last; None where nothing was."""
    row = connection.execute(_IN_FORCE).first()
    return None if row is None else PolicyVersion.of(row)


def version_in_force(connection: Connection) -> tuple[int, int] | None:
    """Return the version in force and since when (microseconds UTC); None where there is none."""
    asked = sa.select(POLICIES.c.version, POLICIES.c.published_at).where(POLICIES.c.state == "published")
    row = connection.execute(asked.order_by(*_NEWEST_FIRST).limit(1)).first()
    return None if row is None else (row.version, row.published_at)


def policy_version(connection: Connection, version: int) -> PolicyVersion:
    """Return one version. Raises NoSuchPolicyError."""
    row = connection.execute(_ALL.where(POLICIES.c.version == version)).first()
    if row is None:
        raise NoSuchPolicyError(version)
    return PolicyVersion.of(row)


def policy_versions(connection: Connection, before: int | None, limit: int) -> list[PolicyVersion]:
    """Return at most `limit` versions, the newest first; only those below `before`, if given."""
    asked = _ALL.order_by(POLICIES.c.version.desc()).limit(limit)
    if before is not None:
        asked = asked.where(POLICIES.c.version < before)
    return [PolicyVersion.of(row) for row in connection.execute(asked)]


def _says(held: PolicyVersion, text: str, policy: Policy) -> bool:
    if held.text == text:
        return True
    try:
        return held.policy.sha256 == policy.sha256
    except InputError:  # it is from another release
        return False


def _held_draft(connection: Connection, version: int) -> None:
    query = sa.select(POLICIES.c.state).where(POLICIES.c.version == version).with_for_update()
    state = connection.execute(query).scalar()
    if state is None:
        raise NoSuchPolicyError(version)
    if state != "draft":
        raise NoDraftError(version)


def _kept(
    connection: Connection,
    text: str,
    policy: Policy,
    author: str,
    note: str | None,
    now: int,
    *,
    source: Literal["file", "api"],
) -> PolicyVersion:
    new = {
        "text": text,
        "sha256": policy.sha256,
        "state": "draft",
        "source": source,
        "author": author,
        "note": note,
        "made_at": now,
    }
    [version] = connection.execute(sa.insert(POLICIES).values(new).returning(POLICIES.c.version)).scalars()
    return policy_version(connection, version)
