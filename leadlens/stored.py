"""The store of a home, opened for a command."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serving.store.database import Store


@contextmanager
def open_home(home: Path, *, may_be_new: bool = False) -> Iterator[Store]:
    """Open the store that the settings of a home name, and close it afterwards.

    Raises InputError where there is none, so that a mistyped home never passes for an empty one. With
    `may_be_new` it is made there.
    """
    from serving.settings import settings_from
    from serving.store.database import open_known_store, open_store

    settings = settings_from(os.environ, home=home)
    opened = open_store if may_be_new else open_known_store
    store = opened(settings.home, settings.store_url)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def open_whole_home(home: Path) -> Iterator[Store]:
    """Open what `open_home` opens, for work on the files of the home too.

    Raises InputError also where the store is in PostgreSQL, and the home is not there.
    """
    from features.errors import Fault, InputError

    with open_home(home) as store:
        if not home.is_dir():
            remedy = "Name it with --home or LEADLENS_HOME."
            raise InputError(Fault(str(home), "a home", "none", remedy))
        yield store
