"""Parts of a file of scores that are done, kept until the whole is: what a run that was killed goes on with.

work.json            what the scores depend on, as the run that began the work said it
tables/              files that are too large for memory, parted by lead
KEY-0003.arrow       scores of a part, by the rows' numbers; KEY is of what work.json says
KEY-0003.json        written last: how many rows, the SHA-256 of the .arrow, faults and warnings
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections import Counter
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from features.errors import Fault, InputError, RefusedError
from leadlens.score_columns import NUMBERED, RowFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from leadlens.score_columns import ScoredRows

WORK, TABLES = "work.json", "tables"
_BATCH_ROWS = 1_024
"""So many rows of a part are held at a time when parts are merged."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a part came to, beside its scores."""

    rows: int
    faults: tuple[RowFault, ...]
    warnings: Counter[str]


@dataclass(frozen=True, slots=True)
class KeptParts:
    """A folder of whole parts of one work; `key` tells them from those of any other."""

    folder: Path
    key: str

    def at(self, as_of: datetime) -> KeptParts:
        """Return the same for the scores of one moment: those of another are none of its."""
        return replace(self, key=hashlib.sha256(f"{self.key} {as_of.isoformat()}".encode()).hexdigest()[:16])

    def tables(self) -> Path:
        """Return a new folder for what parts are made from, which leaves nothing of an earlier run."""
        folder = self.folder / TABLES
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def keep(self, number: int, scored: Iterable[ScoredRows]) -> Summary:
        """Write a part; it is there when it is whole, and several may write it at once."""
        faults: list[RowFault] = []
        warnings: Counter[str] = Counter()
        rows = 0
        place = self._place(number)
        partial = place.with_name(f".{place.name}.{os.getpid()}.part")
        with (
            partial.open("wb") as file,
            pa.ipc.new_file(file, NUMBERED, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer,
        ):
            for some in scored:
                for batch in pa.Table.from_batches([some.batch]).to_batches(_BATCH_ROWS):
                    writer.write_batch(batch)
                faults += some.faults
                warnings.update(some.warnings)
                rows += len(some.batch)
        digest = _settled(partial, place)
        said = {
            "rows": rows,
            "sha256": digest,
            "faults": [[one.row, one.lead_id, *astuple(one.fault)] for one in faults],
            "warnings": dict(warnings),
        }
        _write(place.with_suffix(".json"), said)
        return Summary(rows, tuple(faults), warnings)

    def summary(self, number: int) -> Summary | None:
        """Return what a part came to, or None where it is not there, or is not as it was written."""
        place = self._place(number)
        try:
            said = json.loads(place.with_suffix(".json").read_text("utf-8"))
            if _digest(place) != said["sha256"]:
                return None
        except (OSError, ValueError):
            return None
        faults = tuple(RowFault(row, lead_id, Fault(*rest)) for row, lead_id, *rest in said["faults"])
        return Summary(said["rows"], faults, Counter(said["warnings"]))

    def batches(self, number: int) -> Iterator[pa.RecordBatch]:
        """Return the scores of a part, some rows at a time."""
        with pa.OSFile(str(self._place(number))) as file, pa.ipc.open_file(file) as reader:
            for at in range(reader.num_record_batches):
                yield reader.get_batch(at)

    def _place(self, number: int) -> Path:
        return self.folder / f"{self.key}-{number:04}.arrow"


@contextmanager
def kept_parts(
    folder: Path, inputs: Mapping[str, str], *, again: bool = False
) -> Iterator[tuple[KeptParts, str | None]]:
    """Give the parts that are kept in a folder, and what is to be said of an earlier run, if there was one.

    `inputs`: what the scores depend on, each under the name that a person knows it by. The parts of a run
    with the same are gone on with, unless `again` says not to; all others are removed, and why is said. The
    folder goes when all went well, and where what was given cannot be used. Raises RefusedError while another
    run works in it, InputError where it holds anything else.
    """
    with _own(folder):
        earlier = _read(folder / WORK)
        said = _other(earlier, inputs, again=again)
        if earlier != inputs or again:
            _clear(folder)
            _write(folder / WORK, dict(inputs))
        for left in folder.glob(".*.part"):
            left.unlink()
        key = hashlib.sha256(json.dumps(dict(inputs), sort_keys=True).encode()).hexdigest()[:16]
        try:
            yield KeptParts(folder, key), said
        except InputError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        shutil.rmtree(folder, ignore_errors=True)


def _other(earlier: dict[str, str] | None, inputs: Mapping[str, str], *, again: bool) -> str | None:
    if earlier is None:
        return None
    differing = [name for name in {**earlier, **inputs} if earlier.get(name) != inputs.get(name)]
    if differing:
        return f"begun anew: the run that was not finished had another {', another '.join(differing)}"
    if again:
        return "begun anew, as --again says: what the run that was not finished had done is left out"
    return "going on with what the run that was not finished had done"


@contextmanager
def _own(folder: Path) -> Iterator[None]:
    """Make the folder, and hold a lock on it that dies with the process."""
    if folder.is_symlink() or (folder.exists() and not _is_ours(folder)):
        remedy = "Move it away, or choose another name for --out."
        raise InputError(
            Fault(str(folder), "a folder of scores that are not finished", "something else", remedy)
        )
    folder.mkdir(exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise RefusedError(f"Another run is scoring into {folder}. Wait for it, or stop it.") from None
    finally:
        os.close(handle)


def _is_ours(folder: Path) -> bool:
    return folder.is_dir() and all(
        path.name in {WORK, TABLES} or path.suffix in {".arrow", ".json", ".part"}
        for path in folder.iterdir()
    )


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _read(path: Path) -> dict[str, str] | None:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _write(place: Path, content: dict[str, Any]) -> None:
    partial = place.with_name(f".{place.name}.{os.getpid()}.part")
    partial.write_text(json.dumps(content), encoding="utf-8")
    _settled(partial, place)


def _settled(partial: Path, place: Path) -> str:
    """Put what was written in its place once the disk has it, and return its SHA-256."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    digest = _digest(partial)
    partial.replace(place)
    return digest


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
