"""The file of a score job through a scorer."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_scorer import DATED, FakeScorer

from features.errors import InputError
from features.mapping import mapping_from
from leadlens.job_scoring import score_file
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
