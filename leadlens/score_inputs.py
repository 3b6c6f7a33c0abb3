"""What scores depend on, in words and digests: two runs with the same give the same file."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from features.prepared import layout

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from features.prepared import Prepared
    from models.artifact import AnyScorer


def inputs_of_files(
    leads: Path, events: Path | None, scorer: AnyScorer, as_of: datetime | None, *, options: str = ""
) -> dict[str, str]:
    """Return what the scores of files depend on. `as_of`: None where the files tell the moment.

    `options`: of how the files are read.
    """
    return {
        "file of leads": _digest([leads]),
        "file of events": "none" if events is None else _digest([events]),
        **_common(scorer, as_of),
        "way of reading": options,
    }


def inputs_of_prepared(prepared: Prepared, scorer: AnyScorer, as_of: datetime) -> dict[str, str]:
    """Return what the scores of a prepared history depend on: every byte of it that is read for them."""
    read = [name for name in prepared.manifest.tables if name != "outcomes"]
    files = [
        prepared.folder / layout.MANIFEST,
        *(
            layout.bucket_file(prepared.folder, name, number)
            for name in read
            for number in range(len(prepared))
        ),
        *(layout.accounts_file(prepared.folder, number) for number in range(len(prepared.manifest.accounts))),
    ]
    return {"prepared history": _digest(files), **_common(scorer, as_of)}


def _common(scorer: AnyScorer, as_of: datetime | None) -> dict[str, str]:
    return {
        "model": f"{scorer.name} {scorer.version} {scorer.artifact_sha256}",
        "book of words": hashlib.sha256((scorer.words.source or "").encode()).hexdigest(),
        "moment": "of the files" if as_of is None else as_of.isoformat(),
        "version of LeadLens": _program(),
    }


@cache
def _program() -> str:
    return version("leadlens")


def _digest(files: Iterable[Path]) -> str:
    """Return the SHA-256 of the files' own, in order."""
    whole = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()
