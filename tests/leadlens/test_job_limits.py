"""Files of score jobs that hold more than they seem to."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_scorer import DATED, FakeScorer

from features.errors import InputError
from features.mapping import mapping_from
from leadlens.job_limits import EVENT_ROW_BYTES, LEAD_ROW_BYTES, check_size
from leadlens.job_scoring import score_file
from serving.jobs.score_jobs import FileToScore

LIMIT = 64 * 1024 * 1024
LONG = "x" * 100_000


def repeated(values: list[str] | list[bytes], times: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([0] * times, pa.int32()), pa.array(values))


def lists_of(values: pa.Array, each: int) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array(range(0, len(values) + 1, each), pa.int32()), values)


BOMBS = {
    "one text in many rows": {"Prospect ID": repeated([LONG], 20_000)},
    "bytes": {"employees": repeated([LONG.encode()], 20_000)},
    "lists": {"2nd product": lists_of(repeated([LONG], 20_000), 4)},
    "one long list": {"2nd product": lists_of(repeated(["x" * 900], 200_000), 200_000)},
    "texts in objects": {"x": pa.StructArray.from_arrays([repeated([LONG], 20_000)], ["y"])},
    "one huge cell": {"Prospect ID": pa.array(["x" * (2 * LIMIT)])},
    "a long value of fixed length": {
        "x": pa.array([b"x" * 1_000_000], pa.binary(1_000_000)).take(pa.array([0] * 100))
    },
    "many empty rows": {"x": pa.nulls(LIMIT // LEAD_ROW_BYTES + 1, pa.string())},
    "many columns": {f"c{number}": repeated(["x" * 9_000], 400) for number in range(40)},
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_that_holds_much_is_refused_before_it_fills_the_memory(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / "leads.parquet"
    pq.write_table(pa.table(BOMBS[name]), path, store_schema=False, compression="zstd")
    assert path.stat().st_size < LIMIT // 40
    before = pa.total_allocated_bytes()
    with pytest.raises(InputError, match=r"leads\.parquet: expected at most 67108864 bytes, decoded"):
        check_size(path, None, LIMIT)
    assert pa.total_allocated_bytes() - before < LIMIT


def test_files_within_the_limit_pass_and_their_sum_counts(tmp_path: Path) -> None:
    leads, events, csv = tmp_path / "leads.parquet", tmp_path / "events.parquet", tmp_path / "leads.csv"
    pq.write_table(
        pa.table({"id": [str(number) for number in range(1_000)], "tags": [["a", None]] * 1_000}), leads
    )
    pq.write_table(pa.table({"id": ["1"] * 1_000, "at": [7] * 1_000}), events)
    csv.write_bytes(b"id\n" + b"1\n" * 1_000)
    rows = 1_000 * LEAD_ROW_BYTES
    check_size(leads, None, rows + 100_000)
    check_size(leads, events, rows + 1_000 * EVENT_ROW_BYTES + 200_000)
    check_size(csv, None, csv.stat().st_size)
    for files, limit in (((leads, None), rows), ((leads, events), rows + 100_000), ((csv, None), 2_000)):
        with pytest.raises(InputError, match=f"at most {limit} bytes"):
            check_size(*files, limit)


def test_what_is_no_parquet_inside_is_left_to_be_said_by_who_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "leads.parquet"
    path.write_bytes(b"PAR1" + b"\0" * 100)
    check_size(path, None, LIMIT)
    with pytest.raises(InputError, match="expected a Parquet file"):
        score_file(job(path, tmp_path), FakeScorer(mapping_from(DATED)), LIMIT)


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
    assert score_file(job(path, tmp_path), FakeScorer(mapping_from(DATED)), LIMIT).rejected == 1
    assert f"{column}: expected texts of at most 10,000" in (tmp_path / "rejects.csv").read_text()
    assert len((tmp_path / "result.csv").read_text().splitlines()) == 2


def job(leads: Path, out: Path) -> FileToScore:
    return FileToScore(
        leads=leads, events=None, as_of=1_795_253_400_000_000, result=out / "result.csv",
        rejects=out / "rejects.csv", report=lambda _done, _total: None,
    )  # fmt: skip
