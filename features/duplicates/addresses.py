"""E-mail addresses as what tells people apart: one spelling for each, and those that are nobody's own."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import email_validator
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROLES = frozenset(
    {
        "abuse", "accounting", "accounts", "admin", "administrator", "billing", "bookings", "buchhaltung",
        "careers", "contact", "contacto", "contatti", "do-not-reply", "donotreply", "einkauf", "enquiries",
        "enquiry", "finance", "hello", "help", "helpdesk", "hr", "info", "information", "inquiries",
        "inquiry", "invoices", "it", "jobs", "kontakt", "mail", "marketing", "media", "no-reply", "no_reply",
        "noc", "noreply", "office", "orders", "postmaster", "press", "privacy", "procurement", "purchasing",
        "reception", "root", "sales", "security", "service", "support", "team", "vertrieb", "webmaster",
    }
)  # fmt: skip
"""What stands before the @ of an address that belongs to a task, not to a person (casefolded)."""

_SHAPE = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PLAIN_LOCAL = re.compile(r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*")
_LONGEST_LOCAL, _LONGEST = 64, 254


def one_spelling(texts: pd.Series[str]) -> pd.Series[str]:
    """Return addresses in one spelling each, missing where a text has not the shape of one.

    Case makes no difference before the @ either: the standard lets a server tell 'Ada' from 'ada', but
    none that people use does. A '+tag' stays: it is for its owner to say what it means.
    """
    shaped = texts.where(texts.str.fullmatch(_SHAPE.pattern, na=False))
    wide = shaped[~shaped.str.match(r"[\x00-\x7f]*$", na=True)]
    if wide.empty:
        return shaped
    composed = pd.Series([_composed(text) for text in wide], wide.index)
    return shaped.mask(shaped.index.isin(wide.index), composed.reindex(shaped.index))


def spelling_of(text: str) -> str | None:
    """Return `one_spelling` of one casefolded text, or None where it has not the shape of an address.

    >>> spelling_of("ada@example.org"), spelling_of("ada at example.org")
    ('ada@example.org', None)
    """
    return _composed(text) if _SHAPE.fullmatch(text) else None


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def is_valid(address: str) -> bool:
    """Return whether mail could be sent to an address, by its spelling; nothing is looked up.

    >>> is_valid("ada@example.org"), is_valid("ada..b@example.org"), is_valid("ada@example")
    (True, False, False)
    """
    try:
        email_validator.validate_email(address, check_deliverability=False)
    except email_validator.EmailNotValidError:
        return False
    return True


def are_valid(addresses: pd.Series[str]) -> NDArray[np.bool_]:
    """Return `is_valid` of many casefolded texts; a missing one is not valid.

    A plain local part is valid before every valid domain, so each domain is looked at once.
    """
    held = addresses.dropna()
    before, after = local_parts(held), domains(held)
    codes, distinct = pd.factorize(after)
    domain_valid = np.asarray([is_valid(f"x@{domain}") for domain in distinct], np.bool_)
    plain = (
        before.str.fullmatch(_PLAIN_LOCAL.pattern)
        & (before.str.len() <= _LONGEST_LOCAL)
        & (held.str.len() <= _LONGEST)
        & held.str.contains("@", regex=False)
    ).to_numpy(bool)
    valid = domain_valid[codes] if len(distinct) else np.zeros(len(held), np.bool_)
    for row in np.flatnonzero(~plain).tolist():
        valid[row] = is_valid(held.iloc[row])
    result = np.zeros(len(addresses), np.bool_)
    result[addresses.notna().to_numpy()] = valid
    return result


def local_parts(addresses: pd.Series[str]) -> pd.Series[str]:
    """Return what stands before the last @ of each text; the whole text where there is none."""
    return addresses.str.replace("@[^@]*$", "", regex=True)


def domains(addresses: pd.Series[str]) -> pd.Series[str]:
    """Return what stands after the last @ of each text; the whole text where there is none."""
    return addresses.str.replace("^.*@", "", regex=True)


def are_of_roles(addresses: pd.Series[str]) -> NDArray[np.bool_]:
    """Return whether each address is a task's rather than a person's (info@, sales@, noreply@)."""
    return np.asarray(local_parts(addresses).isin(ROLES).to_numpy(bool))


def is_of_role(address: str) -> bool:
    """Return whether one address is a task's rather than a person's.

    >>> is_of_role("info@example.org"), is_of_role("ada@info.example")
    (True, False)
    """
    return address.rpartition("@")[0] in ROLES
