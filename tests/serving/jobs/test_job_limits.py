"""Files of score jobs that hold more than they seem to."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.errors import InputError
from serving.jobs.job_limits import EVENT_ROW_BYTES, LEAD_ROW_BYTES, check_size

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


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_more_columns_than_a_lead_may_have_are_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"leads.{ending}"
    for columns in (2_000, 2_001):
        names = [f"c{number}" for number in range(columns)]
        if ending == "csv":
            path.write_text(";".join(names) + "\n" + ";" * (columns - 1) + "\n")
        else:
            pq.write_table(pa.table({name: [""] for name in names}), path)
        if columns == 2_000:
            check_size(path, None, LIMIT)
    with pytest.raises(InputError, match=r"expected at most 2,000 columns, found 2,001"):
        check_size(path, None, LIMIT)


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
    of_csv = csv.stat().st_size + 1_001 * LEAD_ROW_BYTES
    check_size(csv, None, of_csv)
    for files, limit in (
        ((leads, None), rows),
        ((leads, events), rows + 100_000),
        ((csv, None), 2_000),
        ((csv, None), of_csv - 1),
    ):
        with pytest.raises(InputError, match=f"at most {limit} bytes"):
            check_size(*files, limit)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_many_short_lines_are_too_much_however_they_end(ending: str, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(f"id{ending}" + f"1{ending}" * 200_000, newline="")
    with pytest.raises(InputError, match="at most 2097152 bytes, decoded"):
        check_size(path, None, 2 * 1024 * 1024)


def test_what_is_no_parquet_inside_is_left_to_be_said_by_who_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "leads.parquet"
    path.write_bytes(b"PAR1" + b"\0" * 100)
    check_size(path, None, LIMIT)
