"""`leadlens worker`, and the file of a score job: what it writes is what `leadlens score` writes."""

import shutil
import signal
import subprocess
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from command_line import ROOT, FirstRound, done, program
from fake_recorder import put_leads
from waiting import until

from features.errors import InputError
from leadlens.job_scoring import score_file
from models.champion import load_champion
from serving.clock import utc_now
from serving.history.stale import mark_stale
from serving.jobs.score_jobs import FileToScore, JobStoppedError
from serving.store.database import open_store
from serving.store.schema import LEADS

pytestmark = pytest.mark.slow

LARGE = 2**30
AS_OF = 1_783_727_999_999_999  # 2026-07-10T23:59:59.999999Z


class Asked:
    """A file to score, with a note of what was reported."""

    def __init__(self, leads: Path, out: Path, events: Path | None = None, *, stops_at: int = 10**9) -> None:
        self.reported: list[tuple[int, int]] = []
        self.stops_at = stops_at
        self.file = FileToScore(
            leads=leads,
            events=events,
            as_of=AS_OF,
            result=out / "result.csv",
            rejects=out / "rejects.csv",
            parts=out / "parts",
            report=self.report,
        )

    def report(self, done: int, total: int) -> None:
        self.reported.append((done, total))
        if done >= self.stops_at:
            raise JobStoppedError("cancel")


@pytest.fixture
def leads(first_round: FirstRound, tmp_path: Path) -> Path:
    """All leads three times over, the fifth row with a number that is none."""
    rows = pd.read_csv(first_round.data / "leads.csv", dtype=str, keep_default_na=False)
    rows = pd.concat([rows] * 3, ignore_index=True)
    rows.loc[3, "employees"] = "rather many"
    rows.to_csv(tmp_path / "leads.csv", index=False)
    return tmp_path / "leads.csv"


def test_a_job_writes_what_the_command_writes_and_tells_how_far_it_is(
    first_round: FirstRound, leads: Path, tmp_path: Path
) -> None:
    scorer = load_champion(first_round.home)
    assert scorer is not None
    events = first_round.data / "events.csv"
    asked = Asked(leads, tmp_path, events)
    scored = score_file(asked.file, scorer, LARGE)
    out = tmp_path / "scores.csv"
    words = ("--events", events, "--as-of", "2026-07-10", "--skip-bad-rows", "--home", first_round.home)
    done("score", "--leads", leads, "--out", out, *words)
    assert asked.file.result.read_bytes() == out.read_bytes()
    assert asked.file.rejects.read_bytes() == (tmp_path / "scores.rejects.csv").read_bytes()
    total = len(pd.read_csv(leads, dtype=str))
    assert scored.rejected == total - len(pd.read_csv(out))
    assert scored.rejected >= 1
    assert (scored.leads, scored.as_of) == (total, AS_OF)
    told = [done for done, _ in asked.reported]
    assert (told[0], told[-1]) == (0, total)
    assert told == sorted(told)
    assert {of for _, of in asked.reported} == {0, total}


def test_a_job_that_is_stopped_between_two_parts_writes_nothing(
    first_round: FirstRound, leads: Path, tmp_path: Path
) -> None:
    scorer = load_champion(first_round.home)
    assert scorer is not None
    asked = Asked(leads, tmp_path, stops_at=2_000)
    with pytest.raises(JobStoppedError, match="cancel"):
        score_file(asked.file, scorer, LARGE)
    assert [path.name for path in tmp_path.glob("re*")] == []


def test_a_file_that_is_no_table_of_leads_is_refused(first_round: FirstRound, tmp_path: Path) -> None:
    scorer = load_champion(first_round.home)
    assert scorer is not None
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 and no more")
    (tmp_path / "bad.csv").write_text("name\nJane\n")
    for name in ("bad.parquet", "bad.csv"):
        with pytest.raises(InputError, match=name):
            score_file(Asked(tmp_path / name, tmp_path).file, scorer, LARGE)


def test_who_sends_a_file_without_a_column_is_told_which_it_needs(
    first_round: FirstRound, tmp_path: Path
) -> None:
    scorer = load_champion(first_round.home)
    assert scorer is not None
    (tmp_path / "leads.csv").write_text("lead,created_at\nL-1,2026-01-01\n")
    (tmp_path / "events.csv").write_text("lead_id,when\nL-1,2026-01-01\n")
    needed = r"found the columns lead, created_at\. A file of leads needs the columns 'lead_id', 'created_at'"
    with pytest.raises(InputError, match=needed):
        score_file(Asked(tmp_path / "leads.csv", tmp_path).file, scorer, LARGE)
    asked = Asked(first_round.data / "leads.csv", tmp_path, tmp_path / "events.csv")
    needed = "A file of events needs the columns 'lead_id', 'occurred_at', 'type'"
    with pytest.raises(InputError, match=needed):
        score_file(asked.file, scorer, LARGE)


def test_the_command_works_until_it_is_told_to_stop(first_round: FirstRound, tmp_path: Path) -> None:
    shutil.copytree(first_round.home / "champion", tmp_path / "champion")
    store = open_store(tmp_path)
    moment = utc_now()
    numbers = put_leads(store, 5)
    store.write(lambda connection: mark_stale(connection, numbers, moment))

    def all_scored() -> bool:
        with store.reading() as connection:
            found = connection.execute(sa.select(LEADS.c.scored_at)).scalars().all()
        return all(at is not None and at >= moment for at in found)

    with subprocess.Popen(
        program("worker", "--home", tmp_path), cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as worker:
        until(all_scored, "the scores")
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=30)
    assert worker.returncode == 0
    assert "Traceback" not in said
    store.close()
