"""What a person is told by: ids, addresses and numbers, and the texts of their own cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from serving.store.database import to_json_text
from serving.store.dialects import in_batches, is_sqlite
from serving.store.schema import ALIASES, CHANGES, CONTACTS, LEADS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

SHORTEST_TEXT = 3
"""A shorter cell is not taken for a person's own; nor is a number of fewer than SHORTEST_NUMBER digits."""

SHORTEST_NUMBER = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`ids` and `contacts` (in their one spelling) tell this person; `texts`, of cells, may not.

    `number` is that of their lead, into which their other leads are merged.
    """

    number: int
    ids: frozenset[str]
    contacts: frozenset[str]
    texts: frozenset[str]


def person_of(connection: Connection, numbers: Sequence[int]) -> Person:
    """Return what a person is told by, who is kept under these numbers, as `numbers_of_person` gives them."""
    ids: set[str] = set()
    contacts: set[str] = set()
    texts: set[str] = set()
    for batch in in_batches(numbers):
        for column, owner in ((ALIASES.c.lead_id, ALIASES.c.lead), (LEADS.c.lead_id, LEADS.c.number)):
            ids.update(connection.execute(sa.select(column).where(owner.in_(batch))).scalars())
        reached = sa.select(CONTACTS.c.value).where(CONTACTS.c.lead.in_(batch))
        contacts.update(connection.execute(reached).scalars())
        cells = sa.select(LEADS.c.cells, LEADS.c.undated).where(LEADS.c.number.in_(batch))
        for row in connection.execute(cells):
            texts.update(_texts([row.cells, row.undated]))
        changed = sa.select(CHANGES.c.value).where(CHANGES.c.lead.in_(batch))
        texts.update(_texts(connection.execute(changed).scalars()))
    told = {"ids": frozenset(ids), "contacts": frozenset(contacts), "texts": frozenset(texts)}
    return Person(number=numbers[0], **told)


def is_held_by_others(connection: Connection, text: str, person: Person) -> bool:
    """Whether a cell of a lead that is not this person's holds just this text: it tells nobody apart."""
    cells = sa.cast(LEADS.c.cells, sa.Text)
    place = sa.func.instr if is_sqlite(connection) else sa.func.strpos
    of_others = (LEADS.c.number != person.number) & LEADS.c.merged_into.is_distinct_from(person.number)
    found = sa.select(sa.literal(1)).where(place(cells, to_json_text(text)) > 0, of_others).limit(1)
    return connection.execute(found).first() is not None


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            if _tells(value):
                yield value
        elif isinstance(value, dict):
            yield from _texts(value.values())
        elif isinstance(value, list):
            yield from _texts(value)


def _tells(text: str) -> bool:
    digits = sum(letter.isdigit() for letter in text)
    is_number = digits > 0 and not any(letter.isalpha() for letter in text)
    return len(text.strip()) >= SHORTEST_TEXT and (not is_number or digits >= SHORTEST_NUMBER)
