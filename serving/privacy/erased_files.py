"""What of a person who was erased stands in files of the home, and goes with them."""

from __future__ import annotations

import csv
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import sqlalchemy as sa

from features.errors import InputError
from serving.held_files import UPLOADS, remove_left_files
from serving.jobs.job_files import FOLDER, WORK, Sent, is_job_id
from serving.jobs.job_files import REJECTS as JOB_REJECTS
from serving.jobs.job_store import ask_to_cancel, find_job, note_removed
from serving.privacy.person import is_held_by_others
from serving.privacy.traces import Traces
from serving.store.schema import SCORE_JOBS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from serving.jobs.job_files import JobFiles
    from serving.jobs.job_store import ScoreJob
    from serving.privacy.person import Person
    from serving.store.database import Store

IMPORT_REJECTS = "import-rejects.csv"


@dataclass(frozen=True, slots=True)
class ErasedFiles:
    """Looks through the files of a home for a person, whether or not their rows are in the store.

    Of a file that somebody sent no more than `decoded_limit_bytes` is looked at, as for scoring it.
    """

    store: Store
    files: JobFiles
    decoded_limit_bytes: int
    _clear: set[tuple[Person, tuple[str | int, ...]]] = field(init=False, default_factory=set)

    def remove(self, person: Person, now: int) -> set[str]:
        """Remove every file in which the person stands, and return the score jobs whose files went.

        Jobs that wait or run with the person in their input are cancelled. A broken-off upload may hold
        anything: it goes whatever is in it. So may a file that cannot be read, or holds too much. What
        breaks off can be done again. Links among the jobs go, without what they lead to. Nothing is opened
        but regular files, and what stands among the jobs without being one's folder is looked at too.
        """
        traces = Traces(person, partial(self._is_shared, person))
        remove_left_files(self.files.home / UPLOADS)
        rejects = self.files.home / IMPORT_REJECTS
        if traces.are_in(rejects) or _may_be_of_anybody(rejects):
            rejects.unlink(missing_ok=True)
        self._cancel(traces, now)
        gone = self._held_among_jobs(traces)
        for path in gone:
            _remove(path)
        jobs = {path.name for path in gone if is_job_id(path.name)}
        told = self._jobs_that_tell(traces)
        if jobs or told:
            self.store.write(lambda connection: _note(connection, {*jobs, *told}, now))
        return jobs

    def _is_shared(self, person: Person, text: str) -> bool:
        with self.store.reading() as connection:
            return is_held_by_others(connection, text, person)

    def _cancel(self, traces: Traces, now: int) -> None:
        """Ask those jobs to stop that still read the person, also from a file outside the home."""
        with self.store.reading() as connection:
            under_way = sa.select(SCORE_JOBS.c.id).where(SCORE_JOBS.c.state.in_(["waiting", "running"]))
            found = [find_job(connection, job_id) for job_id in connection.execute(under_way).scalars()]
        for job in found:
            if job is not None and any(self._may_be_in(path, traces) for path in self._inputs(job)):
                self.store.write(partial(ask_to_cancel, job_id=job.id, now=now))

    def _inputs(self, job: ScoreJob) -> Iterator[Path]:
        for of in (self.files.leads, self.files.events):
            try:
                path = of(job)
            except InputError:  # a file that is there no longer
                continue
            if path is not None:
                yield path

    def _held_among_jobs(self, traces: Traces) -> list[Path]:
        """Return what has to go of the folder of jobs: folders, links, and files that are in none."""
        jobs = self.files.home / FOLDER
        there = sorted(jobs.iterdir()) if jobs.is_dir() else ()
        return [path for path in there if path.is_symlink() or self._is_held_below(path, traces)]

    def _is_held_below(self, path: Path, traces: Traces) -> bool:
        if not path.is_dir():
            return self._may_be_in(path, traces)
        return any(self._may_be_in(file, traces) for file in _files_below(path)) or _may_be_of_anybody(
            path / JOB_REJECTS
        )

    def _may_be_in(self, path: Path, traces: Traces) -> bool:
        """Whether the person stands in a file, or may. One that was looked at is not looked at again."""
        looked_at = (traces.person, _as_it_is(path))
        if looked_at in self._clear:
            return False
        is_unfinished = path.parent.name.startswith(WORK)
        jobs = self.files.home / FOLDER
        is_sent = path.stem in get_args(Sent) or path.parent == jobs or not path.is_relative_to(jobs)
        if (is_sent and self._holds_too_much(path)) or traces.are_in(path, is_unfinished=is_unfinished):
            return True
        self._clear.add(looked_at)
        return False

    def _holds_too_much(self, path: Path) -> bool:
        from serving.jobs.job_limits import check_file  # noqa: PLC0415 - with Parquet: only where there are files to read

        try:
            if path.is_file():
                check_file(path, self.decoded_limit_bytes)
        except FileNotFoundError:  # it went meanwhile
            return False
        except Exception:  # noqa: BLE001 - too much, or whatever a file causes that anybody sent
            return True
        return False

    def _jobs_that_tell(self, traces: Traces) -> list[str]:
        """Return jobs whose problem repeats what the person sent."""
        told = sa.select(SCORE_JOBS.c.id, SCORE_JOBS.c.problem).where(SCORE_JOBS.c.problem.is_not(None))
        with self.store.reading() as connection:
            rows = connection.execute(told).all()
        said = [
            (row.id, [*map(str, fault.values())]) for row in rows for fault in row.problem.get("errors", [])
        ]
        return [job_id for job_id, words in said if any(map(traces.are_in_text, words))]


def _files_below(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder and of those in it; one that a worker removes meanwhile holds nobody."""

    def raise_unless_gone(problem: OSError) -> None:
        if not isinstance(problem, FileNotFoundError):
            raise problem

    for of, _, names in os.walk(folder, onerror=raise_unless_gone):
        yield from (Path(of) / name for name in names)


def _as_it_is(path: Path) -> tuple[str | int, ...]:
    """Return what changes when a file does, or when another takes its place."""
    try:
        now = path.stat()
    except OSError:  # it is gone, or a link that leads nowhere
        return (str(path),)
    return (str(path), now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)


def _remove(path: Path) -> None:
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    shutil.rmtree(path, ignore_errors=True)  # a worker may remove some of it at the same time
    if path.exists():
        shutil.rmtree(path)


def _may_be_of_anybody(rejects: Path) -> bool:
    """Whether a file of rejects shows a cell of a row whose lead cannot be told, or cannot be read."""
    if not rejects.is_file():  # a pipe would wait for somebody to write
        return False
    with suppress(FileNotFoundError):
        try:
            with rejects.open(encoding="utf-8", newline="") as file:
                return any(
                    not line.get("lead_id") and line.get("column") and line.get("found") != "nothing"
                    for line in csv.DictReader(file)
                )
        except (csv.Error, UnicodeError):
            return True
    return False


def _note(connection: Connection, job_ids: set[str], now: int) -> None:
    """Note that files are gone. A job that still runs is noted by who clears it, when it has stopped."""
    found = [find_job(connection, job_id) for job_id in sorted(job_ids)]
    ended = [job for job in found if job is not None and job.state not in {"waiting", "running"}]
    note_removed(connection, ended, now)
