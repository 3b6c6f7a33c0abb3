"""The file that enrichment fills: one row for each company and time that it was asked about."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_TIME = pa.timestamp("us", "UTC")
_OWN = ("key", "known_from")


@dataclass(slots=True)
class AccountFile:
    """A Parquet file of accounts, rows in the order of asking. `key` text, `known_from` the time of asking.

    A company of which nothing is known has a row all the same, so that nobody is asked twice.
    """

    path: Path
    keys: list[str] = field(default_factory=list)
    known_from: list[int] = field(default_factory=list)
    values: dict[str, list[Any]] = field(default_factory=dict)

    @classmethod
    def at(cls, path: Path) -> AccountFile:
        """Read the file, or begin one. Raises InputError where it is none that enrichment wrote."""
        if not path.exists():
            return cls(path)
        try:
            table = pq.read_table(path)
            keys = table.column("key").to_pylist()
            since = table.column("known_from").cast(_TIME).cast(pa.int64()).to_pylist()
        except (pa.ArrowException, KeyError, OSError) as problem:
            remedy = "Choose another with --out."
            expected = "a Parquet file that leadlens enrich wrote"
            raise InputError(Fault(str(path), expected, str(problem)[:100], remedy)) from problem
        values = {name: table.column(name).to_pylist() for name in table.column_names if name not in _OWN}
        return cls(path, keys, since, values)

    def asked_at(self) -> dict[str, int]:
        """Return when each key was last asked about, in microseconds."""
        last: dict[str, int] = {}
        for key, since in zip(self.keys, self.known_from, strict=True):
            last[key] = max(since, last.get(key, since))
        return last

    def add(self, keys: Sequence[str], found: Mapping[str, Mapping[str, Any]], asked_at: int) -> None:
        """Add a row for each of `keys`. Raises InputError where a column bears a name of the file's own."""
        for key in keys:
            row = dict(found.get(key, {}))
            if taken := [name for name in _OWN if name in row]:
                remedy = "Let the provider call it something else."
                raise InputError(
                    Fault(f"the answer about {key!r}", "no column of a reserved name", repr(taken[0]), remedy)
                )
            for name in row:
                self.values.setdefault(name, [None] * len(self.keys))
            self.keys.append(key)
            self.known_from.append(asked_at)
            for name, column in self.values.items():
                column.append(row.get(name))

    def write(self) -> None:
        """Write the whole file beside itself, then in its place: a reader sees the old one or the new one."""
        columns = {"key": pa.array(self.keys, pa.string()), "known_from": pa.array(self.known_from, _TIME)}
        columns |= {name: _typed(cells) for name, cells in self.values.items()}
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        try:
            with beside.open("wb") as file:
                pq.write_table(pa.table(columns), file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
        finally:
            beside.unlink(missing_ok=True)


def _typed(cells: list[Any]) -> pa.Array:
    """Return cells as a column of one type; where they have several, as text."""
    try:
        typed = pa.array(cells)
    except (pa.ArrowException, OverflowError, TypeError):
        return pa.array([_text(cell) for cell in cells], pa.string())
    return typed.cast(pa.string()) if pa.types.is_null(typed.type) else typed


def _text(cell: Any) -> str | None:
    if cell is None:
        return None
    return "; ".join(map(str, cell)) if isinstance(cell, list) else str(cell)
