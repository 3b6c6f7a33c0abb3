"""The files of score jobs: a folder for each in the home, which only the owner of the service can read."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from typing import BinaryIO

    from serving.jobs.job_store import Kind, ScoreJob

FOLDER = "score-jobs"
REJECTS = "rejects.csv"
PARTS = "parts"
WORK = "work-"
"""How folders begin in which a worker writes what is not finished; nothing in them is kept."""

Sent = Literal["input", "events"]


def is_job_id(name: str) -> bool:
    """Whether a name can be that of a job's folder: 32 hexadecimal digits.

    >>> is_job_id("0b6f3c1c9f0e4b6e9d5b6c7d8e9fa0b1"), is_job_id("a copy by hand, of 32 characters.")
    (True, False)
    """
    return len(name) == 32 and not set(name) - set("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class JobFiles:
    """Finds the files of jobs. `home` as in the settings; `jobs_folder`: whence paths may be read, if any."""

    home: Path
    jobs_folder: Path | None = None

    def folder(self, job_id: str) -> Path:
        """Return the folder of a job. Raises ValueError for what is no id of a job."""
        if not is_job_id(job_id):
            raise ValueError("not the id of a job")
        return self.home / FOLDER / job_id

    def create(self, job_id: str, what: Sent, kind: Kind) -> BinaryIO:
        """Open a new file for an upload: input.csv or .parquet, events.csv or .parquet."""
        folder = self.folder(job_id)
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(folder / f"{what}.{kind}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        return os.fdopen(descriptor, "wb")

    def leads(self, job: ScoreJob) -> Path:
        """Return the file of a job's leads. Raises InputError as `inside` does."""
        return self._given(job, job.source.leads)

    def events(self, job: ScoreJob) -> Path | None:
        """Return the file of a job's events, if it has one. Raises InputError as `inside` does."""
        return None if job.source.events is None else self._given(job, job.source.events)

    def result(self, job: ScoreJob) -> Path:
        """Return where the scores of a job are once it is done."""
        return self.folder(job.id) / f"result.{job.source.result}"

    def rejects(self, job: ScoreJob) -> Path:
        """Return where the rows that could not be read are, if there are any."""
        return self.folder(job.id) / REJECTS

    def parts(self, job: ScoreJob) -> Path:
        """Return the folder in which done parts of a large file are kept until the job has ended."""
        return self.folder(job.id) / PARTS

    def remove(self, job_id: str) -> None:
        """Remove all files of a job; that there are none is no error."""
        if self.folder(job_id).exists():
            shutil.rmtree(self.folder(job_id))

    def inside(self, path: str) -> Path:
        """Return the file at a path of the jobs' folder, links followed.

        Raises InputError where there is no such folder, where the path leads out of it, or where there is
        no regular file that ends in .csv or .parquet. The fault does not tell what is outside.
        """
        if self.jobs_folder is None:
            remedy = "Upload the file, or let the operator name a folder in the setting jobs_folder."
            raise InputError(Fault("path", "no path: no folder is open for them", "a path", remedy))
        root = self.jobs_folder.resolve()
        wrong = Fault("path", "a file in the folder of jobs", path[:200], "Give its path within that folder.")
        parts = PurePosixPath(path)
        if parts.is_absolute() or ".." in parts.parts or "\0" in path:
            raise InputError(wrong)
        try:
            found = (root / parts).resolve(strict=True)
            is_file = found.is_relative_to(root) and stat.S_ISREG(found.stat().st_mode)
        except (OSError, RuntimeError):  # RuntimeError: links in a circle
            is_file = False
        if not is_file:
            raise InputError(wrong)
        if found.suffix.lower() not in {".csv", ".parquet"}:
            remedy = "Give a CSV or Parquet file."
            raise InputError(Fault("path", "a file that ends in .csv or .parquet", path[:200], remedy))
        return found

    def _given(self, job: ScoreJob, name: str) -> Path:
        return self.folder(job.id) / name if job.source.uploaded else self.inside(name)
