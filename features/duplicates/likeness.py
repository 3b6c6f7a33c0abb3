"""Leads that look alike without being known to be one: reported, and never merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.columns.emails import FREE
from features.duplicates.addresses import are_of_roles, domains, local_parts, one_spelling
from features.duplicates.contacts import contact_columns, person_names, plain_texts, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from features.cells import CellRules
    from features.duplicates.contacts import ContactColumns
    from features.mapping import Mapping

LIKE_PERCENT = 88.0
"""Names and companies must each be this alike (rapidfuzz's token_sort_ratio, 0 to 100)."""

DOMAIN_EDITS = 2
"""So many typed, left out, swapped or changed letters make one domain of another, at most."""

NEIGHBOURS = 5
"""Each lead is compared with so many that stand next to it when leads are sorted: the cost stays linear."""

_LEGAL_FORMS = (
    r"\b(?:gmbh|mbh|ag|kg|ug|inc|incorporated|ltd|limited|llc|llp|plc|corp|corporation|co|company|sa|sas|sarl"
    r"|srl|spa|bv|nv|ab|as|oy|aps|pty|group|holding|holdings|the)\b\.?"
)


@dataclass(frozen=True, slots=True)
class Alike:
    """Pairs of rows (int64 (pairs, 2), the smaller row first, sorted), and what is alike."""

    pairs: NDArray[np.int64]
    what: str


def alike_names(leads: pd.DataFrame, mapping: Mapping) -> Alike | None:
    """Return leads whose person and company are spelled nearly alike; None where either has no column.

    A company without a column of its own is what stands in the e-mail's domain, unless anybody can have
    an address there. Sorted neighbourhood: leads are sorted by company and by name, and each is compared
    with its neighbours, so that two whose spellings begin differently in both may be missed.
    """
    columns, rules = contact_columns(leads, mapping), rules_of(mapping)
    names = person_names(leads, columns, rules).str.replace(r"[\W_]+", " ", regex=True).str.strip()
    firms = _companies(leads, columns, rules)
    rows = np.flatnonzero((names.notna() & firms.notna()).to_numpy())
    if len(rows) < 2:
        return None
    name, firm = names.iloc[rows].reset_index(drop=True), firms.iloc[rows].reset_index(drop=True)
    pairs = []
    for keys in (firm + "|" + name, name + "|" + firm):
        order = np.argsort(keys.to_numpy(object), kind="stable")
        for one, other in _neighbours(order):
            near = _alike(name, one, other)
            near[near] = _alike(firm, one[near], other[near])
            pairs.append(np.stack([rows[one[near]], rows[other[near]]], axis=1))
    return Alike(_distinct(pairs), "company and name")


def alike_addresses(leads: pd.DataFrame, mapping: Mapping) -> Alike | None:
    """Return leads with the same text before the @ and nearly the same domain; None without addresses.

    Two well-known providers are two, however alike their names are.
    """
    from rapidfuzz.distance import OSA  # noqa: PLC0415 - only who looks for likeness waits for it

    columns, rules = contact_columns(leads, mapping), rules_of(mapping)
    if not columns.emails:
        return None
    pairs = []
    for column in columns.emails:
        address = one_spelling(plain_texts(leads[column], rules))
        rows = np.flatnonzero((address.notna().to_numpy()) & ~are_of_roles(address.fillna("@")))
        local = local_parts(address.iloc[rows])
        rows = rows[local.duplicated(keep=False).to_numpy()]
        local, domain = local_parts(address.iloc[rows]), domains(address.iloc[rows]).to_numpy(object)
        free = np.asarray([held in FREE for held in domain], np.bool_)
        same, _ = pd.factorize(local)
        order = np.lexsort((pd.factorize(domain, sort=True)[0], same))
        for one, other in _neighbours(order):
            likely = (same[one] == same[other]) & (domain[one] != domain[other]) & ~(free[one] & free[other])
            one, other = one[likely], other[likely]  # noqa: PLW2901 - the same pairs, fewer
            edits = _pairwise(domain[one], domain[other], OSA.distance, score_cutoff=DOMAIN_EDITS)
            near = edits <= DOMAIN_EDITS
            pairs.append(np.stack([rows[one[near]], rows[other[near]]], axis=1))
    return Alike(_distinct(pairs), "e-mail address")


def _companies(leads: pd.DataFrame, columns: ContactColumns, rules: CellRules) -> pd.Series[str]:
    firms = pd.Series(pd.array([None] * len(leads), dtype="str"))
    for name in columns.companies:
        firms = firms.fillna(plain_texts(leads[name], rules))
    firms = firms.str.replace(_LEGAL_FORMS, " ", regex=True)
    for name in columns.emails:
        domain = one_spelling(plain_texts(leads[name], rules)).pipe(domains)
        company = domain.mask(domain.isin(FREE)).str.replace(r"\..*$", "", regex=True)
        firms = firms.fillna(company)
    firms = firms.str.replace(r"[\W_]+", " ", regex=True).str.strip()
    return firms.mask(firms == "")


def _neighbours(order: NDArray[Any]) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    for step in range(1, NEIGHBOURS + 1):
        yield order[:-step], order[step:]


def _alike(texts: pd.Series[str], one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.bool_]:
    from rapidfuzz import fuzz  # noqa: PLC0415 - only who looks for likeness waits for it

    held = texts.to_numpy(object)
    scores = _pairwise(held[one], held[other], fuzz.token_sort_ratio, score_cutoff=LIKE_PERCENT)
    return np.asarray(scores >= LIKE_PERCENT)


def _pairwise(one: NDArray[Any], other: NDArray[Any], scorer: Any, *, score_cutoff: float) -> NDArray[Any]:
    from rapidfuzz import process  # noqa: PLC0415 - only who looks for likeness waits for it

    return np.asarray(process.cpdist(one.tolist(), other.tolist(), scorer=scorer, score_cutoff=score_cutoff))


def _distinct(pairs: list[NDArray[Any]]) -> NDArray[np.int64]:
    whole = np.concatenate([np.zeros((0, 2), np.int64), *pairs]).astype(np.int64)
    return np.unique(np.sort(whole, axis=1), axis=0)
