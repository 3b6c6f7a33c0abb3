"""What is odd, normalised and shared in the contact data of leads that were put."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from features.cells import cell_rules
from serving.contacts import check_contacts
from serving.history.contacts import duplicates_of, keep_contacts
from serving.store.dialects import in_batches
from serving.store.schema import LEADS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from features.mapping import Mapping


def settle_contacts(
    connection: Connection, numbers: Iterable[int], mapping: Mapping | None
) -> dict[int, dict[str, Any]]:
    """Check and keep the contact data of leads, and return for each what the answer says of it.

    The caller holds the leads' rows. All that stands of a lead counts, whatever part of it was sent.
    """
    rules = cell_rules() if mapping is None else cell_rules(mapping.leads.missing, mapping.leads.decimal)
    checked = {number: check_contacts(cells, rules) for number, cells in _cells(connection, numbers).items()}
    keep_contacts(connection, {number: one.contacts for number, one in checked.items()}, rules)
    duplicates = duplicates_of(connection, checked)
    return {
        number: {
            "findings": [asdict(finding) for finding in one.findings],
            "normalised": {said.column: said.value for said in one.normalised},
            "duplicates": [asdict(duplicate) for duplicate in duplicates.get(number, ())],
        }
        for number, one in checked.items()
    }


def _cells(connection: Connection, numbers: Iterable[int]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for batch in in_batches(numbers):
        query = sa.select(LEADS.c.number, LEADS.c.cells).where(LEADS.c.number.in_(batch))
        found |= {row.number: row.cells for row in connection.execute(query)}
    return found
