"""What changed between periods: the newest quarter of the leads against those before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.cells import number_of, parsed_column, text_of
from features.columns import Column, learn_column
from features.columns.emails import kind_of_domain
from features.duplicates.contacts import rules_of
from features.history import microseconds_of
from features.quality.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from features.mapping import Mapping
    from features.tables import Tables

NEWEST = 0.25
"""The share of the leads, by creation, that the others are compared with."""

FEWEST = 200
"""Each period needs so many leads."""

NOTABLE, LARGE = 0.10, 0.25
"""How far apart the periods must be, 0 to 1, for a note and for a warning: less moves no score much."""

CHANCE = 0.001
"""How likely the difference may be by chance, over all columns together (Bonferroni)."""

VALUES = 50
"""So many of a column's commonest values are told apart; the rest are one."""

_OWN = frozenset({"lead_id", "created_at"})


def drift_findings(tables: Tables, mapping: Mapping) -> Iterator[Finding]:
    """Yield columns whose fill rate or values differ between the periods, and a drift of the base rate.

    A difference counts where it is both notable (total variation distance for categories, the
    Kolmogorov-Smirnov distance for numbers, the difference of fill rates) and no chance.
    """
    if not mapping.is_dated:
        return
    leads = tables.leads
    created = microseconds_of(leads["created_at"])
    newer = created > np.quantile(created, 1.0 - NEWEST) if len(created) else np.zeros(0, np.bool_)
    if min(newer.sum(), (~newer).sum()) < FEWEST:
        return
    rules = rules_of(mapping)
    own = [name for name in leads.columns if name not in _OWN | set(mapping.leads.exclude)]
    chance = CHANCE / max(2 * len(own), 1)
    for name in own:
        yield from _of_fill(name, leads[name].notna().to_numpy(), newer, chance)
        column = learn_column(name, leads[name], rules, separator=mapping.leads.multi.get(name))
        if isinstance(column, Column):
            yield from _of_values(column, leads[name], newer, rules, chance)
    yield from _of_base_rate(tables, mapping, created)


def _of_fill(
    name: str, filled: NDArray[np.bool_], newer: NDArray[np.bool_], chance: float
) -> Iterator[Finding]:
    now, before = float(filled[newer].mean()), float(filled[~newer].mean())
    if abs(now - before) < NOTABLE or _p_of_shares(filled, newer) > chance:
        return
    text = f"'{name}' is filled in for {now:.0%} of the newest quarter of the leads, for {before:.0%} before"
    yield _finding("fill", name, text, abs(now - before), newer, newest=now, before=before)


def _of_values(
    column: Column, cells: pd.Series[Any], newer: NDArray[np.bool_], rules: Any, chance: float
) -> Iterator[Finding]:
    from scipy import stats  # noqa: PLC0415 - takes long to import, and only this report needs it

    if column.kind == "number":
        codes, parsed, _ = parsed_column(cells, lambda cell: number_of(cell, rules), np.nan)
        numbers = np.asarray(parsed, np.float64)[codes]
        known = ~np.isnan(numbers)
        one, other = numbers[known & newer], numbers[known & ~newer]
        if min(len(one), len(other)) < FEWEST:
            return
        found = stats.ks_2samp(one, other, method="asymp")
        if found.statistic >= NOTABLE and found.pvalue <= chance:
            middle, usual = float(np.median(one)), float(np.median(other))
            text = (
                f"The values of '{column.name}' moved: the middle one is {middle:,.6g} in the newest "
                f"quarter of the leads, {usual:,.6g} before (Kolmogorov-Smirnov distance "
                f"{found.statistic:.2f})"
            )
            distance = float(found.statistic)
            yield _finding("numbers", column.name, text, distance, newer, newest=middle, before=usual)
        return
    counts = _counts(column, cells, newer, rules)
    if counts.shape[1] < 2 or counts.sum(axis=1).min() < FEWEST:
        return
    shares = counts / counts.sum(axis=1, keepdims=True)
    distance = float(np.abs(shares[0] - shares[1]).sum() / 2)
    if distance >= NOTABLE and stats.chi2_contingency(counts).pvalue <= chance:
        text = (
            f"The values of '{column.name}' changed: {distance:.0%} of the newest quarter of the leads "
            "would need another value to look like those before (total variation distance)"
        )
        yield _finding("values", column.name, text, distance, newer)


def _counts(
    column: Column, cells: pd.Series[Any], newer: NDArray[np.bool_], rules: Any
) -> NDArray[np.float64]:
    """Return how often each known value stands in the newer and in the older leads, shape (2, values).

    Rare values are one: a test of many small numbers would find what is not there.
    """

    def said(cell: Any) -> str | None:
        if isinstance(cell, (list, tuple, np.ndarray)):
            return ";".join(sorted(str(part) for part in cell))
        text = text_of(cell, rules)
        return kind_of_domain(text) if text is not None and column.kind == "email" else text

    codes, parsed, _ = parsed_column(cells, said, None)
    value, distinct = pd.factorize(np.asarray([*parsed, None], object)[codes])
    table = np.zeros((2, len(distinct)))
    known = value >= 0
    np.add.at(table, ((~newer[known]).astype(np.int64), value[known]), 1.0)
    order = np.argsort(-table.sum(axis=0), kind="stable")
    table = table[:, order]
    common = (table.sum(axis=0) >= FEWEST / 10) & (np.arange(len(order)) < VALUES)
    rest = table[:, ~common].sum(axis=1, keepdims=True)
    return np.concatenate([table[:, common], rest], axis=1) if rest.sum() else table[:, common]


def _of_base_rate(tables: Tables, mapping: Mapping, created: NDArray[np.int64]) -> Iterator[Finding]:
    """Yield the drift of wins within the horizon of creation, among leads whose horizon has elapsed."""
    if tables.outcomes is None or mapping.training.horizon is None:
        return
    horizon = mapping.training.horizon
    ripe = created + horizon <= int(microseconds_of(pd.Series([tables.extract_at]))[0])
    if ripe.sum() < 2 * FEWEST:
        return
    wins = tables.outcomes[tables.outcomes["outcome"] == "won"]
    first = wins.groupby("lead_id", sort=False)["occurred_at"].min().reindex(tables.leads["lead_id"])
    at = microseconds_of(first)
    won = (first.notna().to_numpy() & (at - created <= horizon) & (at > created))[ripe]
    newer = created[ripe] > np.quantile(created[ripe], 1.0 - NEWEST)
    if min(newer.sum(), (~newer).sum()) < FEWEST:
        return
    now, before = float(won[newer].mean()), float(won[~newer].mean())
    largest, smallest = max(now, before), min(now, before)
    if largest < 1.2 * smallest or largest == 0 or _p_of_shares(won, newer) > CHANCE:
        return
    yield Finding(
        topic="drift",
        name="base_rate",
        severity="warn",
        text=f"{now:.1%} of the newest quarter of the leads won within the horizon of their creation, "
        f"{before:.1%} of those before",
        count=int(newer.sum()),
        of=int(ripe.sum()),
        more=(("newest", now), ("before", before)),
    )


def _p_of_shares(held: NDArray[np.bool_], newer: NDArray[np.bool_]) -> float:
    """Return how likely two shares differ so much by chance (two-sided test of two proportions)."""
    from scipy import stats  # noqa: PLC0415 - takes long to import, and only this report needs it

    pooled = float(held.mean())
    spread = np.sqrt(pooled * (1 - pooled) * (1 / newer.sum() + 1 / (~newer).sum()))
    if spread == 0.0:
        return 1.0
    return float(2 * stats.norm.sf(abs(float(held[newer].mean()) - float(held[~newer].mean())) / spread))


def _finding(
    what: str, column: str, text: str, distance: float, newer: NDArray[np.bool_], **more: float
) -> Finding:
    return Finding(
        topic="drift",
        name=f"drift_of_{what}",
        severity="warn" if distance >= LARGE else "note",
        text=text,
        count=int(newer.sum()),
        of=len(newer),
        examples=(column,),
        more=(("distance", distance), *more.items()),
    )
