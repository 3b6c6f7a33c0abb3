"""The policy that a process decides by: what the store says is in force, and what goes on without it."""

from __future__ import annotations

import json
import logging
import os
import secrets
import threading
import time
import weakref
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from decisions.policy import Policy, policy_of_text
from features.errors import Fault, InputError
from serving.policies.versions import in_force, publish_file, version_in_force
from serving.store.database import StoreBusyError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from serving.settings import Settings
    from serving.store.database import Store

FILE = "policy.toml"
"""A company's own policy, in the home."""

COPY = "policy-in-force.json"
"""What was in force last, in the home: a start without the store goes on with it."""

LOOK_SECONDS = 1.0
"""So long after the last look the store is asked again which policy is in force."""

SERVICE = "service"

_log = logging.getLogger("leadlens.policy")


@dataclass(frozen=True, slots=True)
class FixedPolicy:
    """One policy for good: of a file, or of a test."""

    policy: Policy
    version: int | None = None

    def current(self) -> tuple[Policy, int | None]:
        """Return the policy and its version; None where it is none of the store's."""
        return self.policy, self.version


class PolicyInForce:
    """Holds the policy that is in force, and follows what is published.

    That is what the store says was published last. Where nothing was, it is the file that the settings name,
    else `policy.toml` in the home, else the default. A file that says something else than the last one that
    was published is published when the process begins, as a version of its own.

    While the store is away the process goes on with what it has; one that starts then takes the copy in the
    home. A published version that this release does not understand is said in the log, and the one before
    goes on. Raises InputError where the file cannot be used.
    """

    def __init__(self, settings: Settings, store: Store, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock
        self._copy = settings.home / COPY
        self._file = _text_of_file(settings)
        held = FixedPolicy(Policy() if self._file is None else policy_of_text(*self._file))
        self._held = self._copied() or held
        self._without = held
        self._mark: tuple[int, int] | None = None
        self._began = False
        self._looking = threading.Lock()
        self._thread: threading.Thread | None = None
        self.look()

    def current(self) -> tuple[Policy, int | None]:
        """Return the policy and its version, without asking anybody; None: it is none of the store's."""
        return self._held.current()

    def follow(self) -> None:
        """Look every second from now on, in a thread that ends when nobody holds this any more."""
        with self._looking:
            if self._thread is None or not self._thread.is_alive():
                target = weakref.ref(self)
                self._thread = threading.Thread(target=_look_at, args=(target,), name="policy", daemon=True)
                self._thread.start()

    def look(self) -> bool:
        """Ask the store what is in force, and return whether it is something else than before.

        A store that is away changes nothing.
        """
        with self._looking:
            try:
                return self._followed()
            except (StoreBusyError, sa.exc.DBAPIError):
                return False

    def _followed(self) -> bool:
        if not self._began:
            self._publish_file()
            self._began = True
        with self._store.reading() as connection:
            mark = version_in_force(connection)
            if mark == self._mark and mark is not None:
                return False
            found = None if mark is None else in_force(connection)
        before = self._held
        if found is None:
            self._held = self._without
            with suppress(OSError):
                self._copy.unlink(missing_ok=True)
            return self._held != before
        try:
            self._held = FixedPolicy(found.policy, found.version)
            self._keep_copy(found.version, found.text)
        except InputError as problem:
            _log.error("Version %d of the policy cannot be used, and is not: %s", found.version, problem)
        self._mark = mark
        return self._held != before

    def _publish_file(self) -> None:
        if self._file is not None:
            text, _ = self._file
            now = self._clock()
            made = self._store.write(lambda connection: publish_file(connection, text, SERVICE, now))
            if made is not None:
                _log.info("The policy of the file is in force, as version %d", made.version)

    def _copied(self) -> FixedPolicy | None:
        try:
            said = json.loads(self._copy.read_text("utf-8"))
            return FixedPolicy(policy_of_text(said["text"], COPY), int(said["version"]))
        except (OSError, ValueError, KeyError, TypeError, InputError):
            return None  # there is none, or it is of another release

    def _keep_copy(self, version: int, text: str) -> None:
        fresh = self._copy.with_name(f".{COPY}.{secrets.token_hex(4)}")
        with suppress(OSError):  # on a full disk; it is written with the next version
            try:
                descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    json.dump({"version": version, "text": text}, file)
                fresh.replace(self._copy)
            finally:
                fresh.unlink(missing_ok=True)


def _look_at(target: weakref.ref[PolicyInForce]) -> None:
    while True:
        policies = target()
        if policies is None:
            return
        policies.look()
        del policies
        time.sleep(LOOK_SECONDS)


def _text_of_file(settings: Settings) -> tuple[str, str] | None:
    """Return the text of the policy's file and what it is called; None where there is none."""
    path: Path = settings.policy or settings.home / FILE
    try:
        return path.read_text(encoding="utf-8"), path.name
    except FileNotFoundError:
        if settings.policy is None:
            return None
        remedy = "Write one: score_threshold = 70"
        raise InputError(Fault(str(path), "a policy file", "no such file", remedy)) from None
    except ValueError as problem:
        raise InputError(Fault(str(path), "TOML in UTF-8", str(problem))) from problem
