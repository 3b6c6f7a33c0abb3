"""The face of the room: a booster in, exact contributions of each row out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

import numpy as np

from models.contributions.checked import TOLERANCE, largest_difference, rows_to_check
from models.contributions.columns import columns_of
from models.contributions.compiled import FEW_ROWS, CompiledTrees, tables_of
from models.contributions.errors import NotTabulatedError
from models.contributions.kept import KeptTables
from models.contributions.trees import trees_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import lightgbm
    from numpy.typing import NDArray

log = logging.getLogger("leadlens.contributions")


class Attributions:
    """Exact contributions of one booster. Pure; several threads may ask it at once.

    `expected` is the expected margin (log-odds). `method` is how the contributions are made: from tables, or
    by LightGBM itself, which takes hundreds of times as long. `table_bytes` is the memory of the tables, and
    `deep_leaves` the number of leaves that are in none and slower; `is_read` tells that they were kept, and
    not made here. `row_wise` are the tables with which one call explains few rows; None where it takes more.

    The tables are checked against LightGBM when they are made. Where the two differ by more than 1e-9 x
    max(1, Σ|c|), or the booster has something that cannot be tabulated, LightGBM is asked from then on, and
    an error is logged. Raises NoContributionsError, a ValueError, for a booster with several classes or
    linear leaves. The booster is taken as it is now, up to its best iteration if it has one.
    """

    method: Literal["tables", "lightgbm"]

    def __init__(self, booster: lightgbm.Booster) -> None:
        compiled = _compiled(booster)
        features = int(booster.num_feature())
        expected = _expected(booster, features) if compiled is None else compiled.expected
        self._set(lambda: booster, compiled, features, expected)
        self.is_read = False

    @classmethod
    def kept(cls, tables: KeptTables, booster: Callable[[], lightgbm.Booster]) -> Attributions:
        """Return those of a booster that was compiled and checked before, from what was kept of it then.

        `booster` gives the booster itself, and is asked only where it could not be tabulated.
        """
        made = cls.__new__(cls)
        compiled = None if tables.tables is None else CompiledTrees(tables.tables)
        made._set(booster, compiled, tables.features, tables.expected)  # noqa: SLF001  # its own class's
        made.is_read = True
        return made

    def to_keep(self) -> KeptTables:
        """Return what `kept` makes the same of."""
        return KeptTables(
            features=self.features,
            expected=self.expected,
            tables=None if self._compiled is None else self._compiled.tables,
        )

    def _set(
        self,
        booster: Callable[[], lightgbm.Booster],
        compiled: CompiledTrees | None,
        features: int,
        expected: float,
    ) -> None:
        self._booster, self._compiled = booster, compiled
        self.row_wise = None if compiled is None or compiled.deep_leaves else compiled.row_wise
        self.features, self.expected = features, expected
        self.method = "lightgbm" if compiled is None else "tables"
        self.table_bytes = 0 if compiled is None else compiled.table_bytes
        self.deep_leaves = 0 if compiled is None else compiled.deep_leaves

    def as_rows(self, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return vectors, float64 (n, features), as kernels take them. Raises ValueError for other shapes."""
        rows = np.ascontiguousarray(vectors, np.float64).view()
        if rows.ndim != 2 or rows.shape[1] != self.features:
            raise ValueError(
                f"Expected vectors of shape (n, {self.features}), found {rows.shape}. "
                "Make them with the features that the booster was trained on."
            )
        # One kind of array, so that one compiled kernel serves all.
        rows.flags.writeable = False
        return rows

    def values(self, vectors: NDArray[np.float64], *, threads: int = 1) -> NDArray[np.float64]:
        """Return contributions, float64 (n, features + 1), of vectors float64 (n, features).

        The last column is the expected margin, as LightGBM orders it. A row depends on nothing but itself:
        one row and a million rows give the same bits, whatever `threads` says. Raises ValueError where there
        are not `features` columns.
        """
        rows = self.as_rows(vectors)
        if self._compiled is None:
            return asked_of_lightgbm(self._booster(), rows, threads=threads)
        if len(rows) < FEW_ROWS:
            return self._compiled.row_by_row(rows)
        return self._compiled.in_blocks(rows, threads)


def asked_of_lightgbm(
    booster: lightgbm.Booster, vectors: NDArray[np.float64], *, threads: int = 1
) -> NDArray[np.float64]:
    """Return the contributions that LightGBM computes: for few rows of a booster that is used once."""
    if len(vectors) == 0:
        return np.empty((0, booster.num_feature() + 1))
    return np.asarray(booster.predict(vectors, pred_contrib=True, num_threads=threads), np.float64)


def _expected(booster: lightgbm.Booster, features: int) -> float:
    nothing = np.full((1, features), np.nan)
    return float(asked_of_lightgbm(booster, nothing)[0, -1])


def _compiled(booster: lightgbm.Booster) -> CompiledTrees | None:
    """Return the booster compiled and checked, or None, having said why."""
    try:
        trees = trees_of(booster)
        columns, questions = columns_of(trees)
        compiled = CompiledTrees(tables_of(trees, columns, questions))
    except NotTabulatedError as error:
        log.error(  # noqa: TRY400  # what was found says it all; there is nothing to trace
            "Contributions are asked of LightGBM, which is hundreds of times slower: %s", error
        )
        return None
    rows = rows_to_check(columns, trees.features, compiled.steps)
    worst = largest_difference(compiled, booster, rows)
    if worst <= TOLERANCE:
        return compiled
    log.error(
        "Contributions are asked of LightGBM, which is hundreds of times slower: tables differ from it by "
        "%.3g of max(1, sum of sizes), where %.0e is allowed. Report this model: it shows a fault of ours.",
        worst,
        TOLERANCE,
    )
    return None
