"""Compiled tables in a file, which is read as it is: no compiling, and no LightGBM, where it is used.

The file begins with the digest of all that follows, 64 hexadecimal digits. One line of JSON, the head, says
what the tables belong to, their numbers, and where each array lies. The arrays follow as they lie in memory,
each at a multiple of 64 bytes. Nothing in it is code.

What the head says of the artifact and of this room's sources has to be what the reader has itself, for both
say what the numbers mean; else the file is of no use, and the booster is compiled anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from models.contributions.batch import Schedule
from models.contributions.columns import Columns
from models.contributions.compiled import TreeTables
from models.contributions.deep import DeepLeaves
from models.contributions.errors import KeptTablesError
from models.contributions.kernels import ROOM
from models.contributions.tables import Cells, Tests

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

LAYOUT = 1
"""The version of the file's own form."""

ALIGNMENT = 64
"""Bytes: a line of cache, and the digits of a SHA-256."""

_PIECE = 1 << 22
_LONGEST_HEAD = 1 << 16
_GROUPS: dict[str, Any] = {
    "columns": Columns, "tests": Tests, "cells": Cells, "schedule": Schedule, "deep": DeepLeaves,
}  # fmt: skip
_NUMBERS = ("features", "expected", "table_bytes", "deep_leaves", "steps")


class KeptTables(NamedTuple):
    """What is kept of a compiled booster; `tables` is None for one that LightGBM is asked about itself."""

    features: int
    expected: float
    tables: TreeTables | None


def write_tables(kept: KeptTables, path: Path, *, artifact: str) -> None:
    """Write tables into a file, whole or not at all. `artifact` is the digest of what they belong to.

    Raises OSError where the file cannot be written.
    """
    arrays, head = _laid_out(kept)
    head |= {"layout": LAYOUT, "artifact": artifact, "room": ROOM, "order": sys.byteorder}
    line = json.dumps(head).encode() + b"\n"
    line += bytes(-len(line) % ALIGNMENT)
    found = hashlib.sha256(line)
    for piece in _body(arrays):
        found.update(piece)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(f".{os.getpid()}.new")
    try:
        with fresh.open("wb") as file:
            file.write(found.hexdigest().encode() + line)
            for piece in _body(arrays):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        with suppress(OSError):
            fresh.unlink()


def read_tables(path: Path, *, artifact: str) -> KeptTables:
    """Read the tables of an artifact. Raises KeptTablesError where the file is not whole, or not of it.

    What was read stays as it is, whatever becomes of the file: the system would end a process whose mapping
    of a file was cut short.
    """
    try:
        held: NDArray[np.uint8] = np.fromfile(path, np.uint8)
        told, rest = held[:ALIGNMENT].tobytes(), held[ALIGNMENT:]
        if _digest(rest).encode() != told:
            raise ValueError("the checksum does not match")  # noqa: TRY301  # said below, with the file's name
        end = rest[:_LONGEST_HEAD].tobytes().index(b"\n") + 1
        head = json.loads(rest[:end].tobytes())
        _refuse_others(head, artifact)
        return _from_arrays(head, rest[end + -end % ALIGNMENT :])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise KeptTablesError(f"{path.name}: {problem}") from problem


def _refuse_others(head: dict[str, Any], artifact: str) -> None:
    wanted = {"layout": LAYOUT, "artifact": artifact, "room": ROOM, "order": sys.byteorder}
    for name, value in wanted.items():
        if head[name] != value:
            raise ValueError(f"it is of another {name}: expected {value}, found {str(head[name])[:80]}")


def _laid_out(kept: KeptTables) -> tuple[list[NDArray[Any]], dict[str, Any]]:
    """Return all arrays in their order, and the head that says where each lies after the head."""
    arrays: list[NDArray[Any]] = []
    head: dict[str, Any] = {"features": kept.features, "expected": kept.expected.hex(), "tables": None}
    if kept.tables is None:
        return arrays, head
    numbers = {name: getattr(kept.tables, name) for name in _NUMBERS}
    head["tables"] = numbers | {"expected": kept.tables.expected.hex()}
    at = 0
    for group in _GROUPS:
        held = getattr(kept.tables, group)._asdict()
        for name, array in held.items():
            if isinstance(array, np.ndarray):
                held[name] = [array.dtype.str, list(array.shape), at]
                arrays.append(np.ascontiguousarray(array))
                at += array.nbytes + -array.nbytes % ALIGNMENT
        head["tables"][group] = held
    return arrays, head


def _body(arrays: list[NDArray[Any]]) -> Any:
    for array in arrays:
        yield array.reshape(-1).view(np.uint8).data
        yield bytes(-array.nbytes % ALIGNMENT)


def _digest(body: NDArray[np.uint8]) -> str:
    """Return the digest of bytes, which reads them all: those who score find them in memory."""
    found = hashlib.sha256()
    for start in range(0, len(body), _PIECE):
        found.update(body[start : start + _PIECE].data)
    return found.hexdigest()


def _from_arrays(head: dict[str, Any], body: NDArray[np.uint8]) -> KeptTables:
    features, expected, held = int(head["features"]), float.fromhex(head["expected"]), head["tables"]
    if held is None:
        return KeptTables(features, expected, None)
    groups = {
        name: kind(**{part: _read(body, told) for part, told in held[name].items()})
        for name, kind in _GROUPS.items()
    }
    numbers = {name: held[name] for name in _NUMBERS} | {"expected": float.fromhex(held["expected"])}
    return KeptTables(features, expected, TreeTables(**numbers, **groups))


def _read(body: NDArray[np.uint8], told: Any) -> Any:
    if isinstance(told, int):
        return told
    kind, shape, at = np.dtype(told[0]), tuple(map(int, told[1])), int(told[2])
    size = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    if kind.hasobject or at < 0 or at + size > len(body):
        raise ValueError("an array lies beyond the file's end")
    return body[at : at + size].view(kind).reshape(shape)
