"""What the store told of keys, kept in a private file of the home: for a server that starts without it."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from serving.access.known_keys import KnownKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

FILE = "key-memory.json"
LEAST_SECONDS = 3.0
"""The file is written at most so often by each process."""

AGAIN_US = 300_000_000
"""When the store told of a key is written again after so long though nothing else has changed."""

_FORM = TypeAdapter(list[KnownKey])


class KeyMemory:
    """A file that holds digests of keys, never their texts or names, and that only its owner may read.

    The processes of a home share it: each adds what it knows, and of one key the newest stays. A file that
    cannot be read is as good as none; one that cannot be written is written later.
    """

    def __init__(self, home: Path, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._path = home / FILE
        self._seconds = seconds
        self._written: dict[str, KnownKey] = {}
        self._next_at = 0.0

    def load(self) -> list[KnownKey]:
        """Return what is in the file."""
        try:
            return _FORM.validate_json(self._path.read_bytes())
        except (OSError, ValueError):
            return []

    def keep(self, known: Iterable[KnownKey]) -> None:
        """Write what is known, if it is news, and the last time is not a moment ago."""
        nameless = {one.key.id: _nameless(one) for one in known}
        if self._seconds() < self._next_at or not self._is_news(nameless):
            return
        self._next_at = self._seconds() + LEAST_SECONDS
        with suppress(OSError), _alone(self._path):
            for one in self.load():
                if one.key.id not in self._written or one.key.id in nameless:
                    newer = nameless.get(one.key.id)
                    if newer is None or newer.read_at < one.read_at:
                        nameless[one.key.id] = one
            self._write(nameless)
            self._written = nameless

    def _is_news(self, nameless: dict[str, KnownKey]) -> bool:
        if not nameless.keys() <= self._written.keys():
            return True
        return any(
            replace(one, read_at=0) != replace(self._written[key_id], read_at=0)
            or one.read_at - self._written[key_id].read_at >= AGAIN_US
            for key_id, one in nameless.items()
        )

    def _write(self, nameless: dict[str, KnownKey]) -> None:
        fresh = self._path.with_name(f".{FILE}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_FORM.dump_json(list(nameless.values())))
            fresh.replace(self._path)
        finally:
            fresh.unlink(missing_ok=True)


def _nameless(known: KnownKey) -> KnownKey:
    """Return what is kept of a key: not its name, which may be a person's, and not when it was used."""
    return replace(known, key=replace(known.key, name="", last_used_at=None, is_remembered=False))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time read and write the file."""
    descriptor = os.open(path.with_name(f".{FILE}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
