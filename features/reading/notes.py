"""What reading decided or counted, in words that can be added up over the parts of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable


class Count(str):
    """A note that counts, and that can be added to the same note on another part of the table.

    It is the text itself; `said` is the text with a place for each of `numbers`. The first number says
    how often the thing happened: where it is 0 there is nothing to say.

    >>> Count("{:,} of {:,} events belong to no lead", 2, 1_000)
    '2 of 1,000 events belong to no lead'
    """

    __slots__ = ("numbers", "said")
    said: str
    numbers: tuple[int, ...]

    def __new__(cls, said: str, *numbers: int) -> Self:
        """Write the numbers into the text."""
        note = super().__new__(cls, said.format(*numbers))
        note.said = said
        note.numbers = tuple(int(number) for number in numbers)
        return note

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.said, *self.numbers)


def literal(text: str) -> str:
    """Return a name as the text of a `Count` takes it: braces in it are no places for numbers."""
    return text.replace("{", "{{").replace("}", "}}")


def added_up(notes: Iterable[str]) -> tuple[str, ...]:
    """Return each note once, in order of first appearance, counts of one thing added.

    >>> added_up([Count("{:,} blank rows", 2), "a note", Count("{:,} blank rows", 1), "a note"])
    ('3 blank rows', 'a note')
    """
    sums: dict[str, tuple[int, ...] | None] = {}
    for note in notes:
        if not isinstance(note, Count):
            sums.setdefault(note, None)
            continue
        before = sums.get(note.said) or (0,) * len(note.numbers)
        sums[note.said] = tuple(a + b for a, b in zip(before, note.numbers, strict=True))
    return tuple(said if numbers is None else Count(said, *numbers) for said, numbers in sums.items())


def worth_saying(notes: Iterable[str]) -> tuple[str, ...]:
    """Return the notes added up, without those on what never happened.

    >>> worth_saying([Count("{:,} of {:,} rows", 0, 7), Count("{:,} bad rows", 0), Count("{:,} bad rows", 1)])
    ('1 bad rows',)
    """
    return tuple(note for note in added_up(notes) if not isinstance(note, Count) or note.numbers[0])
