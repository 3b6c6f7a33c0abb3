from collections.abc import Callable
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.errors import InputError
from serving.jobs.job_store import (
    MOST_ATTEMPTS,
    JobSource,
    ScoreJob,
    ask_to_cancel,
    claim_job,
    find_job,
    finish_job,
    give_back_job,
    list_jobs,
    make_job,
    new_job_id,
    note_removed,
    removable_jobs,
    renew_job,
)
from serving.store.database import Store
from serving.store.schema import SCORE_JOBS
from serving.wire.problems import Problem

LEASE = 100
SOURCE = JobSource(uploaded=True, leads="input.csv", result="parquet")


@pytest.fixture
def make(store: Store) -> Callable[..., ScoreJob]:
    def make(now: int = 1, key_id: str = "k") -> ScoreJob:
        return store.write(
            lambda connection: make_job(
                connection, new_job_id(), key_id=key_id, source=SOURCE, as_of=None, now=now
            )
        )

    return make


def found(store: Store, job: ScoreJob) -> ScoreJob:
    with store.reading() as connection:
        again = find_job(connection, job.id)
    assert again is not None
    return again


def taken(store: Store, who: str = "a", now: int = 1) -> ScoreJob:
    job = claim_job(store, who, now, LEASE)
    assert job is not None
    return job


def ended(store: Store, job: ScoreJob, who: str = "a", problem: Problem | None = None) -> str | None:
    return store.write(lambda connection: finish_job(connection, job, who, 50, rejected=2, problem=problem))


def test_a_job_waits_runs_and_is_done(store: Store, make: Callable[..., ScoreJob]) -> None:
    job = make()
    assert (job.state, job.done, job.total, job.source) == ("waiting", 0, None, SOURCE)
    running = taken(store)
    assert (running.id, running.state) == (job.id, "running")
    assert claim_job(store, "b", 1, LEASE) is None
    go_on = store.write(lambda connection: renew_job(connection, job, "a", 500, done=3, total=9))
    assert (go_on, found(store, job).done, found(store, job).total) == ("go on", 3, 9)
    assert ended(store, job) == "done"
    done = found(store, job)
    assert (done.state, done.rejected, done.finished_at, done.problem) == ("done", 2, 50, None)
    assert ended(store, job) is None


def test_the_job_that_waits_longest_is_taken_first(store: Store, make: Callable[..., ScoreJob]) -> None:
    later, first = make(now=9), make(now=3)
    assert [taken(store).id, taken(store).id] == [first.id, later.id]


def test_a_job_that_fails_says_why(store: Store, make: Callable[..., ScoreJob]) -> None:
    job = make()
    taken(store)
    assert ended(store, job, problem=Problem(status=422, detail="unreadable")) == "failed"
    assert (found(store, job).problem or {})["detail"] == "unreadable"


def test_a_job_whose_worker_is_gone_is_taken_again_from_the_start_but_not_for_ever(
    store: Store, make: Callable[..., ScoreJob]
) -> None:
    job, now = make(), 1
    for _ in range(MOST_ATTEMPTS):
        assert taken(store, "a", now).done == 0
        store.write(lambda connection, now=now: renew_job(connection, job, "a", now + LEASE, done=5, total=9))
        assert claim_job(store, "b", now + LEASE - 1, LEASE) is None
        now += LEASE
    assert claim_job(store, "b", now, LEASE) is None
    failed = found(store, job)
    assert (failed.state, (failed.problem or {})["status"]) == ("failed", 500)


def test_who_comes_late_neither_renews_nor_ends_it(store: Store, make: Callable[..., ScoreJob]) -> None:
    job = make()
    taken(store, "a", 1)
    taken(store, "b", 1 + LEASE)
    assert store.write(lambda connection: renew_job(connection, job, "a", 999, done=1, total=1)) == "lost"
    store.write(lambda connection: give_back_job(connection, job, "a"))
    assert ended(store, job, "a") is None
    assert found(store, job).state == "running"
    assert ended(store, job, "b") == "done"


def test_a_worker_that_stops_gives_its_job_back(store: Store, make: Callable[..., ScoreJob]) -> None:
    job = make()
    for _ in range(2 * MOST_ATTEMPTS):
        taken(store)
        store.write(lambda connection: give_back_job(connection, job, "a"))
    assert found(store, job).state == "waiting"


def test_a_job_can_be_cancelled_while_it_waits_and_while_it_runs(
    store: Store, make: Callable[..., ScoreJob]
) -> None:
    waits, runs, is_over = make(3), make(2), make(1)
    taken(store)
    ended(store, is_over)
    taken(store)
    asked = [
        store.write(lambda connection, job=job: ask_to_cancel(connection, job.id, 9))
        for job in (waits, runs, is_over)
    ]
    assert [job.state for job in asked if job] == ["cancelled", "running", "done"]
    assert store.write(lambda connection: ask_to_cancel(connection, "x", 9)) is None
    assert store.write(lambda connection: renew_job(connection, runs, "a", 500, done=1, total=2)) == "cancel"
    assert ended(store, runs) == "cancelled"
    assert claim_job(store, "b", 10_000, LEASE) is None


def test_a_job_that_was_cancelled_while_its_worker_died_is_not_begun_again(
    store: Store, make: Callable[..., ScoreJob]
) -> None:
    job = make()
    taken(store)
    store.write(lambda connection: ask_to_cancel(connection, job.id, 9))
    assert claim_job(store, "b", 1 + LEASE, LEASE) is None
    assert found(store, job).state == "cancelled"


def test_jobs_are_listed_newest_first_by_pages_and_by_key(
    store: Store, make: Callable[..., ScoreJob]
) -> None:
    jobs = [make(now=n // 2, key_id="k" if n % 3 else "other") for n in range(8)]
    newest_first = sorted(jobs, key=lambda job: (job.made_at, job.id), reverse=True)
    with store.reading() as connection:
        pages = [list_jobs(connection, 3)]
        while pages[-1].next is not None:
            pages.append(list_jobs(connection, 3, cursor=pages[-1].next))
        assert [job.id for page in pages for job in page.jobs] == [job.id for job in newest_first]
        mine = list_jobs(connection, 100, key_id="other")
        assert {job.id for job in mine.jobs} == {job.id for job in jobs[::3]}
        for cursor in ("\0", "", jobs[0].id, pages[0].next):
            with pytest.raises(InputError, match="the `next` of the page before"):
                list_jobs(connection, 3, key_id="other", cursor=cursor)


def test_what_can_be_removed_is_what_ended_long_ago_or_was_cancelled(
    store: Store, make: Callable[..., ScoreJob]
) -> None:
    done, runs, waits, cancelled = make(1), make(2), make(3), make(4)
    taken(store)
    ended(store, done, problem=Problem(status=422, detail="unreadable"))
    taken(store)
    store.write(lambda connection: ask_to_cancel(connection, cancelled.id, 9_000))
    with store.reading() as connection:
        assert [job.id for job in removable_jobs(connection, 50, 10)] == [cancelled.id]
        removable = removable_jobs(connection, 51, 10)
    assert [job.id for job in removable] == [done.id, cancelled.id]
    store.write(lambda connection: note_removed(connection, removable, 60))
    assert found(store, done).removed_at == 60
    with store.reading() as connection:
        assert removable_jobs(connection, 10_000, 10) == []
    assert {found(store, job).state for job in (runs, waits)} == {"running", "waiting"}


STEPS = st.lists(
    st.sampled_from(["claim", "renew", "give back", "finish", "fail", "cancel", "wait"]), max_size=20
)
NEXT = {
    "waiting": {"waiting", "running", "cancelled"},
    "running": {"running", "waiting", "done", "failed", "cancelled"},
    **{state: {state} for state in ("done", "failed", "cancelled")},
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example makes its own job
@given(steps=STEPS, others=st.sets(st.integers(0, 19)))
def test_a_job_goes_from_state_to_state_as_it_should_and_what_has_ended_stays(
    store: Store, steps: list[str], others: set[int]
) -> None:
    store.write(lambda connection: connection.execute(sa.delete(SCORE_JOBS)))
    job = store.write(
        lambda connection: make_job(connection, new_job_id(), key_id="k", source=SOURCE, as_of=5, now=1)
    )
    now, states = 1, ["waiting"]
    problem = Problem(status=500, detail="failed")
    for at, step in enumerate(steps):
        who = "b" if at in others else "a"
        now += LEASE if step == "wait" else 1
        if step == "claim":
            claim_job(store, who, now, LEASE)
        store.write(
            lambda c, step=step, who=who, now=now: {
                "renew": lambda: renew_job(c, job, who, now + LEASE, done=1, total=2),
                "give back": lambda: give_back_job(c, job, who),
                "finish": lambda: finish_job(c, job, who, now),
                "fail": lambda: finish_job(c, job, who, now, problem=problem),
                "cancel": lambda: ask_to_cancel(c, job.id, now),
            }.get(step, lambda: None)()
        )
        states.append(found(store, job).state)
    assert all(later in NEXT[earlier] for earlier, later in pairwise(states))
    assert (found(store, job).finished_at is None) == (states[-1] in {"waiting", "running"})
    assert found(store, job).as_of == 5
