"""Frames as Arrow tables, for Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping


def arrow_table(frame: pd.DataFrame, names: Mapping[str, str] | None = None) -> pa.Table:
    """Return the columns of a frame, those of `names` alone and under their new names where these are given.

    Raises pa.ArrowInvalid or pa.ArrowTypeError where a column of objects holds more than one kind.
    """
    renamed = names if names is not None else {str(name): str(name) for name in frame.columns}
    arrays = [_array(frame[name]) for name in renamed]
    return pa.table(arrays, names=list(renamed.values()))


def _array(column: pd.Series[Any]) -> pa.Array:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        # pyarrow takes the values of such a column in a way that pandas has deprecated.
        kind = pa.timestamp(column.dtype.unit, str(column.dtype.tz))
        return pa.array(column.dt.tz_convert(None).to_numpy(), kind)
    return pa.array(column, from_pandas=True)
