"""What a backup says of itself, and whether its files are what it says."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from features.errors import Fault, InputError
from serving.store.schema_selling import EVERY_TABLE

MANIFEST = "manifest.json"
DIGEST = "manifest.sha256"
"""The manifest's own digest, as `sha256sum --check` reads it."""

STORE = "leadlens.db"
REGISTRY = "mlflow.db"
FILES = ("policy.toml", "words.toml", "session-secret")
"""Single files of a home that belong into a backup; keys in plain text do not."""

FOLDERS = ("champion", "mlartifacts", "score-jobs")
_NOT_ITS_OWN = "Take another backup: this one is damaged, or was changed."
_Count = Annotated[int, Field(ge=0, lt=2**63, strict=True)]
_Moment = Annotated[int, Field(ge=0, lt=253_402_300_800_000_000, strict=True)]
"""Microseconds UTC, before the year 10000."""


class KeptFile(BaseModel):
    """One file of a backup."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    size: _Count


class Manifest(BaseModel):
    """`files` by path within the backup; `tables` are numbers of rows; `home` is where the files were."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    made_at: _Moment
    leadlens: str
    store: Literal["sqlite", "postgresql"]
    home: str
    tables: dict[str, _Count]
    files: dict[str, KeptFile]
    newest_seal: str | None = None

    @field_validator("home")
    @classmethod
    def _is_a_whole_path(cls, home: str) -> str:
        if not Path(home).is_absolute():
            raise ValueError("the home is no whole path")
        return home

    @field_validator("tables")
    @classmethod
    def _are_tables_of_a_store(cls, tables: dict[str, int]) -> dict[str, int]:
        unknown = sorted(tables.keys() - {table.name for table in EVERY_TABLE.sorted_tables})
        if unknown or "leads" not in tables:
            raise ValueError(f"no tables of a store: {unknown}" if unknown else "no count of the leads")
        return tables


def file_of(path: Path) -> KeptFile:
    """Return what a manifest says of a file."""
    with path.open("rb") as file:
        return KeptFile(sha256=hashlib.file_digest(file, "sha256").hexdigest(), size=path.stat().st_size)


def files_in(folder: Path) -> dict[str, KeptFile]:
    """Return all files of a folder but its manifest, by their paths in it."""
    own = {folder / MANIFEST, folder / DIGEST}
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path not in own)
    return {path.relative_to(folder).as_posix(): file_of(path) for path in paths}


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a manifest and its digest into a backup, files that only their owner may read."""
    text = manifest.model_dump_json(indent=1)
    digest = f"{hashlib.sha256(text.encode()).hexdigest()}  {MANIFEST}\n"
    for name, content in ((MANIFEST, text), (DIGEST, digest)):
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a backup whose files are all as it says.

    Raises InputError naming the file where one is missing or changed, the manifest among them.
    """
    path = folder / MANIFEST
    content = _content(path)
    if _content(folder / DIGEST) != f"{hashlib.sha256(content).hexdigest()}  {MANIFEST}\n".encode():
        raise InputError(Fault(str(path), f"the SHA-256 in {DIGEST}", "another content", _NOT_ITS_OWN))
    try:
        manifest = Manifest.model_validate(json.loads(content.decode()))
    except (ValueError, RecursionError) as problem:
        raise InputError(
            Fault(str(path), "the manifest of a backup", str(problem)[:200], _NOT_ITS_OWN)
        ) from problem
    faults = [fault for name, told in manifest.files.items() if (fault := _fault(folder, name, told))]
    if STORE not in manifest.files:
        faults.append(Fault(str(path), f"a file {STORE}", "none", _NOT_ITS_OWN))
    if faults:
        raise InputError(*faults[:20])
    return manifest


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        remedy = "Name the folder that leadlens backup has written."
        raise InputError(Fault(str(path.parent), "a backup", f"no {path.name}", remedy)) from None
    except OSError as problem:
        raise InputError(Fault(str(path), "a file that can be read", str(problem), _NOT_ITS_OWN)) from problem


def _fault(folder: Path, name: str, told: KeptFile) -> Fault | None:
    parts = PurePosixPath(name)
    if parts.is_absolute() or not parts.parts or ".." in parts.parts or not name.isprintable():
        return Fault(str(folder / MANIFEST), "files of the backup alone", repr(name)[:80], _NOT_ITS_OWN)
    path = folder / name
    try:
        found = file_of(path) if path.is_file() and not path.is_symlink() else None
    except OSError as problem:
        return Fault(str(path)[:200], "a file that can be read", str(problem)[:200], _NOT_ITS_OWN)
    if found is None:
        return Fault(str(path), "a file", "none", _NOT_ITS_OWN)
    if found != told:
        return Fault(str(path), f"SHA-256 {told.sha256}", "another content", _NOT_ITS_OWN)
    return None
