"""Scores the files of score jobs, one job at a time."""

from __future__ import annotations

import logging
import secrets
import shutil
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

from features.errors import InputError
from serving.jobs.job_files import WORK
from serving.jobs.job_store import claim_job, find_job, finish_job, give_back_job, renew_job
from serving.places import place_of
from serving.store.database import StoreBusyError
from serving.wire.problems import Problem, invalid

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from serving.jobs.job_files import JobFiles
    from serving.jobs.job_store import ScoreJob, State, Verdict
    from serving.scoring.champion import Champion
    from serving.store.database import Store

SECOND_US = 1_000_000
LEASE_US = 60 * SECOND_US
RENEW_SECONDS = 2.0
FAILED = "The service failed while it scored the file. The worker's log says where."

_log = logging.getLogger("leadlens.worker")


class JobStoppedError(Exception):
    """Raised by `report` where the scoring of a file is to end: cancelled, lost, or the worker stops."""

    def __init__(self, why: Verdict | Literal["stop"]) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileToScore:
    """One file's work. `as_of` in microseconds UTC; None: the newest time in the files.

    The scores go to `result`, what could not be read to `rejects`, if there is any. `parts` is a folder,
    which need not be there, for what a later attempt at the same job can go on with. `report` is told how
    many leads are done, of how many.
    """

    leads: Path
    events: Path | None
    as_of: int | None
    result: Path
    rejects: Path
    parts: Path
    report: Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileScored:
    """What became of a file: so many leads were read, so many rows could not be.

    `as_of` is the moment of the scores in microseconds UTC.
    """

    leads: int
    rejected: int
    as_of: int


Runner: TypeAlias = "Callable[[FileToScore], FileScored]"
"""What scores a file. Raises InputError for one that cannot be read at all."""


@dataclass(slots=True)
class ScoreJobs:
    """Takes jobs by a claim that is renewed while the file is scored.

    A worker that is killed lets its claim run out, and the job is taken again; one that is told to stop
    (`stop`) gives its job back. Whoever takes it then goes on with the parts of a large file that are done.
    Without a champion the jobs wait.
    """

    store: Store
    files: JobFiles
    champion: Champion
    clock: Callable[[], int]
    who: str
    run: Runner
    stop: threading.Event = field(default_factory=threading.Event)
    renew_seconds: float = RENEW_SECONDS
    name: str = "score jobs"

    def step(self, now: int) -> bool:
        """Do one job, and return whether there was one."""
        if self.champion.answerer() is None:
            return False
        job = claim_job(self.store, self.who, now, LEASE_US)
        if job is None:
            return False
        with _Held(self, job) as held:
            ended = self._done(job, held)
        _log.info("score job %s: %s", job.id, ended or "given back")
        return True

    def _done(self, job: ScoreJob, held: _Held) -> State | None:
        """Score a job's file, and return how it ended, or None where it has not."""
        work = self._work_folder(job)
        try:
            scored = self.run(self._file(job, work, held.report))
        except JobStoppedError as stopped:
            if stopped.why == "stop":
                self.store.write(lambda connection: give_back_job(connection, job, self.who))
            return self._finish(job) if stopped.why == "cancel" else None
        except InputError as unreadable:
            return self._finish(job, problem=invalid(unreadable.faults))
        except Exception as problem:  # noqa: BLE001 - whatever a file causes, its job says that it failed
            _log.error("score job %s: %s at %s", job.id, type(problem).__name__, place_of(problem))
            return self._finish(job, problem=Problem(status=500, detail=FAILED))
        else:
            return self._shown(job, work, held, scored)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _finish(
        self, job: ScoreJob, *, scored: FileScored | None = None, problem: Problem | None = None
    ) -> State | None:
        now = self.clock()
        known = {"total": scored.leads, "rejected": scored.rejected, "as_of": scored.as_of} if scored else {}
        ended = self.store.write(
            lambda connection: finish_job(connection, job, self.who, now, problem=problem, **known)
        )
        if ended == "cancelled":
            self._hide(job)
        if ended is not None:
            shutil.rmtree(self.files.parts(job), ignore_errors=True)
        return ended

    def _shown(self, job: ScoreJob, work: Path, held: _Held, scored: FileScored) -> State | None:
        """Put a result in its place and end its job, unless others have taken the job meanwhile.

        The claim is renewed first, so that nobody takes it between the two; where somebody did in spite of
        that, what was put there is taken away, unless the job is done by them: what they put there stays.
        """
        if held.renewed() == "lost":
            return None
        self._show(job, work)
        ended = self._finish(job, scored=scored)
        if ended is None and self._state(job) != "done":
            self._hide(job)
        return ended

    def _state(self, job: ScoreJob) -> State | None:
        with self.store.reading() as connection:
            found = find_job(connection, job.id)
        return None if found is None else found.state

    def _work_folder(self, job: ScoreJob) -> Path:
        """Make a folder for this attempt alone, which leaves nothing of earlier ones."""
        folder = self.files.folder(job.id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in folder.glob(f"{WORK}*"):
            shutil.rmtree(left, ignore_errors=True)
        work = folder / f"{WORK}{secrets.token_hex(4)}"
        work.mkdir(mode=0o700)
        return work

    def _file(self, job: ScoreJob, work: Path, report: Callable[[int, int], None]) -> FileToScore:
        return FileToScore(
            leads=self.files.leads(job),
            events=self.files.events(job),
            as_of=job.as_of,
            result=work / self.files.result(job).name,
            rejects=work / self.files.rejects(job).name,
            parts=self.files.parts(job),
            report=report,
        )

    def _show(self, job: ScoreJob, work: Path) -> None:
        """Put what is finished in its place, whole, the scores last."""
        for place in (self.files.rejects(job), self.files.result(job)):
            made = work / place.name
            if made.exists():
                made.chmod(0o600)
                made.replace(place)

    def _hide(self, job: ScoreJob) -> None:
        for place in (self.files.result(job), self.files.rejects(job)):
            place.unlink(missing_ok=True)


class _Held:
    """Holds a job's claim from a thread of its own, and hears what the worker is to do."""

    def __init__(self, jobs: ScoreJobs, job: ScoreJob) -> None:
        self._jobs = jobs
        self._job = job
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._hold, daemon=True)
        self.verdict: Verdict = "go on"
        self.done = 0
        self.total = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def report(self, done: int, total: int) -> None:
        """Note the progress, at once where it says for the first time how many leads there are.

        Raises JobStoppedError where the work is to end.
        """
        is_first = not self.total
        self.done, self.total = done, total
        if is_first and total:
            self._renew()
        if self.verdict != "go on":
            raise JobStoppedError(self.verdict)
        if self._jobs.stop.is_set():
            raise JobStoppedError("stop")

    def renewed(self) -> Verdict:
        """Hold the claim for another while, and return what the worker is to do."""
        self._renew()
        return self.verdict

    def _hold(self) -> None:
        while not self._over.wait(self._jobs.renew_seconds) and self.verdict == "go on":
            self._renew()

    def _renew(self) -> None:
        try:
            verdict = self._jobs.store.write(self._renewed)
        except StoreBusyError:
            _log.warning("score job %s: the store is held by others", self._job.id)
        else:
            self.verdict = verdict if self.verdict == "go on" else self.verdict

    def _renewed(self, connection: Connection) -> Verdict:
        until = self._jobs.clock() + LEASE_US
        total = self.total or None
        return renew_job(connection, self._job, self._jobs.who, until, done=self.done, total=total)
