import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_scorer import FakeScorer
from served import put_champion
from waiting import until

from decisions.policy import Policy
from features.errors import Fault, InputError
from serving.jobs.job_clearing import HOUR_US, NEVER_MADE_US, PAUSE_US, JobClearing
from serving.jobs.job_files import JobFiles
from serving.jobs.job_store import (
    JobSource,
    ScoreJob,
    ask_to_cancel,
    claim_job,
    find_job,
    finish_job,
    make_job,
    new_job_id,
)
from serving.jobs.score_jobs import LEASE_US, FileScored, FileToScore, ScoreJobs
from serving.scoring.champion import Champion
from serving.settings import Settings
from serving.store.database import Store

NOW = 1_795_253_400_000_000
AS_OF = NOW - 1


@pytest.fixture
def files(tmp_path: Path) -> JobFiles:
    home, folder = tmp_path / "home", tmp_path / "jobs"
    put_champion(home)
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "leads.csv").write_text("id\n1\n")
    return JobFiles(home, folder)


@pytest.fixture
def champion(files: JobFiles) -> Champion:
    return Champion(Settings(home=files.home), Policy(), FakeScorer.load)


def upload(store: Store, files: JobFiles, text: bytes = b"id\n1\n2\n", now: int = NOW) -> ScoreJob:
    job_id = new_job_id()
    with files.create(job_id, "input", "csv") as file:
        file.write(text)
    source = JobSource(uploaded=True, leads="input.csv")
    return store.write(
        lambda connection: make_job(connection, job_id, key_id="k", source=source, as_of=None, now=now)
    )


def found(store: Store, job: ScoreJob) -> ScoreJob:
    with store.reading() as connection:
        again = find_job(connection, job.id)
    assert again is not None
    return again


def copy(file: FileToScore) -> FileScored:
    """Score a file by copying it, line by line; a line 'bad' cannot be read."""
    lines = file.leads.read_text().splitlines()
    if lines[0] != "id":
        raise InputError(Fault("input.csv", "a column id", "none", "Add it."))
    good = [line for line in lines if line != "bad"]
    for done in range(len(lines)):
        file.report(done, len(lines))
    if len(good) < len(lines):
        file.rejects.write_text("bad\n")
    file.result.write_text("\n".join(good))
    return FileScored(leads=len(lines), rejected=len(lines) - len(good), as_of=AS_OF)


@pytest.fixture
def jobs(store: Store, files: JobFiles, champion: Champion) -> Callable[..., ScoreJobs]:
    def make(run: Callable[[FileToScore], FileScored] = copy, who: str = "a") -> ScoreJobs:
        return ScoreJobs(store, files, champion, lambda: NOW, who, run, renew_seconds=0.01)

    return make


def test_an_upload_is_scored_and_only_its_owner_can_read_what_there_is(
    store: Store, files: JobFiles, jobs: Callable[..., ScoreJobs]
) -> None:
    job = upload(store, files, b"id\n1\nbad\n2\n")
    worker = jobs()
    assert worker.step(NOW)
    assert not worker.step(NOW)
    done = found(store, job)
    assert (done.state, done.rejected, done.problem) == ("done", 1, None)
    assert (done.done, done.total, done.as_of) == (4, 4, AS_OF)
    assert files.result(job).read_text() == "id\n1\n2"
    assert files.rejects(job).read_text() == "bad\n"
    folder = files.folder(job.id)
    assert sorted(path.name for path in folder.iterdir()) == ["input.csv", "rejects.csv", "result.csv"]
    assert not [path for path in (folder.parent, folder, *folder.iterdir()) if path.stat().st_mode & 0o077]


def test_how_many_leads_there_are_is_told_before_the_first_renewal(
    store: Store, files: JobFiles, champion: Champion
) -> None:
    def looked_at(file: FileToScore) -> FileScored:
        file.report(0, 3)
        seen.append(found(store, job))
        return FileScored(leads=3, rejected=0, as_of=AS_OF)

    seen: list[ScoreJob] = []
    job = upload(store, files)
    assert ScoreJobs(store, files, champion, lambda: NOW, "a", looked_at, renew_seconds=60).step(NOW)
    assert [(one.state, one.done, one.total) for one in seen] == [("running", 0, 3)]


def test_a_file_of_the_jobs_folder_is_scored_where_it_is(
    store: Store, files: JobFiles, jobs: Callable[..., ScoreJobs]
) -> None:
    source = JobSource(uploaded=False, leads="sub/leads.csv")
    job = store.write(
        lambda connection: make_job(connection, new_job_id(), key_id="k", source=source, as_of=None, now=NOW)
    )
    assert jobs().step(NOW)
    assert files.result(job).read_text() == "id\n1"


def test_an_unreadable_file_fails_its_job_with_the_faults(
    store: Store, files: JobFiles, jobs: Callable[..., ScoreJobs]
) -> None:
    job = upload(store, files, b"name\n1\n")
    assert jobs().step(NOW)
    failed = found(store, job)
    assert failed.state == "failed"
    assert failed.problem is not None
    assert (failed.problem["status"], failed.problem["errors"][0]["expected"]) == (422, "a column id")
    assert not files.result(job).exists()


def test_a_fault_of_ours_fails_the_job_and_its_message_is_told_to_nobody(
    store: Store, files: JobFiles, jobs: Callable[..., ScoreJobs], caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(_: FileToScore) -> FileScored:
        raise KeyError("jane.doe@example.org")

    job = upload(store, files)
    assert jobs(breaks).step(NOW)
    failed = found(store, job)
    assert (failed.state, (failed.problem or {})["status"]) == ("failed", 500)
    assert "KeyError at test_score_job_runs.py:" in caplog.text
    assert "jane" not in caplog.text + str(failed.problem)


def test_a_cancelled_job_stops_and_leaves_no_result(
    store: Store, files: JobFiles, jobs: Callable[..., ScoreJobs]
) -> None:
    begun = threading.Event()

    def endless(file: FileToScore) -> FileScored:
        file.result.write_text("half")
        done = 0
        while True:
            done += 1
            file.report(done, 0)
            begun.set()

    job = upload(store, files)
    thread = threading.Thread(target=jobs(endless).step, args=(NOW,))
    thread.start()
    begun.wait(20)
    store.write(lambda connection: ask_to_cancel(connection, job.id, NOW))
    thread.join(20)
    assert not thread.is_alive()
    assert found(store, job).state == "cancelled"
    assert [path.name for path in files.folder(job.id).iterdir()] == ["input.csv"]
    JobClearing(store, files, 72).step(NOW)
    assert not files.folder(job.id).exists()


def test_a_job_that_is_cancelled_at_the_last_moment_leaves_no_result_either(
    store: Store, files: JobFiles, jobs: Callable[..., ScoreJobs]
) -> None:
    def cancelled_meanwhile(file: FileToScore) -> FileScored:
        scored = copy(file)
        store.write(lambda connection: ask_to_cancel(connection, job.id, NOW))
        return scored

    job = upload(store, files)
    jobs(cancelled_meanwhile).step(NOW)
    assert found(store, job).state == "cancelled"
    assert not files.result(job).exists()


def test_a_worker_that_is_told_to_stop_gives_its_job_back(
    store: Store, files: JobFiles, jobs: Callable[..., ScoreJobs]
) -> None:
    job = upload(store, files)
    worker = jobs()
    worker.stop.set()
    worker.step(NOW)
    assert found(store, job).state == "waiting"
    assert [path.name for path in files.folder(job.id).iterdir()] == ["input.csv"]
    assert jobs().step(NOW)
    assert found(store, job).state == "done"


def test_a_job_that_others_took_is_left_to_them(
    store: Store, files: JobFiles, jobs: Callable[..., ScoreJobs]
) -> None:
    """A worker that slept for longer than its lease finds its job taken."""

    def sleeps(file: FileToScore) -> FileScored:
        assert claim_job(store, "b", NOW + LEASE_US, LEASE_US) is not None
        until(lambda: stopped(file), "the news")
        raise AssertionError

    def stopped(file: FileToScore) -> bool:
        file.report(1, 2)
        return False

    job = upload(store, files)
    assert jobs(sleeps).step(NOW)
    assert found(store, job).state == "running"
    assert claim_job(store, "c", NOW, LEASE_US) is None


def test_who_lost_a_job_puts_no_result_in_its_place(
    store: Store, files: JobFiles, champion: Champion
) -> None:
    def taken_meanwhile(file: FileToScore) -> FileScored:
        scored = copy(file)
        assert claim_job(store, "b", NOW + LEASE_US, LEASE_US) is not None
        return scored

    def taken_again() -> int:
        if files.result(late).exists():
            claim_job(store, "b", NOW + LEASE_US, LEASE_US)
        return NOW

    early = upload(store, files)
    assert ScoreJobs(store, files, champion, lambda: NOW, "a", taken_meanwhile, renew_seconds=60).step(NOW)
    late = upload(store, files, now=NOW + 1)
    assert ScoreJobs(store, files, champion, taken_again, "a", copy, renew_seconds=60).step(NOW)
    for job in (early, late):
        assert found(store, job).state == "running"
        assert not files.result(job).exists()


def test_what_others_have_put_in_place_meanwhile_stays(
    store: Store, files: JobFiles, champion: Champion
) -> None:
    def done_by_another() -> int:
        if files.result(job).exists() and claim_job(store, "b", NOW + LEASE_US, LEASE_US) is not None:
            store.write(lambda connection: finish_job(connection, job, "b", NOW))
        return NOW

    job = upload(store, files)
    ScoreJobs(store, files, champion, done_by_another, "a", copy, renew_seconds=60).step(NOW)
    assert found(store, job).state == "done"
    assert files.result(job).exists()


def test_what_a_killed_worker_left_is_cleared_and_done_again(
    store: Store, files: JobFiles, jobs: Callable[..., ScoreJobs]
) -> None:
    job = upload(store, files)
    assert claim_job(store, "killed", NOW, LEASE_US) is not None
    (files.folder(job.id) / "work-0").mkdir()
    (files.folder(job.id) / "work-0" / "result.csv").write_text("half")
    assert not jobs().step(NOW)
    assert jobs().step(NOW + LEASE_US)
    assert found(store, job).state == "done"
    assert not (files.folder(job.id) / "work-0").exists()


def test_without_a_champion_jobs_wait(store: Store, files: JobFiles, tmp_path: Path) -> None:
    nobody = Champion(Settings(home=tmp_path / "none"), Policy(), FakeScorer.load)
    job = upload(store, files)
    assert not ScoreJobs(store, files, nobody, lambda: NOW, "a", copy).step(NOW)
    assert found(store, job).state == "waiting"


@pytest.mark.parametrize(
    "path",
    ["../home/champion/current", "sub/../../x.csv", "/etc/passwd", "nothing.csv", "sub", "", ".", "out.csv",
     "round.csv", "up/x.csv", "a\0b.csv", "pipe.csv", "x" * 5_000],
)  # fmt: skip
def test_no_path_leads_out_of_the_jobs_folder(files: JobFiles, tmp_path: Path, path: str) -> None:
    folder = files.jobs_folder
    assert folder is not None
    (tmp_path / "x.csv").write_text("id\n")
    (folder / "out.csv").symlink_to(tmp_path / "x.csv")
    (folder / "up").symlink_to(tmp_path)
    (folder / "round.csv").symlink_to(folder / "round.csv")
    os.mkfifo(folder / "pipe.csv")
    with pytest.raises(InputError, match="expected a file in the folder of jobs"):
        files.inside(path)


def test_a_path_within_the_folder_is_found_links_within_it_too(files: JobFiles) -> None:
    folder = files.jobs_folder
    assert folder is not None
    (folder / "in.csv").symlink_to(folder / "sub" / "leads.csv")
    (folder / "notes.txt").write_text("x")
    assert files.inside("sub/leads.csv") == files.inside("in.csv") == (folder / "sub" / "leads.csv").resolve()
    with pytest.raises(InputError, match=r"ends in \.csv or \.parquet"):
        files.inside("notes.txt")
    with pytest.raises(InputError, match="no folder is open for them"):
        JobFiles(files.home).inside("sub/leads.csv")


@pytest.mark.parametrize("job_id", ["", "..", "../../x", "A" * 32, "0" * 31, "0" * 32 + "/x"])
def test_only_an_id_of_a_job_names_a_folder(files: JobFiles, job_id: str) -> None:
    with pytest.raises(ValueError, match="not the id of a job"):
        files.folder(job_id)


def test_an_upload_never_overwrites(files: JobFiles) -> None:
    job_id = new_job_id()
    files.create(job_id, "input", "csv").close()
    with pytest.raises(FileExistsError):
        files.create(job_id, "input", "csv")
    assert stat.S_IMODE((files.folder(job_id) / "input.csv").stat().st_mode) == 0o600


def test_files_are_removed_when_their_time_has_come_and_broken_uploads_too(
    store: Store, files: JobFiles, jobs: Callable[..., ScoreJobs]
) -> None:
    job, waits = upload(store, files), upload(store, files, now=NOW + 1)
    jobs().step(NOW)
    broken, fresh = new_job_id(), new_job_id()
    for job_id, age in ((broken, NEVER_MADE_US + HOUR_US), (fresh, 0), (waits.id, 10 * NEVER_MADE_US)):
        if job_id != waits.id:
            files.create(job_id, "input", "csv").close()
        seconds = (NOW + 72 * HOUR_US - age) / 1_000_000
        os.utime(files.folder(job_id), (seconds, seconds))
    foreign = files.home / "score-jobs" / "a copy made by somebody, by hand"
    foreign.mkdir()
    os.utime(foreign, (0, 0))
    clearing = JobClearing(store, files, 72)
    clearing.step(NOW + 72 * HOUR_US)
    assert foreign.exists()
    assert files.folder(job.id).exists()
    assert not files.folder(broken).exists()
    clearing.step(NOW + 72 * HOUR_US + 1)
    assert files.folder(job.id).exists()
    clearing.step(NOW + 72 * HOUR_US + PAUSE_US)
    assert not files.folder(job.id).exists()
    assert found(store, job).removed_at == NOW + 72 * HOUR_US + PAUSE_US
    assert files.folder(waits.id).exists()
    assert files.folder(fresh).exists()
