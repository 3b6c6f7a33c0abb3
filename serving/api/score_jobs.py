"""Files to be scored: handed in, followed, fetched, cancelled.

A key sees its own jobs and those of the keys that it was rotated from, an admin's sees all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import FileResponse

from features.errors import Fault
from features.times import TimeRules
from serving.api.call import answer
from serving.api.lead_words import moment_or_none
from serving.api.query import Query, in_query
from serving.door.arriving import FILE_TYPES
from serving.jobs.job_files import JobFiles
from serving.jobs.job_store import (
    JobSource,
    ask_to_cancel,
    count_waiting,
    find_job,
    list_jobs,
    make_job,
    new_job_id,
)
from serving.store.database import StoreAwayError
from serving.store.paging import DEFAULT_LIMIT, LARGEST_LIMIT
from serving.wire.encoding import rfc_3339
from serving.wire.problems import ProblemError, invalid, named_problem, refuse
from serving.wire.values import Faults, text_at, time_at

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection
    from starlette.responses import Response

    from serving.api.call import Call
    from serving.jobs.job_store import Kind, ScoreJob

PATH_LIMIT = 1_000
RETRY_AFTER_SECONDS = "60"
"""After so long another job is likely to have begun."""

_ENDED_WITHOUT = {
    "failed": "The job has failed: GET /v1/score-jobs/{id} says why, in its member problem.",
    "cancelled": "The job was cancelled.",
}
"""What is said of jobs that have no result, and never will: whoever waits for one need not ask again."""

_MEDIA_TYPES = {ending.removeprefix("."): kind for kind, ending in FILE_TYPES.items()}


def create_job(call: Call) -> Response:
    """Make a job of a file on the server, or of the body itself."""
    upload = call.taken.upload
    source, as_of = _asked(call) if upload is None else _sent(call)
    job_id = new_job_id()
    files = _files(call)
    if upload is None:
        for path in (source.leads, source.events):
            if path is not None:
                files.inside(path)
    else:
        _adopt(upload, files.folder(job_id), source.leads)
    job = _made(call, job_id, source, as_of)
    made = answer(_document(job), 201)
    made.headers["Location"] = f"/v1/score-jobs/{job_id}"
    return made


def list_score_jobs(call: Call) -> Response:
    """Return jobs, the newest first."""
    query = Query(call.taken.query)
    limit = query.whole("limit", 1, LARGEST_LIMIT) or DEFAULT_LIMIT
    query.checked()
    key_id = None if call.key.allows("admin") else call.key.family
    with call.parts.store.reading() as connection, in_query():
        page = list_jobs(connection, limit, key_id=key_id, cursor=query.text("cursor"))
    return answer({"jobs": [_document(job) for job in page.jobs], "next": page.next})


def get_job(call: Call) -> Response:
    """Return how far a job is."""
    with call.parts.store.reading() as connection:
        return answer(_document(_found(call, connection)))


def get_result(call: Call) -> Response:
    """Return the scores of a job that is done."""
    job = _done(call)
    kind = job.source.result
    return _file(job, _files(call).result(job), kind, f"scores-{job.id}.{kind}")


def get_rejects(call: Call) -> Response:
    """Return the rows of a job that is done which could not be read."""
    job = _done(call)
    return _file(job, _files(call).rejects(job), "csv", f"rejects-{job.id}.csv")


def cancel_job(call: Call) -> Response:
    """Cancel a job that waits, ask the worker of one that runs to stop, leave one that has ended as it is."""

    def cancelled(connection: Connection) -> ScoreJob | None:
        return ask_to_cancel(connection, _found(call, connection).id, call.now)

    job = call.parts.store.write(cancelled)
    if job is None:
        raise _no_such_job()
    return answer(_document(job))


def _asked(call: Call) -> tuple[JobSource, int | None]:
    members = call.members("path", "events", "as_of", "result")
    faults = Faults()
    if "as_of" in call.taken.query:
        expected = "no parameter where the body is JSON"
        faults.append(Fault("?as_of", expected, "one", "Send as_of in the body."))
    leads = text_at("path", members.get("path"), faults, limit=PATH_LIMIT)
    events = members.get("events")
    events = None if events is None else text_at("events", events, faults, limit=PATH_LIMIT)
    as_of = members.get("as_of")
    moment = None if as_of is None else time_at("as_of", as_of, _rules(call), faults, day_end=True)
    result: Kind = "parquet" if members.get("result") == "parquet" else "csv"
    if members.get("result") not in (None, result):
        faults.say("result", "csv or parquet", members["result"], "Choose from these.")
    if faults or leads is None:
        raise ProblemError(invalid(faults))
    return JobSource(uploaded=False, leads=leads, events=events, result=result), moment


def _sent(call: Call) -> tuple[JobSource, int | None]:
    query = Query(call.taken.query, _rules(call).zone)
    as_of = query.time("as_of", day_end=True)
    query.checked()
    ending = FILE_TYPES[call.taken.media_type]
    kind: Kind = "csv" if ending == ".csv" else "parquet"
    return JobSource(uploaded=True, leads=f"input{ending}", result=kind), as_of


def _adopt(upload: Path, folder: Path, name: str) -> None:
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700)
    upload.replace(folder / name)


def _made(call: Call, job_id: str, source: JobSource, as_of: int | None) -> ScoreJob:
    """Make the job. Where there is none afterwards, its files are removed."""

    def make(connection: Connection) -> ScoreJob:
        limit = call.parts.settings.waiting_jobs_limit
        if count_waiting(connection, call.key.family) >= limit:
            raise _too_many(limit)
        return make_job(connection, job_id, key_id=call.key.family, source=source, as_of=as_of, now=call.now)

    try:
        return call.parts.store.write(make)
    except StoreAwayError:  # there may be a job
        raise
    except Exception:  # whatever it was: there is no job whose files they would be
        _files(call).remove(job_id)
        raise


def _too_many(limit: int) -> ProblemError:
    detail = (
        f"{limit} score jobs of this key wait, as many as may. Try again when one has begun, or cancel one."
    )
    return refuse(429, detail, retry_after=RETRY_AFTER_SECONDS)


def _done(call: Call) -> ScoreJob:
    with call.parts.store.reading() as connection:
        job = _found(call, connection)
    if job.state in _ENDED_WITHOUT:
        raise ProblemError(named_problem("no-result", _ENDED_WITHOUT[job.state]))
    if job.state != "done":
        detail = f"The job is {job.state}: only one that is done has a result."
        raise ProblemError(named_problem("not-finished", detail))
    return job


def _file(job: ScoreJob, path: Path, kind: Kind, name: str) -> Response:
    if job.removed_at is not None or not path.is_file():
        raise refuse(404, "The files of this job are no longer kept.")
    return FileResponse(path, media_type=_MEDIA_TYPES[kind], filename=name)


def _rules(call: Call) -> TimeRules:
    mapping = call.mapping
    return TimeRules(zone="UTC" if mapping is None else mapping.training.time_zone)


def _files(call: Call) -> JobFiles:
    settings = call.parts.settings
    return JobFiles(settings.home, settings.jobs_folder)


def _found(call: Call, connection: Connection) -> ScoreJob:
    job = find_job(connection, call.id())
    if job is None or not (job.key_id == call.key.family or call.key.allows("admin")):
        raise _no_such_job()
    return job


def _no_such_job() -> ProblemError:
    return refuse(404, "No job of this key has this id.")


def _document(job: ScoreJob) -> dict[str, Any]:
    source = job.source
    return {
        "id": job.id,
        "state": job.state,
        "made_at": rfc_3339(job.made_at),
        "as_of": moment_or_none(job.as_of),
        "path": None if source.uploaded else source.leads,
        "events": source.events,
        "result": source.result,
        "total": job.total,
        "done": job.done,
        "rejected": job.rejected,
        "cancel_asked": job.cancel_asked,
        "finished_at": moment_or_none(job.finished_at),
        "problem": job.problem,
    }
