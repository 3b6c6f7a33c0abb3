"""Opening a store that may be away: who serves does not wait for it, and has it once it is there."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import sqlalchemy as sa

from features.errors import InputError
from serving.store.database import (
    StoreBusyError,
    UnreachableError,
    database_at,
    open_store,
    unopened_store,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from serving.store.database import Store
    from serving.store.reach import Limits

AGAIN_SECONDS = 1.0
MIGRATING_SECONDS = 60.0
_log = logging.getLogger("leadlens.store")


def open_when_there(home: Path, url: str | None, limits: Limits, *, wait_seconds: float) -> Store:
    """Return the store of a home, or that at `url`, made where it is missing and brought up to date.

    Where it does not answer within `wait_seconds` it is returned all the same: it raises StoreAwayError
    until it was opened, by a thread that goes on trying. Raises InputError where it cannot be used at all.
    """
    store = unopened_store(home, url, limits)
    opening = _Opening(home, url, store)
    if opening.answered.wait(wait_seconds):  # who answers may have a migration to do, which takes its time
        opening.tried.wait(MIGRATING_SECONDS)
    if opening.problem is not None and not isinstance(opening.problem, UnreachableError):
        opening.over.set()
        store.close()
        raise opening.problem
    return store


def when_opened(store: Store, then: Callable[[], object]) -> None:
    """Call `then` once the store is open: now, or from a thread that ends with the process."""
    if store.opened.is_set():
        then()
        return

    def wait() -> None:
        store.opened.wait()
        then()

    threading.Thread(target=wait, name="leadlens-opened", daemon=True).start()


class _Opening:
    """Tries in a thread until the store is open. `problem` is why the last attempt failed."""

    def __init__(self, home: Path, url: str | None, store: Store) -> None:
        self._home = home
        self._url = url
        self._store = store
        self.problem: InputError | None = None
        self.answered = threading.Event()
        self.tried = threading.Event()
        self.over = threading.Event()
        threading.Thread(target=self._run, name="leadlens-opening", daemon=True).start()

    def _run(self) -> None:
        while not self._is_open():
            self.answered.set()
            self.tried.set()
            if self.over.wait(AGAIN_SECONDS):
                return

    def _is_open(self) -> bool:
        try:
            self._ask()
            open_store(self._home, self._url).close()
        except InputError as problem:
            if self.problem is None:
                _log.warning("The store cannot be opened, and is tried again every second: %s", problem)
            self.problem = problem
            return False
        if self.problem is not None:
            _log.info("The store is open.")
        self.problem = None
        self._store.opened.set()
        self.tried.set()
        return True

    def _ask(self) -> None:
        """Note that the database answers, if it does. A file of the home needs no asking."""
        if self._url is None:
            self.answered.set()
            return
        database = database_at(self._url)
        with suppress(StoreBusyError, sa.exc.DBAPIError), database.reading() as connection:
            connection.execute(sa.select(1))
            self.answered.set()
        database.close()
