"""The contact data of one lead: what reaches nobody, the one spelling of what does, and who else has it.

Nothing is looked up, nothing is refused. A cell is judged as the report of quality judges those of a column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from features.cells import CellRules
from features.columns.emails import is_disposable
from features.duplicates.addresses import is_of_role, is_valid, spelling_of
from features.duplicates.contacts import contact_columns_of_lead, plain_text
from features.duplicates.phones import international, is_valid_phone, regions
from serving.wire.values import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from features.duplicates.contacts import ContactColumns

FindingKind = Literal[
    "email_invalid", "email_disposable", "email_of_role", "phone_invalid", "phone_without_country"
]

REMEDIES: dict[FindingKind, str] = {
    "email_invalid": "No mail can reach it as it is spelled: correct it.",
    "email_disposable": "Its mailbox was made to be thrown away: ask for another.",
    "email_of_role": "It is a task's, not a person's: ask for the person's own.",
    "phone_invalid": "No such number can exist in its country: correct it.",
    "phone_without_country": "Send it with its country's code (+49 …), or send the lead's country.",
}
"""What to do about each kind of finding."""


@dataclass(frozen=True, slots=True)
class ContactFinding:
    """One thing odd about a cell. `found` repeats the cell, shortly; `kind` is stable, for programs."""

    column: str
    kind: FindingKind
    found: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Normalised:
    """The one spelling of a cell that is in order: an address without capitals, a number as E.164."""

    column: str
    value: str


@dataclass(frozen=True, slots=True, order=True)
class Contact:
    """What a person is reached by, and told by from others, in its one spelling."""

    kind: Literal["email", "phone"]
    value: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check says. `contacts`, distinct and in order, holds no task's address and no disposable one."""

    findings: tuple[ContactFinding, ...]
    normalised: tuple[Normalised, ...]
    contacts: tuple[Contact, ...]


def check_contacts(
    cells: Mapping[str, Any], rules: CellRules | None = None, columns: ContactColumns | None = None
) -> Checked:
    """Check the addresses and phone numbers among a lead's cells (all that are known: its country counts).

    `rules`: how the company spells 'not known'. `columns`: where the contact data are; without it each cell
    that looks like an address, or whose column is named like one of addresses or of phones, is checked.
    Columns that a mapping keeps from becoming features are checked like others.
    """
    rules = rules or CellRules()
    columns = columns or contact_columns_of_lead(cells, rules)
    seen = [
        *_addresses(cells, rules, columns),
        *(_numbers(cells, rules, columns) if columns.phones else ()),
    ]
    return Checked(
        tuple(said for said in seen if isinstance(said, ContactFinding)),
        tuple(said for said in seen if isinstance(said, Normalised)),
        tuple(sorted({said for said in seen if isinstance(said, Contact)})),
    )


_Said = ContactFinding | Normalised | Contact


def _addresses(cells: Mapping[str, Any], rules: CellRules, columns: ContactColumns) -> Iterator[_Said]:
    for name in columns.emails:
        text = plain_text(cells.get(name), rules)
        if text is None:
            continue
        spelled = spelling_of(text)
        if spelled is None or not is_valid(spelled):
            yield _finding(name, "email_invalid", cells[name])
            continue
        yield Normalised(name, spelled)
        thrown_away = is_disposable(spelled.rpartition("@")[2])
        if thrown_away:
            yield _finding(name, "email_disposable", cells[name])
        if is_of_role(spelled):
            yield _finding(name, "email_of_role", cells[name])
        elif not thrown_away:
            yield Contact("email", spelled)


def _numbers(cells: Mapping[str, Any], rules: CellRules, columns: ContactColumns) -> Iterator[_Said]:
    region = _region(cells, rules, columns)
    for name in columns.phones:
        text = plain_text(cells.get(name), rules)
        if text is None:
            continue
        number = international(text, region)
        if number is not None:
            yield Normalised(name, number)
            yield Contact("phone", number)
        elif is_valid_phone(text, region) is None:
            yield _finding(name, "phone_without_country", cells[name])
        else:
            yield _finding(name, "phone_invalid", cells[name])


def _region(cells: Mapping[str, Any], rules: CellRules, columns: ContactColumns) -> str | None:
    """Return the two letters of the lead's country: of the first column that says one."""
    countries = [plain_text(cells.get(name), rules) for name in columns.countries]
    return next((region for region in regions(countries) if region is not None), None)


def _finding(column: str, kind: FindingKind, cell: Any) -> ContactFinding:
    return ContactFinding(column, kind, shown(cell), REMEDIES[kind])
