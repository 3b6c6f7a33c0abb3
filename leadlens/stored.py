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
def open_home(home: Path) -> Iterator[Store]:
    """Open the store that the settings of a home name, and close it afterwards."""
    from serving.settings import settings_from
    from serving.store.database import open_store

    settings = settings_from(os.environ, home=home)
    store = open_store(settings.home, settings.store_url)
    try:
        yield store
    finally:
        store.close()
