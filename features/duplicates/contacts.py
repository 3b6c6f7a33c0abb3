"""Who stands behind a lead: the columns that hold addresses, phones, companies and people's names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from features.cells import CellRules, cell_rules, parsed_column, text_of
from features.columns.emails import ADDRESS
from features.columns.names import COMPANY, COUNTRY, PERSON, PHONE

if TYPE_CHECKING:
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


def contact_columns(leads: pd.DataFrame, mapping: Mapping) -> ContactColumns:
    """Return which columns of the leads hold contact data."""
    rules = rules_of(mapping)
    own = [name for name in leads.columns if name not in _OWN and name not in mapping.leads.exclude]
    texts = [name for name in own if _holds_texts(leads[name])]
    emails = tuple(name for name in texts if _is_of_emails(leads[name], rules))
    rest = [name for name in own if name not in emails]
    return ContactColumns(
        emails=emails,
        phones=tuple(name for name in rest if PHONE.search(name)),
        people=tuple(name for name in rest if PERSON.fullmatch(name)),
        companies=tuple(name for name in rest if COMPANY.fullmatch(name)),
        countries=tuple(name for name in rest if COUNTRY.fullmatch(name)),
    )


def rules_of(mapping: Mapping) -> CellRules:
    """Return how the cells of a company's leads are read."""
    return cell_rules(mapping.leads.missing, mapping.leads.decimal)


def plain_texts(cells: pd.Series[Any], rules: CellRules) -> pd.Series[str]:
    """Return each cell as casefolded text with single spaces (`str`, missing where not known).

    A cell of several values is not known.
    """

    def folded(cell: Any) -> str | None:
        text = text_of(cell, rules)
        return None if text is None else text.casefold()

    if isinstance(cells.dtype, pd.StringDtype):
        texts = cells.str.replace(r"\s+", " ", regex=True).str.strip().str.casefold()
        return texts.mask(texts.isin(rules.missing)).reset_index(drop=True)
    codes, parsed, _ = parsed_column(cells, folded, None)
    return pd.Series(pd.array([*parsed, None], dtype="str")).iloc[codes].reset_index(drop=True)


def person_names(leads: pd.DataFrame, columns: ContactColumns, rules: CellRules) -> pd.Series[str]:
    """Return the name of each lead's person, its parts joined in the table's order; missing without any."""
    whole = pd.Series("", index=range(len(leads)), dtype="str")
    for name in columns.people:
        whole = (whole + " " + plain_texts(leads[name], rules).fillna("")).str.strip()
    return whole.mask(whole == "")


def _holds_texts(cells: pd.Series[Any]) -> bool:
    return cells.dtype == object or isinstance(cells.dtype, pd.StringDtype | pd.CategoricalDtype)


def _is_of_emails(cells: pd.Series[Any], rules: CellRules) -> bool:
    # Most columns hold no @ at all, which is seen much faster than each cell is read.
    if isinstance(cells.dtype, pd.StringDtype) and not cells.str.contains("@", regex=False, na=False).any():
        return False
    texts = plain_texts(cells, rules).dropna()
    return bool(len(texts)) and float(texts.str.fullmatch(ADDRESS.pattern).mean()) >= EMAIL_SHARE
