"""Which file is which table, and by which column it belongs to the leads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from features.guessing.profiles import ColumnProfile, FileProfile

_ID = re.compile(r"(^|\W|_)(id|ids|uuid|guid|key)$|[a-z]I[dD]$", re.IGNORECASE)
_LEAD = re.compile(
    r"lead|prospect|contact|user|customer|client|person|mql|kunde|member|object", re.IGNORECASE
)
_NUMBER = re.compile(r"(^|\W|_)(number|no|nr|nummer|num|code|#)$", re.IGNORECASE)
_OF_A_LEAD = re.compile(
    r"(lead|prospect|contact|record|account|customer|client|user|person|member|mql|object|kunden?|interessenten?|"
    r"kontakt|datensatz)s?[\W_]*(id|uuid|guid|key|number|no|nr|nummer|num|code|kennung|#)[\W_]*$",
    re.IGNORECASE,
)
_PASSING = re.compile(
    r"(^|\W|_)(te?mp|temporary|session|import|row|hash|external|extern|random|batch)|[a-z](Temp|Hash)$|^(row|tmp|temp)",
    re.IGNORECASE,
)
_COLUMN = re.compile(r"column|field|property|attribute|feld", re.IGNORECASE)
_OUTCOME = re.compile(
    r"outcome|deal|won|win|closed|opportunit|result|sale|conver|order|purchase", re.IGNORECASE
)
_PLAIN_ENDS = frozenset(
    {"won", "lost", "closed won", "closed lost", "closedwon", "closedlost", "disqualified"}
)
NO_ID = "no column has a different value in every row"


@dataclass(slots=True)
class Roles:
    """Which file is which table. `links`: the column of each other file that names the lead."""

    leads: FileProfile
    id: str | None
    id_why: str
    events: FileProfile | None = None
    outcomes: FileProfile | None = None
    changes: FileProfile | None = None
    accounts: FileProfile | None = None
    account_keys: tuple[str, str] = ("", "")
    links: dict[str, str] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    unused: list[tuple[FileProfile, str]] = field(default_factory=list)


def roles_of(files: list[FileProfile], wanted_id: str | None) -> Roles:
    """Say which file holds the leads and what the others are. Raises InputError where no file has the id."""
    if wanted_id is not None and not any(wanted_id in file.columns for file in files):
        have = ", ".join(list(files[0].columns)[:30])
        remedy = "Name the column that tells the leads apart."
        raise InputError(Fault(files[0].path.name, f"a column {wanted_id!r}", f"the columns {have}", remedy))
    leads = max(files, key=lambda file: _lead_score(file, files, wanted_id))
    lead_id, why = _lead_id(leads, files, wanted_id)
    roles = Roles(leads, lead_id, why)
    for file in files:
        if file is not leads:
            _place(file, roles)
    return roles


def shared(column: ColumnProfile, key: ColumnProfile) -> float:
    """Return the share of the different values of `column` that are values of `key`."""
    return sum(text in key.counts for text in column.counts) / len(column.counts) if column.counts else 0.0


def link_of(file: FileProfile, key: ColumnProfile) -> str | None:
    """Return the column whose values are mostly ids of leads: of several, the one that names most leads."""
    fits = [column for column in file.columns.values() if shared(column, key) >= 0.5]
    if not fits:
        return None
    return max(fits, key=lambda column: (column.name == key.name, len(column.counts))).name


def id_score(column: ColumnProfile) -> float:
    """Return how much a column's name and values speak for an id of leads (higher is likelier)."""
    score = 3.0 * bool(_ID.search(column.name)) + 1.0 * bool(_NUMBER.search(column.name))
    score += 1.0 * bool(_LEAD.search(column.name)) + 2.0 * (column.name.casefold() in {"id", "lead_id"})
    if column.time is not None or (column.is_number and score == 0):
        return -1.0
    return score - 2.0 * column.is_email


def _keys(file: FileProfile) -> list[ColumnProfile]:
    return [column for column in file.columns.values() if column.is_key and column.time is None]


def _lead_score(file: FileProfile, files: list[FileProfile], wanted_id: str | None) -> tuple[float, ...]:
    others = [other for other in files if other is not file]
    linked = max((sum(link_of(other, key) is not None for other in others) for key in _keys(file)), default=0)
    return (
        float(wanted_id is not None and wanted_id in file.columns and file.columns[wanted_id].is_key),
        float(linked),
        float(bool(_LEAD.search(file.path.stem))),
        float(len(file.columns)),
    )


def _lead_id(leads: FileProfile, files: list[FileProfile], wanted: str | None) -> tuple[str | None, str]:
    if wanted is not None and wanted in leads.columns:
        return wanted, "as asked for"
    others = [file for file in files if file is not leads]
    keys = _keys(leads)
    if keys:
        links = {
            key.name: [file.path.name for file in others if link_of(file, key) is not None] for key in keys
        }
        best = max(keys, key=lambda key: (_rank(key, len(links[key.name])), -keys.index(key)))
        linked = links[best.name]
        if linked or id_score(best) >= 0:
            why = f"{len(best.counts):,} different values in {best.rows:,} rows: an identifier"
            why += f"; {' and '.join(linked)} name leads by it" if linked else ""
            rest = [repr(key.name) for key in keys if key is not best and id_score(key) > 0]
            return best.name, why + (f"; others that could be: {', '.join(rest)}" if rest else "")
    nearly = [
        column
        for column in leads.columns.values()
        if _ID.search(column.name) and len(column.counts) >= 0.5 * max(1, leads.rows)
    ]
    if nearly:
        best = max(nearly, key=lambda column: (id_score(column), len(column.counts)))
        repeated = leads.rows - len(best.counts)
        return best.name, (
            f"named like an identifier; {len(best.counts):,} different values in {leads.rows:,} rows, so "
            f"{repeated:,} rows repeat one or have none: check it"
        )
    return None, NO_ID


def _rank(key: ColumnProfile, links: int) -> tuple[float, ...]:
    """Rank an id: named as a lead's, shared with other files, named like an id; passing ones come last."""
    score = id_score(key)
    return (
        not _PASSING.search(key.name),
        bool(_OF_A_LEAD.search(key.name)),
        links,
        score > 0,
        score >= 0,
    )


def _place(file: FileProfile, roles: Roles) -> None:
    """Say what one file that does not hold the leads is."""
    key = roles.leads.columns.get(roles.id or "")
    link = link_of(file, key) if key is not None else None
    if link is None:
        _place_accounts(file, roles)
        return
    column = file.columns[link]
    times = [other for other in file.columns.values() if other.time is not None]
    said = f"{shared(column, roles.leads.columns[roles.id or '']):.0%} of its {link!r} are ids of leads"
    role = _role(file, column, roles) if times else None
    if role is None or getattr(roles, role) is not None:
        why = "a second file of that kind" if role else "no column of it is a time"
        roles.unused.append((file, f"{said}, but {why}"))
        return
    setattr(roles, role, file)
    roles.links[role] = link
    roles.why[role] = f"{said}, {len(column.counts):,} different ones in {file.rows:,} rows"


def _role(file: FileProfile, link: ColumnProfile, roles: Roles) -> str:
    if changed_column(file, roles.leads) is not None:
        return "changes"
    once = len(link.counts) >= 0.95 * max(1, link.filled)
    named = _OUTCOME.search(file.path.stem) or any(_OUTCOME.search(name) for name in file.columns)
    if end_column(file) is not None or (once and named):
        return "outcomes"
    return "events"


def changed_column(file: FileProfile, leads: FileProfile) -> str | None:
    """Return the column that holds names of the leads' columns, or None."""
    for column in file.columns.values():
        known = sum(text in leads.columns for text in column.counts)
        if column.counts and known >= 0.5 * len(column.counts) and (known > 1 or _COLUMN.search(column.name)):
            return column.name
    return None


def end_column(file: FileProfile) -> str | None:
    """Return the column that holds won, lost and the like, or None."""
    for column in file.columns.values():
        words = {text.casefold().replace("_", " ") for text in column.counts}
        if len(words) <= 30 and words & _PLAIN_ENDS:
            return column.name
    return None


def _place_accounts(file: FileProfile, roles: Roles) -> None:
    for key in _keys(file):
        known = {text.casefold() for text in key.counts}
        for column in roles.leads.columns.values():
            values = {
                text.casefold().rpartition("@")[2] if column.is_email else text.casefold()
                for text in column.counts
            }
            if values and len(values & known) >= 0.5 * len(known) and not key.is_number | (len(known) < 5):
                roles.accounts = file
                roles.account_keys = (key.name, column.name)
                roles.why["accounts"] = (
                    f"{key.name!r} is different in every row, and found in {column.name!r} of the leads"
                )
                return
    roles.unused.append((file, "no column of it holds ids of leads"))
