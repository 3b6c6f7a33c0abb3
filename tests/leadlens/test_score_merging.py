"""Sorted parts become one sorted whole, however they are cut."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from leadlens.score_columns import ROW
from leadlens.score_merging import merged

SCHEMA = pa.schema([(ROW, pa.int64()), ("text", pa.large_string())])


@given(
    of_part=st.lists(st.integers(0, 4), max_size=60),
    cuts=st.lists(st.integers(1, 7), min_size=1, max_size=9),
)
def test_rows_of_parts_come_in_the_order_of_the_file(of_part: list[int], cuts: list[int]) -> None:
    parts = []
    for part in range(5):
        rows = [row for row, owner in enumerate(of_part) if owner == part]
        batches, at = [pa.RecordBatch.from_pylist([], SCHEMA)], 0
        while rows:
            here, rows = rows[: cuts[at % len(cuts)]], rows[cuts[at % len(cuts)] :]
            batches.append(
                pa.RecordBatch.from_pylist([{ROW: row, "text": f"r{row}"} for row in here], SCHEMA)
            )
            at += 1
        parts.append(batches)
    found = [line for batch in merged(parts) for line in batch.to_pylist()]
    assert found == [{ROW: row, "text": f"r{row}"} for row in range(len(of_part))]
