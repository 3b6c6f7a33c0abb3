"""Events from Arrow to a log, without a table of pandas between: what large histories are measured from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from features.errors import Fault, InputError
from features.events import event_log, no_events

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from features.events import EventLog

COLUMNS = ("lead_id", "occurred_at", "known_at", "type", "detail", "is_touch", "value")
"""What is read of canonical events: all but their ids, whose repeats were left out when they were written."""

_REQUIRED = ("lead_id", "occurred_at", "known_at", "type", "is_touch")


def event_log_of_arrow(
    batches: Iterable[pa.RecordBatch], rows: int, ids: pd.Index[str], said_of: str
) -> EventLog:
    """Return the log of canonical events (COLUMNS) of the leads `ids`: the log that a table of pandas gives.

    `rows`: how many events the batches hold in all. A batch is let go before the next is read, so little more
    is held than the log. Events of other leads are left out. Raises InputError where a column that every
    event needs has gaps or holds something else; `said_of` names the file.
    """
    columns = {name: np.empty(rows, kind) for name, kind in _KINDS.items()}
    owners, types, details = _Owners(ids), _Names(), _Names()
    at = 0
    for batch in batches:
        _check(batch, said_of)
        here = slice(at, at + len(batch))
        at += len(batch)
        columns["owner"][here] = owners.of(batch["lead_id"])
        columns["occurred_at"][here] = _microseconds(batch["occurred_at"])
        columns["known_at"][here] = _microseconds(batch["known_at"])
        columns["type"][here] = types.codes(batch["type"])
        columns["detail"][here] = details.codes(batch["detail"])
        columns["is_touch"][here] = batch["is_touch"].to_numpy(zero_copy_only=False)
        columns["value"][here] = batch["value"].to_numpy(zero_copy_only=False)
    if at == 0:
        return no_events(len(ids))
    return _log(columns, len(ids), types, details)


_KINDS: dict[str, Any] = {
    "owner": np.int64, "occurred_at": np.int64, "known_at": np.int64, "type": np.int32,
    "detail": np.int32, "is_touch": np.bool_, "value": np.float64,
}  # fmt: skip


def _log(columns: dict[str, NDArray[Any]], owners: int, types: _Names, details: _Names) -> EventLog:
    here = columns["owner"] >= 0
    if not here.all():
        columns = {name: values[here] for name, values in columns.items()}
    return event_log(
        owners=owners,
        owner=columns["owner"],
        occurred_at=columns["occurred_at"],
        known_at=columns["known_at"],
        types=(columns["type"], list(types.codes_of)),
        details=(columns["detail"], list(details.codes_of)),
        is_touch=columns["is_touch"],
        value=columns["value"],
    )


@dataclass(slots=True)
class _Names:
    """The texts of a column over all batches, by first appearance, and the code of each."""

    codes_of: dict[str, int] = field(default_factory=dict)

    def codes(self, column: pa.Array) -> NDArray[np.int32]:
        """Return int32 codes, -1 for none. The same text has one code in every batch."""
        own, texts = _encoded(column)
        places = [self.codes_of.setdefault(text, len(self.codes_of)) for text in texts.to_pylist()]
        return np.asarray([*places, -1], np.int32)[own]


class _Owners:
    """Finds the leads of events. Batches of one file share a dictionary, whose ids are looked up once."""

    def __init__(self, ids: pd.Index[str]) -> None:
        self._ids = ids
        self._texts: pa.Array | None = None
        self._places = np.zeros(0, np.int64)

    def of(self, column: pa.Array) -> NDArray[np.int64]:
        """Return the position of each row's lead in the ids, -1 where it is none of them."""
        codes, texts = _encoded(column)
        if self._texts is None or not texts.equals(self._texts):
            self._texts = texts
            self._places = np.asarray(self._ids.get_indexer(texts.to_pylist()), np.int64)
        return self._places[codes]


def _check(batch: pa.RecordBatch, said_of: str) -> None:
    for name in _REQUIRED:
        if batch[name].null_count:
            found = f"{batch[name].null_count:,} rows without one"
            remedy = "Make it again with: leadlens prepare"
            raise InputError(Fault(f"{said_of}, column {name}", "a value in every row", found, remedy))


def _encoded(column: pa.Array) -> tuple[NDArray[np.int32], pa.Array]:
    """Return the code of each row, -1 for none, and the different texts."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    codes = column.indices.fill_null(-1).cast(pa.int32()).to_numpy(zero_copy_only=False)
    return codes, column.dictionary


def _microseconds(column: pa.Array) -> NDArray[np.int64]:
    return np.asarray(column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy())
