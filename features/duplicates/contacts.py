"""Who stands behind a lead: the columns that hold addresses, phones, companies and people's names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from features.cells import CellError, CellRules, cell_rules, parsed_column, text_of
from features.columns.emails import ADDRESS
from features.columns.names import COMPANY, EMAIL, LEAD_COUNTRY, PERSON, PHONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Mapping as MappingOf

    from features.mapping import Mapping

_OWN = frozenset({"lead_id", "created_at"})

EMAIL_SHARE = 0.8
"""The share of a column's filled cells that must be addresses before it is one of e-mail addresses."""


@dataclass(frozen=True, slots=True)
class ContactColumns:
    """The names of the columns that hold contact data, each in the table's order.

    Addresses are known by their content, the others by their names. Columns that the mapping excludes
    are not read at all, and tell nobody apart.
    """

    emails: tuple[str, ...]
    phones: tuple[str, ...]
    people: tuple[str, ...]
    companies: tuple[str, ...]
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddressCount:
    """How many cells of a column are filled, and how many of these are addresses. Counts of parts add up."""

    filled: int = 0
    addresses: int = 0

    def __add__(self, other: AddressCount) -> AddressCount:
        return AddressCount(self.filled + other.filled, self.addresses + other.addresses)

    @property
    def are_mostly_addresses(self) -> bool:
        """Whether the column is one of e-mail addresses."""
        return self.filled > 0 and self.addresses / self.filled >= EMAIL_SHARE


def contact_columns(leads: pd.DataFrame, mapping: Mapping) -> ContactColumns:
    """Return which columns of the leads hold contact data."""
    rules, own = rules_of(mapping), own_columns(leads.columns, mapping)
    counts = {name: address_count(leads[name], rules) for name in own if may_hold_addresses(leads[name])}
    return contact_columns_of(own, counts)


def contact_columns_of_lead(cells: MappingOf[str, Any], rules: CellRules) -> ContactColumns:
    """Return which cells of one lead hold contact data.

    An address shows itself; a cell that ought to be one, and is none, is known by the name of its column.
    """
    own = [name for name in cells if name not in _OWN]
    counts = {name: AddressCount(1, 1) for name in own if _is_of_addresses(name, cells[name], rules)}
    return contact_columns_of(own, counts)


def own_columns(names: Iterable[str], mapping: Mapping) -> list[str]:
    """Return those columns of the leads that are the company's, without those that are not to be read."""
    return [name for name in names if name not in _OWN and name not in mapping.leads.exclude]


def contact_columns_of(own: Sequence[str], counts: MappingOf[str, AddressCount]) -> ContactColumns:
    """Return which of the company's columns hold contact data, by their names and what some of them hold."""
    emails = tuple(name for name in own if name in counts and counts[name].are_mostly_addresses)
    rest = [name for name in own if name not in emails]
    return ContactColumns(
        emails=emails,
        phones=tuple(name for name in rest if PHONE.search(name)),
        people=tuple(name for name in rest if PERSON.fullmatch(name)),
        companies=tuple(name for name in rest if COMPANY.fullmatch(name)),
        countries=tuple(name for name in rest if LEAD_COUNTRY.fullmatch(name)),
    )


def rules_of(mapping: Mapping) -> CellRules:
    """Return how the cells of a company's leads are read."""
    return cell_rules(mapping.leads.missing, mapping.leads.decimal)


def plain_texts(cells: pd.Series[Any], rules: CellRules) -> pd.Series[str]:
    """Return each cell as casefolded text with single spaces (`str`, missing where not known).

    A cell of several values is not known.
    """
    if isinstance(cells.dtype, pd.StringDtype):
        texts = cells.str.replace(r"\s+", " ", regex=True).str.strip().str.casefold()
        return texts.mask(texts.isin(rules.missing)).reset_index(drop=True)
    codes, parsed, _ = parsed_column(cells, lambda cell: _folded(cell, rules), None)
    return pd.Series(pd.array([*parsed, None], dtype="str")).iloc[codes].reset_index(drop=True)


def plain_text(cell: Any, rules: CellRules) -> str | None:
    """Return `plain_texts` of one cell, None where it is not known.

    >>> plain_text(" Ada  LOVELACE", CellRules()), plain_text(["a", "b"], CellRules())
    ('ada lovelace', None)
    """
    try:
        return _folded(cell, rules)
    except CellError:
        return None


def _folded(cell: Any, rules: CellRules) -> str | None:
    text = text_of(cell, rules)
    return None if text is None else text.casefold()


def person_names(leads: pd.DataFrame, columns: ContactColumns, rules: CellRules) -> pd.Series[str]:
    """Return the name of each lead's person, its parts joined in the table's order; missing without any."""
    whole = pd.Series("", index=range(len(leads)), dtype="str")
    for name in columns.people:
        whole = (whole + " " + plain_texts(leads[name], rules).fillna("")).str.strip()
    return whole.mask(whole == "")


def may_hold_addresses(cells: pd.Series[Any]) -> bool:
    """Return whether any cell could be an address, which is seen much faster than each cell is read."""
    if isinstance(cells.dtype, pd.StringDtype):
        return bool(cells.str.contains("@", regex=False, na=False).any())
    return cells.dtype == object or isinstance(cells.dtype, pd.CategoricalDtype)


def address_count(cells: pd.Series[Any], rules: CellRules) -> AddressCount:
    """Count the filled cells of a column, and those that are addresses."""
    texts = plain_texts(cells, rules).dropna()
    return AddressCount(len(texts), int(texts.str.fullmatch(ADDRESS.pattern).sum()))


def _is_of_addresses(name: str, cell: Any, rules: CellRules) -> bool:
    if EMAIL.fullmatch(name):
        return True
    return (
        isinstance(cell, str) and "@" in cell and ADDRESS.fullmatch(plain_text(cell, rules) or "") is not None
    )
