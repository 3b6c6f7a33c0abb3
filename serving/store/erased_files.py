"""Files in a home in which a person stands who was erased."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from features.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

JOBS = "score-jobs"
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1252")


def remove_jobs_with(ids: Collection[str], home: Path) -> list[str]:
    """Remove the folders of score jobs in whose files one of these ids stands; return the jobs.

    A file that cannot be read as a table is looked through for the ids' letters.
    """
    if not (home / JOBS).is_dir():
        return []
    folders = [folder for folder in sorted((home / JOBS).iterdir()) if folder.is_dir()]
    gone = [folder for folder in folders if any(_holds(path, ids) for path in folder.rglob("*"))]
    for folder in gone:
        shutil.rmtree(folder)
    return [folder.name for folder in gone]


def _holds(path: Path, ids: Collection[str]) -> bool:
    if not path.is_file():
        return False
    from features.mapping import Source  # noqa: PLC0415 - with pandas: only where there are files to read
    from features.reading.files import source_parts  # noqa: PLC0415 - as above
    from features.reading.raw_columns import as_text  # noqa: PLC0415 - as above

    try:
        return any(
            bool(as_text(part.cells[name]).isin(list(ids)).any())
            for part in source_parts(Source(path=path.name), path.parent)
            for name in part.cells.columns
        ) or _letters(path, ids, least=8)
    except (InputError, UnicodeError):
        return _letters(path, ids, least=1)


def _letters(path: Path, ids: Collection[str], *, least: int) -> bool:
    """Whether the letters of an id stand in a file; ids of fewer than `least` letters are not looked for.

    A short id stands by chance in many a file, where it is part of something else.
    """
    wanted = {
        spelled
        for lead_id in ids
        if len(lead_id) >= least
        for encoding in _ENCODINGS
        if (spelled := lead_id.encode(encoding, errors="ignore"))
    }
    longest = max((len(spelled) for spelled in wanted), default=0)
    before = b""
    with path.open("rb") as file:
        while wanted and (block := file.read(1 << 20)):
            here = before + block
            if any(spelled in here for spelled in wanted):
                return True
            before = here[-longest:]
    return False
