"""Whether the store in a backup can be opened and is whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from features.errors import Fault, InputError
from serving.ledger.check import verify
from serving.store.copying import counts_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from serving.store.database import Store

_REMEDY = "Take another backup."


def check_file(path: Path) -> None:
    """Raise InputError where a file is no SQLite database, or not a whole one."""
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as connection:
            [found] = connection.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as problem:
        raise InputError(Fault(str(path), "a database of SQLite", str(problem), _REMEDY)) from problem
    if found != "ok":
        raise InputError(Fault(str(path), "a database that is whole", str(found)[:200], _REMEDY))


def check_store(store: Store, said_of: str, tables: Mapping[str, int]) -> str | None:
    """Raise InputError where a store lacks rows, or its ledger is not as it was written.

    Returns the digest of the ledger's newest seal, None where there is none.
    """
    with store.reading() as connection:
        counts = counts_of(connection, tables)
    wrong = {name: count for name, count in counts.items() if count != tables[name]}
    if wrong:
        said = ", ".join(f"{name} {tables[name]:,}" for name in wrong)
        found = ", ".join(f"{name} {count:,}" for name, count in wrong.items())
        raise InputError(Fault(said_of, f"rows: {said}", found, _REMEDY))
    ledger = verify(store)
    if ledger.wrong:
        remedy = "Look at it with: leadlens verify. A backup from before it was changed is still whole."
        raise InputError(Fault(said_of, "a ledger that is as it was written", ledger.faults[0], remedy))
    return ledger.newest
