"""The file of a score job through a scorer."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_scorer import DATED, FakeScorer

from features.errors import InputError
from features.mapping import mapping_from
from leadlens.arrivals import SMALL_LEADS
from leadlens.job_scoring import score_file
from models.champion import built_in_scorecard
from serving.jobs.score_jobs import FileToScore


def test_what_is_no_parquet_inside_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "leads.parquet"
    path.write_bytes(b"PAR1" + b"\0" * 100)
    with pytest.raises(InputError, match="expected a Parquet file"):
        score_file(job(path, tmp_path), FakeScorer(mapping_from(DATED)), 1 << 26)


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("employees", ["x" * 10_001, "7"]),
        ("2nd product", [["a", "x" * 10_001], ["x" * 10_000]]),
        ("Prospect ID", ["x" * 10_001, "b"]),
        ("another", [b"x" * 10_001, b"x"]),
    ],
)
def test_a_row_with_a_text_that_is_too_long_is_a_bad_one(
    column: str, cells: list[object], tmp_path: Path
) -> None:
    rows = {"Prospect ID": ["a", "b"], "created": ["02-11-2026 10:00"] * 2} | {column: cells}
    path = tmp_path / "leads.parquet"
    pq.write_table(pa.table(rows), path)
    assert score_file(job(path, tmp_path), FakeScorer(mapping_from(DATED)), 1 << 26).rejected == 1
    assert f"{column}: expected texts of at most 10,000" in (tmp_path / "rejects.csv").read_text()
    assert len((tmp_path / "result.csv").read_text().splitlines()) == 2


def test_a_file_without_its_line_breaks_is_said_to_have_one_line(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Prospect ID,createda,02-11-2026 10:00b,03-11-2026 11:00")
    with pytest.raises(InputError, match=r"needs the columns 'Prospect ID', 'created'.*one line alone"):
        score_file(job(path, tmp_path), FakeScorer(mapping_from(DATED)), 1 << 26)


def job(leads: Path, out: Path) -> FileToScore:
    return FileToScore(
        leads=leads, events=None, as_of=1_795_253_400_000_000, result=out / "result.csv",
        rejects=out / "rejects.csv", parts=out / "parts", report=lambda _done, _total: None,
    )  # fmt: skip


@pytest.mark.slow
def test_a_large_file_is_scored_in_a_process_of_its_own_and_can_be_stopped(tmp_path: Path) -> None:
    class StopError(Exception):
        """What a job is told."""

    def stop(done: int, total: int) -> None:
        reported.append((done, total))
        if done and is_stopped:
            raise StopError

    count = SMALL_LEADS + 1
    rows = {"lead_id": [f"L{at}" for at in range(count)], "created_at": ["2026-01-01T00:00:00Z"] * count}
    pq.write_table(
        pa.table(rows | {"employees": [at % 500 for at in range(count)]}), tmp_path / "leads.parquet"
    )
    file, reported = replace(job(tmp_path / "leads.parquet", tmp_path), report=stop), []
    is_stopped = True
    with pytest.raises(StopError):
        score_file(file, built_in_scorecard(), 1 << 30)
    assert file.parts.is_dir()
    assert not file.result.exists()
    is_stopped = False
    scored = score_file(file, built_in_scorecard(), 1 << 30)
    assert (scored.leads, scored.rejected) == (count, 0)
    assert reported[-1] == (count, count)
    assert pd.read_csv(file.result)["lead_id"].tolist() == rows["lead_id"]
    assert not file.parts.exists()
