"""Which leads are one and the same person: by what they share, in the order in which they were created."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.duplicates.addresses import are_of_roles, are_valid, one_spelling
from features.duplicates.contacts import contact_columns, person_names, plain_texts, rules_of
from features.duplicates.phones import international, regions
from features.history import microseconds_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.cells import CellRules
    from features.duplicates.contacts import ContactColumns
    from features.mapping import Mapping

PLACEHOLDER_LEADS = 5
"""A value that more leads than these still share, when all else is merged, stands for nobody."""

_ENDING = 6
"""So many digits at the end of phone numbers are compared before the numbers are read."""

_EXTENSION = r"\s*(?:ext|extension|durchwahl|poste|x|#|;|,).*$"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A value that too many leads share to be anybody's own: its kind, and the ids that hold it."""

    kind: str
    lead_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is who among n leads.

    `survivor` int64 (n,): the row of the lead that each row is a repetition of, or the row itself.
    `apart` counts leads that match two earlier ones that nothing tied together before: they join the
    first of these, and the two stay apart, because what comes later changes nothing that was known.
    """

    survivor: NDArray[np.int64]
    placeholders: tuple[Placeholder, ...]
    apart: int

    @property
    def repeats(self) -> NDArray[np.int64]:
        """The rows that are repetitions of another."""
        return np.flatnonzero(self.survivor != np.arange(len(self.survivor)))


def identify(leads: pd.DataFrame, mapping: Mapping, columns: ContactColumns | None = None) -> Identity:
    """Say which of the leads (one row each, distinct ids) are the same person.

    Two leads are the same where they share an e-mail address (valid, and no task's such as info@), or a
    phone number and the name of its person. Leads are taken in the order of their creation (at one time,
    of their ids): each joins the first earlier lead that it matches, or stands for itself. So a lead that
    comes later changes nothing between those before it. Values shared by more than PLACEHOLDER_LEADS
    leads tell nothing.

    `columns`: where the contact data are. Given for some of a company's leads, because which columns hold
    addresses is a matter of all of them. Leads that share no hint (`hints`) with others may be left out:
    nothing changes for the rest.
    """
    ids = leads["lead_id"].to_numpy(object)
    order = np.lexsort(
        (leads["lead_id"].rank(method="first").to_numpy(), microseconds_of(leads["created_at"]))
    )
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    columns = columns or contact_columns(leads, mapping)
    keys = _keys(leads, columns, rules_of(mapping))
    if keys.empty:
        return Identity(np.arange(len(leads)), (), 0)
    codes, distinct = pd.factorize(keys["key"])
    pairs = np.unique(np.stack([place[keys["row"].to_numpy()], codes]), axis=1)
    parent, apart, crowded = _joined(pairs[0], pairs[1], len(leads))
    placeholders = [
        Placeholder(str(distinct[code]).partition(":")[0], tuple(ids[order[places]].tolist()))
        for code, places in crowded
    ]
    return Identity(order[parent[place]], tuple(placeholders), apart)


def hints(leads: pd.DataFrame, columns: ContactColumns, rules: CellRules) -> list[pd.Series[str]]:
    """Return, column by column, what leads of one person share: two without a hint in common are two people.

    Each is `str`, one a lead, missing where the lead has none. Those who share one may still be two: only
    `identify` reads what is shared in full.
    """
    return [*_spellings(leads, columns, rules), *_endings(leads, columns, rules)]


def _spellings(leads: pd.DataFrame, columns: ContactColumns, rules: CellRules) -> list[pd.Series[str]]:
    return [one_spelling(plain_texts(leads[name], rules)) for name in columns.emails]


def _endings(leads: pd.DataFrame, columns: ContactColumns, rules: CellRules) -> list[pd.Series[str]]:
    """Return the last digits of each phone number beside the name of its person."""
    names = person_names(leads, columns, rules) if columns.phones else None
    if names is None or not names.notna().any():
        return []
    digits = [
        plain_texts(leads[name], rules)
        .str.replace(_EXTENSION, "", regex=True)
        .str.replace(r"\D", "", regex=True)
        for name in columns.phones
    ]
    return [(names + "|" + text.str[-_ENDING:]).where(text.str.len() >= _ENDING) for text in digits]


def _keys(leads: pd.DataFrame, columns: ContactColumns, rules: CellRules) -> pd.DataFrame:
    """Return what more than one lead holds: `row` (position) and `key` (its kind, a colon, its value)."""
    emails = _shared(_spellings(leads, columns, rules))
    if len(emails):
        own = are_valid(emails["key"]) & ~are_of_roles(emails["key"])
        emails = emails[own].assign(key="email:" + emails.loc[own, "key"])
    parts = [part for part in (emails, _phone_keys(leads, columns, rules)) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else emails


def _phone_keys(leads: pd.DataFrame, columns: ContactColumns, rules: CellRules) -> pd.DataFrame:
    # Reading a number takes long: only those are read that end alike and stand beside the same name.
    likely = _shared(_endings(leads, columns, rules))
    if likely.empty:
        return likely
    names, region = person_names(leads, columns, rules), regions_of(leads, columns, rules)
    numbers = []
    for name in columns.phones:
        held = plain_texts(leads[name], rules).iloc[np.unique(likely["row"].to_numpy())].dropna()
        read = {row: international(value, region[row]) for row, value in zip(held.index, held, strict=True)}
        e164 = pd.Series(read, dtype="str").reindex(range(len(leads)))
        numbers.append("phone:" + e164 + "|" + names)
    return _shared(numbers)


def regions_of(leads: pd.DataFrame, columns: ContactColumns, rules: CellRules) -> list[str | None]:
    """Return the two letters of each lead's country, None where it is not known or not understood."""
    found: list[str | None] = [None] * len(leads)
    for name in columns.countries:
        codes, distinct = pd.factorize(plain_texts(leads[name], rules))
        said = [*regions([str(text) for text in distinct]), None]
        found = [own or said[code] for own, code in zip(found, codes.tolist(), strict=True)]
    return found


def _shared(columns: list[pd.Series[str]]) -> pd.DataFrame:
    """Return `row` and `key` of the values that stand in more than one row, in any of the columns."""
    parts = [pd.DataFrame({"row": np.arange(len(column)), "key": column}) for column in columns]
    if not parts:
        return pd.DataFrame({"row": np.zeros(0, np.int64), "key": pd.Series([], dtype="str")})
    keys = pd.concat(parts, ignore_index=True).dropna().drop_duplicates()
    return keys[keys["key"].duplicated(keep=False)].reset_index(drop=True)


def _joined(
    place: NDArray[np.int64], code: NDArray[np.int64], leads: int
) -> tuple[NDArray[np.int64], int, list[tuple[int, NDArray[np.int64]]]]:
    """Return the survivor of each place in the order of creation, how many were left apart, what is crowded.

    `place` and `code` are distinct pairs: who holds what, sorted. Survivors are looked at again until
    nothing joins, so that merging what was merged changes nothing.
    """
    parent = np.arange(leads)
    apart = 0
    while True:
        stands = parent[place] == place
        place, code = place[stands], code[stands]
        holders = np.bincount(code)[code]
        useful = (holders > 1) & (holders <= PLACEHOLDER_LEADS)
        if not useful.any():
            crowded = np.unique(code[holders > PLACEHOLDER_LEADS])
            return parent, apart, [(int(which), place[code == which]) for which in crowded]
        joins, left = _joins(place[useful], code[useful])
        apart += left
        for own, first in joins.items():
            parent[own] = first
        parent = parent[parent]


def _joins(place: NDArray[np.int64], code: NDArray[np.int64]) -> tuple[dict[int, int], int]:
    """Return who joins whom, and how many match several that are apart. A value is its first holder's."""
    holder: dict[int, int] = {}
    joins: dict[int, int] = {}
    apart = 0
    pairs = zip(place.tolist(), code.tolist(), strict=True)
    for own, held in groupby(pairs, key=itemgetter(0)):
        codes = [pair[1] for pair in held]
        found = {holder[which] for which in codes if which in holder}
        first = min(found, default=own)
        if first != own:
            joins[own] = first
        apart += len(found) > 1
        for which in codes:
            holder.setdefault(which, first)
    return joins, apart
