"""Asking a provider about the leads' companies, in batches that are kept as they come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from features.accounts import account_key
from features.cells import cell_rules
from features.columns.emails import domain_of, kind_of_domain
from features.enrichment.account_file import AccountFile
from features.reading.files import read_source
from features.reading.raw_columns import RawColumns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from features.enrichment.provider import Provider
    from features.mapping import Mapping

BATCH = 100
"""So many companies are asked about between two writings of the file: what a broken run loses at most."""


@dataclass(frozen=True, slots=True)
class Enriched:
    """What became of the keys: `asked` now, of which `found` are known; `kept` were asked before."""

    asked: int
    found: int
    kept: int


def keys_of_leads(mapping: Mapping, lead_key: str, folder: Path) -> list[str]:
    """Return the companies of the leads, each once, in order of appearance.

    Free, disposable and academic e-mail domains are no companies, and nobody is asked about them. Of an
    e-mail address nothing but the domain is used.
    """
    raw = read_source(mapping.leads, folder)
    cells = RawColumns(raw, "enrichment").cells(lead_key, key="lead_key")
    rules = cell_rules(mapping.leads.missing, mapping.leads.decimal)
    keys: dict[str, None] = {}
    for cell in pd.unique(cells.dropna()):
        key = account_key(cell, rules)
        is_address = domain_of(str(cell)) is not None
        if key is not None and (not is_address or kind_of_domain(f"x@{key}") == "company"):
            keys[key] = None
    return list(keys)


def enrich(
    keys: Sequence[str],
    provider: Provider,
    out: Path,
    *,
    asked_at: int,
    refresh: int | None = None,
    progress: Callable[[int, int], object] = lambda done, of: None,  # noqa: ARG005 - nothing to show
) -> Enriched:
    """Ask about the keys that the file `out` does not hold, and add what is known to it.

    `asked_at`, in microseconds, becomes the rows' `known_from`: nothing is said to have been known before it
    was asked. With `refresh` (microseconds) keys are asked about again whose last row is that old or older.
    The file is written after each batch, so a run that breaks off goes on where it was.
    """
    file = AccountFile.at(out)
    last = file.asked_at()
    due = [
        key for key in keys if key not in last or (refresh is not None and last[key] <= asked_at - refresh)
    ]
    found = 0
    for start in range(0, len(due), BATCH):
        progress(start, len(due))
        batch = due[start : start + BATCH]
        known = provider.look_up(batch)
        file.add(batch, known, asked_at)
        file.write()
        found += len(known)
    progress(len(due), len(due))
    return Enriched(asked=len(due), found=found, kept=len(keys) - len(due))
