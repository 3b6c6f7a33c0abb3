"""The types of columns that are read in parts: what pandas would have called them in the whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pandas as pd


@dataclass(slots=True)
class ColumnTypes:
    """The types of a table's columns over all its parts, which `add` shows one after the other.

    A column of whole numbers is one of floats where any part lacks a cell, booleans are then objects, and a
    column of objects that is empty in a part says nothing: so it is when all rows are read at once.
    """

    _seen: dict[str, dict[str, Any]] = field(default_factory=dict)
    _lacking: set[str] = field(default_factory=set)
    _with_values: set[str] = field(default_factory=set)

    def add(self, part: pd.DataFrame) -> None:
        """Take note of the types in a part. Every part has the same columns."""
        for name in part.columns:
            column = part[name]
            seen = self._seen.setdefault(str(name), {})
            known = column.notna()
            if not known.all():
                self._lacking.add(str(name))
            if known.any():
                self._with_values.add(str(name))
            elif column.dtype == object:
                continue
            seen[str(column.dtype)] = column.dtype

    def has_values(self, name: str) -> bool:
        """Whether any part has a value in the column."""
        return name in self._with_values

    def of(self, name: str) -> str:
        """Return the name of the column's type in the whole."""
        seen = self._seen[name]
        lacking = name in self._lacking
        if not seen:
            return "object"
        if len(seen) == 1:
            [(said, dtype)] = seen.items()
            kind = getattr(dtype, "kind", "O")
            is_numpy = not pd.api.types.is_extension_array_dtype(dtype)
            if is_numpy and lacking and kind in "iu":
                return "float64"
            return "object" if is_numpy and lacking and kind == "b" else said
        if all(getattr(dtype, "kind", "O") in "iuf" for dtype in seen.values()):
            return "float64" if lacking else str(pd.concat([pd.Series(dtype=d) for d in seen.values()]).dtype)
        return "object"

    @property
    def names(self) -> list[str]:
        """The columns, in their order."""
        return list(self._seen)


def restored(column: pd.Series[Any], dtype: str) -> pd.Series[Any]:
    """Return a column that went through Parquet with the type that it has in the whole."""
    if dtype == "object":
        objects = column.astype(object)
        return objects.where(column.notna(), None)
    return column if str(column.dtype) == dtype else column.astype(cast("Any", dtype))
