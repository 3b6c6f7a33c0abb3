"""What a person is told by: ids, addresses and numbers, and the texts of their own cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import chain
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

_ROWS_AT_ONCE = 1_000


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
    """Whether a cell of a lead that is not this person's holds this text: it tells nobody apart.

    Neither capitals nor space around it count, as where files are looked through. The database leaves what
    may hold it, and its texts are compared here: databases know the capitals of ASCII alone.
    """
    wanted = as_compared(text)
    cells = sa.cast(LEADS.c.cells, sa.Text)
    low = sa.func.lower(cells if is_sqlite(connection) else sa.collate(cells, "C"))
    place = sa.func.instr if is_sqlite(connection) else sa.func.strpos
    of_others = (LEADS.c.number != person.number) & LEADS.c.merged_into.is_distinct_from(person.number)
    may_hold = sa.or_(*(place(low, part) > 0 for part in _parts_of_json(wanted)))
    found = sa.select(LEADS.c.cells).where(of_others, may_hold).execution_options(yield_per=_ROWS_AT_ONCE)
    with connection.execute(found) as rows:
        return any(wanted in map(as_compared, _words(row.cells)) for row in rows)


def as_compared(text: str) -> str:
    """Return a text as it is compared with what others have."""
    return text.strip().casefold()


def _parts_of_json(wanted: str) -> Iterator[str]:
    """Yield parts of JSON in small letters: what holds `wanted`, in whatever capitals, holds one of them.

    Other letters than those of ASCII stand there as escapes, which differ by capital.
    """
    if wanted.isascii():
        yield to_json_text(wanted)[1:-1]
    else:
        first = next(letter for letter in wanted if not letter.isascii())
        yield to_json_text(first)[1:-1]
    for letter, folded in _folding_letters().items():
        if folded in wanted and (wanted.isascii() or first in folded):
            yield to_json_text(letter)[1:-1]


@cache
def _folding_letters() -> dict[str, str]:
    """Return each letter beyond ASCII that is another one, or others, where capitals do not count."""
    letters = map(chr, range(0x80, 0x110000))
    return {letter: folded for letter in letters if (folded := letter.casefold()) != letter}


def _words(value: Any) -> Iterator[str]:
    """Yield every text in cells, the names of the columns among them: files show these too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        yield from chain.from_iterable(map(_words, value.values()))
    elif isinstance(value, list):
        yield from chain.from_iterable(map(_words, value))


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
