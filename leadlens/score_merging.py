"""Rows that are sorted within each of many parts, in the order of the file that they came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from leadlens.score_columns import ROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray


def merged(parts: Sequence[Iterable[pa.RecordBatch]]) -> Iterator[pa.RecordBatch]:
    """Return the rows of all parts by their ROW, ascending; those of a part already are so.

    Of each part one batch is held, and what of it waits for others: memory is bounded by the number of parts
    and their batches, not by the rows.
    """
    heads = [head for head in map(_Head, parts) if head.take()]
    while heads:
        # Nothing that is still to come has a smaller number than the last row of some batch.
        safe = min(head.last for head in heads)
        ready = [rows for head in heads if len(rows := head.up_to(safe))]
        yield _in_order(ready)
        heads = [head for head in heads if head.has_rows or head.take()]


class _Head:
    """The rows of one part that were read, and not yet given on."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._batches = iter(batches)
        self._rows: pa.RecordBatch = pa.RecordBatch.from_pylist([], pa.schema([(ROW, pa.int64())]))

    def take(self) -> bool:
        """Read the next batch with rows, and return whether there was one."""
        found = next((batch for batch in self._batches if len(batch)), None)
        if found is None:
            return False
        self._rows = found
        return True

    @property
    def has_rows(self) -> bool:
        return len(self._rows) > 0

    @property
    def last(self) -> int:
        return int(_numbers(self._rows)[-1])

    def up_to(self, row: int) -> pa.RecordBatch:
        """Give on the rows up to this number."""
        count = int(np.searchsorted(_numbers(self._rows), row, side="right"))
        given, self._rows = self._rows.slice(0, count), self._rows.slice(count)
        return given


def _in_order(ready: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(ready) == 1:
        return ready[0]
    together = pa.Table.from_batches(ready).combine_chunks().to_batches()[0]
    return together.take(pa.array(np.argsort(_numbers(together), kind="stable")))


def _numbers(rows: pa.RecordBatch) -> NDArray[np.int64]:
    numbers: NDArray[np.int64] = rows.column(ROW).to_numpy()
    return numbers
