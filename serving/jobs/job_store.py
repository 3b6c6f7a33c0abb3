"""Files to be scored: what waits, what runs, and how it ended.

For those who answer requests: `new_job_id`, `count_waiting`, `make_job`, `find_job`, `list_jobs`,
`ask_to_cancel`. The files of a job are found by `serving.jobs.job_files.JobFiles`: `create` them under a new
id for an upload, or let `inside` check a path, then make the job. For the worker: `claim_job`, `renew_job`,
`give_back_job`, `finish_job`, `removable_jobs`, `note_removed`.

A job is waiting, then running, and ends as done, failed or cancelled. A running job whose worker does not
renew its claim is taken by another, from the start; one that was begun `MOST_ATTEMPTS` times so has failed.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from serving.store.paging import read_cursor, write_cursor
from serving.store.schema import KEYS, SCORE_JOBS
from serving.wire.problems import Problem, document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from serving.store.database import Store

State = Literal["waiting", "running", "done", "failed", "cancelled"]
Kind = Literal["csv", "parquet"]
Verdict = Literal["go on", "cancel", "lost"]
MOST_ATTEMPTS = 5
_ENDED = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSource:
    """Where a job's leads and events are, and as what it writes its result.

    Uploaded, they are files of the job's own folder, by their names in it; else paths relative to the
    folder that the setting `jobs_folder` names.
    """

    uploaded: bool
    leads: str
    events: str | None = None
    result: Kind = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreJob:
    """A job as it stands. Times are microseconds UTC. `done` of `total` leads are scored.

    `key_id` is the family of the key that asked for it, which is the id of the family's first key.
    `total` and `rejected` (rows that could not be read) are None until they are known. `problem` holds the
    members of a problem document. `removed_at`: since when its files are gone.
    """

    id: str
    key_id: str
    made_at: int
    as_of: int | None
    source: JobSource
    state: State
    total: int | None
    done: int
    rejected: int | None
    cancel_asked: bool
    finished_at: int | None
    removed_at: int | None
    problem: dict[str, Any] | None


def new_job_id() -> str:
    """Return an id that nobody can guess: 32 hexadecimal digits."""
    return secrets.token_hex(16)


def make_job(
    connection: Connection, job_id: str, *, key_id: str, source: JobSource, as_of: int | None, now: int
) -> ScoreJob:
    """Add a job, which waits for a worker; its files are in their place already."""
    values = {"id": job_id, "key_id": key_id, "made_at": now, "as_of": as_of, "source": asdict(source)}
    connection.execute(SCORE_JOBS.insert().values(values | {"state": "waiting"}))
    return _one(connection, job_id)


def count_waiting(connection: Connection, key_id: str) -> int:
    """Return how many jobs of a key wait, and hold the key: each of several requests counts the others'."""
    connection.execute(sa.select(KEYS.c.id).where(KEYS.c.id == key_id).with_for_update())
    waiting = (SCORE_JOBS.c.state == "waiting") & (SCORE_JOBS.c.key_id == key_id)
    return connection.execute(sa.select(sa.func.count()).where(waiting)).scalar_one()


def find_job(connection: Connection, job_id: str) -> ScoreJob | None:
    """Return the job of that id, or None."""
    row = connection.execute(SCORE_JOBS.select().where(SCORE_JOBS.c.id == job_id)).one_or_none()
    return None if row is None else _job(row)


@dataclass(frozen=True, slots=True)
class JobsPage:
    """Some jobs, and the cursor of those after them, if there are any."""

    jobs: list[ScoreJob]
    next: str | None


def list_jobs(
    connection: Connection, limit: int, *, key_id: str | None = None, cursor: str | None = None
) -> JobsPage:
    """Return at most `limit` jobs, the newest first; those of one key, if given, and after a cursor.

    Raises InputError for a cursor of another question.
    """
    asked = ["score jobs", key_id]
    by = (SCORE_JOBS.c.made_at, SCORE_JOBS.c.id)
    found = SCORE_JOBS.select().order_by(*(column.desc() for column in by)).limit(limit + 1)
    if key_id is not None:
        found = found.where(SCORE_JOBS.c.key_id == key_id)
    if cursor is not None:
        made_at, job_id = read_cursor(cursor, asked, (int, str))
        found = found.where(sa.tuple_(*by) < sa.tuple_(sa.literal(made_at), sa.literal(job_id)))
    jobs = [_job(row) for row in connection.execute(found)]
    page = jobs[:limit]
    last = page[-1] if len(jobs) > limit else None
    return JobsPage(page, None if last is None else write_cursor(asked, [last.made_at, last.id]))


def ask_to_cancel(connection: Connection, job_id: str, now: int) -> ScoreJob | None:
    """Cancel a job that waits, ask the worker of one that runs to stop, leave one that has ended as it is.

    Returns the job as it stands then, or None where there is none.
    """
    state, finished_at = SCORE_JOBS.c.state, SCORE_JOBS.c.finished_at
    waits = state == "waiting"
    ended = {
        "state": sa.case((waits, "cancelled"), else_=state),
        "finished_at": sa.case((waits, sa.literal(now, finished_at.type)), else_=finished_at),
    }
    # One statement: between two the job could pass from one state into the other, and neither would find it.
    under_way = _of(job_id).where(state.in_(["waiting", "running"]))
    connection.execute(under_way.values(ended | {"cancel_asked": True}))
    return find_job(connection, job_id)


def claim_job(store: Store, who: str, now: int, lease_us: int) -> ScoreJob | None:
    """Take the job that waits longest, or one whose worker is gone, for `lease_us`; None where there is none.

    What must not be begun again, because it was cancelled meanwhile or has ended its workers too often,
    is ended here.
    """
    left = sa.and_(SCORE_JOBS.c.state == "running", SCORE_JOBS.c.claimed_until <= now)
    free = sa.or_(SCORE_JOBS.c.state == "waiting", left)
    found = SCORE_JOBS.select().where(free).order_by(SCORE_JOBS.c.made_at, SCORE_JOBS.c.id).limit(1)

    def take(connection: Connection) -> ScoreJob | None:
        while row := connection.execute(found.with_for_update(skip_locked=True)).one_or_none():
            if row.cancel_asked or row.attempts >= MOST_ATTEMPTS:
                _end_what_was_left(connection, row, now)
                continue
            taken = {"state": "running", "claimed_by": who, "claimed_until": now + lease_us}
            begun = {"attempts": row.attempts + 1, "done": 0, "total": None}
            connection.execute(_of(row.id).values(taken | begun))
            return _one(connection, row.id)
        return None

    with store.reading() as connection:
        if connection.execute(found).first() is None:
            return None
    return store.write(take)


def renew_job(
    connection: Connection, job: ScoreJob, who: str, until: int, *, done: int, total: int | None
) -> Verdict:
    """Hold a claim until a later moment, and note the progress; return what the worker is to do.

    'lost' means that others have taken the job, because the claim had run out.
    """
    ours = _of(job.id).where(_held_by(who))
    renewed = connection.execute(ours.values(claimed_until=until, done=done, total=total))
    if renewed.rowcount == 0:
        return "lost"
    return "cancel" if _one(connection, job.id).cancel_asked else "go on"


def give_back_job(connection: Connection, job: ScoreJob, who: str) -> None:
    """Let a job wait again, because its worker is told to stop; it does not count as an attempt."""
    freed = {"state": "waiting", "claimed_by": None, "claimed_until": None, "done": 0, "total": None}
    ours = _of(job.id).where(_held_by(who))
    connection.execute(ours.values(freed | {"attempts": SCORE_JOBS.c.attempts - 1}))


def finish_job(
    connection: Connection,
    job: ScoreJob,
    who: str,
    now: int,
    *,
    total: int | None = None,
    rejected: int | None = None,
    as_of: int | None = None,
    problem: Problem | None = None,
) -> State | None:
    """End a job and return how: failed where there is a problem, cancelled where that was asked, else done.

    `total` leads, all of them, were scored as of `as_of`; what is not known stays as it was. Returns None
    where others have taken the job meanwhile: then nothing is changed.
    """
    ended = sa.case((SCORE_JOBS.c.cancel_asked, "cancelled"), else_="done" if problem is None else "failed")
    values = {"state": ended, "finished_at": now, "rejected": rejected, "claimed_by": None}
    said = {"claimed_until": None, "problem": None if problem is None else document(problem)}
    known = {} if total is None else {"total": total, "done": total}
    moment = {} if as_of is None else {"as_of": as_of}
    ours = _of(job.id).where(_held_by(who))
    if connection.execute(ours.values(values | said | known | moment)).rowcount == 0:
        return None
    return _one(connection, job.id).state


def removable_jobs(connection: Connection, finished_before: int, limit: int) -> list[ScoreJob]:
    """Return ended jobs that still have files: those that ended before a moment, and every cancelled one."""
    over = sa.or_(SCORE_JOBS.c.finished_at < finished_before, SCORE_JOBS.c.state == "cancelled")
    found = SCORE_JOBS.select().where(SCORE_JOBS.c.state.in_(_ENDED), SCORE_JOBS.c.removed_at.is_(None), over)
    return [_job(row) for row in connection.execute(found.order_by(SCORE_JOBS.c.made_at).limit(limit))]


def note_removed(connection: Connection, jobs: Sequence[ScoreJob], now: int) -> None:
    """Note that the files of jobs are gone; what their problems repeat of them goes too."""
    for job in jobs:
        problem = None if job.problem is None else {**job.problem, "errors": []}
        connection.execute(_of(job.id).values(removed_at=now, problem=problem))


def _end_what_was_left(connection: Connection, row: Row[Any], now: int) -> None:
    times = f"The worker ended {row.attempts} times while it scored this file; a smaller file may pass."
    problem = None if row.cancel_asked else document(Problem(status=500, detail=times))
    values = {"state": "cancelled" if row.cancel_asked else "failed", "finished_at": now, "problem": problem}
    connection.execute(_of(row.id).values(values | {"claimed_by": None, "claimed_until": None}))


def _of(job_id: str) -> sa.Update:
    return sa.update(SCORE_JOBS).where(SCORE_JOBS.c.id == job_id)


def _held_by(who: str) -> sa.ColumnElement[bool]:
    return sa.and_(SCORE_JOBS.c.state == "running", SCORE_JOBS.c.claimed_by == who)


def _one(connection: Connection, job_id: str) -> ScoreJob:
    return _job(connection.execute(SCORE_JOBS.select().where(SCORE_JOBS.c.id == job_id)).one())


def _job(row: Row[Any]) -> ScoreJob:
    inside = {"claimed_by", "claimed_until", "attempts", "source"}
    said = {name: value for name, value in row._mapping.items() if name not in inside}  # noqa: SLF001 - public, in spite of its name
    return ScoreJob(**said, source=JobSource(**row.source))
