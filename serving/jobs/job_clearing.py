"""Removes the files of score jobs that ended long enough ago, were cancelled, or never came to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from serving.jobs.job_files import FOLDER, is_job_id
from serving.jobs.job_store import find_job, note_removed, removable_jobs

if TYPE_CHECKING:
    from serving.jobs.job_files import JobFiles
    from serving.store.database import Store

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
PAUSE_US = 60 * SECOND_US
NEVER_MADE_US = 24 * HOUR_US
JOBS_AT_ONCE = 50


@dataclass(slots=True)
class JobClearing:
    """Looks once a minute. `job_retention_hours`: so long the files of an ended job are kept."""

    store: Store
    files: JobFiles
    job_retention_hours: float
    name: str = "clearing of score jobs"
    _next_at: int = 0

    def step(self, now: int) -> bool:
        """Remove files, if it is time, and return whether there may be more to remove."""
        if now < self._next_at <= now + PAUSE_US:
            return False
        kept_since = now - int(self.job_retention_hours * HOUR_US)
        with self.store.reading() as connection:
            jobs = removable_jobs(connection, kept_since, JOBS_AT_ONCE)
        for job in jobs:
            self.files.remove(job.id)
        if jobs:
            self.store.write(lambda connection: note_removed(connection, jobs, now))
        if len(jobs) == JOBS_AT_ONCE:
            return True
        self._remove_uploads_without_a_job(now)
        self._next_at = now + PAUSE_US
        return False

    def _remove_uploads_without_a_job(self, now: int) -> None:
        """Remove the folders that no job knows: an upload that was broken off leaves one."""
        for folder in (self.files.home / FOLDER).glob("*"):
            if not is_job_id(folder.name) or not folder.is_dir():
                continue
            if folder.stat().st_mtime * SECOND_US >= now - NEVER_MADE_US:
                continue
            with self.store.reading() as connection:
                is_known = find_job(connection, folder.name) is not None
            if not is_known:
                self.files.remove(folder.name)
