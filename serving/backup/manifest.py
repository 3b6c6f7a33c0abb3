"""What a backup says of itself, and whether its files are what it says."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from features.errors import Fault, InputError

MANIFEST = "manifest.json"
STORE = "leadlens.db"
REGISTRY = "mlflow.db"
FILES = ("policy.toml", "session-secret")
"""Single files of a home that belong into a backup; keys in plain text do not."""

FOLDERS = ("champion", "mlartifacts", "score-jobs")
_NOT_ITS_OWN = "Take another backup: this one is damaged, or was changed."


class KeptFile(BaseModel):
    """One file of a backup."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str
    size: int


class Manifest(BaseModel):
    """`files` by path within the backup; `tables` are numbers of rows; `home` is where the files were."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    made_at: int
    leadlens: str
    store: Literal["sqlite", "postgresql"]
    home: str
    tables: dict[str, int]
    files: dict[str, KeptFile]
    newest_seal: str | None = None


def file_of(path: Path) -> KeptFile:
    """Return what a manifest says of a file."""
    with path.open("rb") as file:
        return KeptFile(sha256=hashlib.file_digest(file, "sha256").hexdigest(), size=path.stat().st_size)


def files_in(folder: Path) -> dict[str, KeptFile]:
    """Return all files of a folder but its manifest, by their paths in it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)
    return {path.relative_to(folder).as_posix(): file_of(path) for path in paths}


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a backup whose files are all as it says.

    Raises InputError naming the file where one is missing or changed.
    """
    path = folder / MANIFEST
    try:
        manifest = Manifest.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        remedy = "Name the folder that leadlens backup has written."
        raise InputError(Fault(str(folder), "a backup", f"no {MANIFEST}", remedy)) from None
    except (ValueError, ValidationError, OSError) as problem:
        raise InputError(
            Fault(str(path), "the manifest of a backup", str(problem)[:200], _NOT_ITS_OWN)
        ) from problem
    faults = [fault for name, told in manifest.files.items() if (fault := _fault(folder, name, told))]
    if STORE not in manifest.files:
        faults.append(Fault(str(path), f"a file {STORE}", "none", _NOT_ITS_OWN))
    if faults:
        raise InputError(*faults[:20])
    return manifest


def _fault(folder: Path, name: str, told: KeptFile) -> Fault | None:
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts:
        return Fault(str(folder / MANIFEST), "files of the backup alone", repr(name)[:80], _NOT_ITS_OWN)
    path = folder / name
    if not path.is_file() or path.is_symlink():
        return Fault(str(path), "a file", "none", _NOT_ITS_OWN)
    if file_of(path) != told:
        return Fault(str(path), f"SHA-256 {told.sha256}", "another content", _NOT_ITS_OWN)
    return None
