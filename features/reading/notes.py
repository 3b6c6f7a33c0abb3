"""What reading decided or counted, in words that can be added up over the parts of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

    def __new__(cls, said: str, *numbers: int) -> Count:
        """Write the numbers into the text."""
        note = super().__new__(cls, said.format(*numbers))
        note.said = said
        note.numbers = tuple(int(number) for number in numbers)
        return note

    def __getnewargs__(self) -> tuple[Any, ...]:  # type: ignore[override]  # said anew, not the text
        return (self.said, *self.numbers)


def literal(text: str) -> str:
    """Return a name as the text of a `Count` takes it: braces in it are no places for numbers."""
    return text.replace("{", "{{").replace("}", "}}")


def added_up(notes: Iterable[str]) -> tuple[str, ...]:
    """Return each note once, in order of first appearance: counts of one thing added, zeros left out.

    >>> added_up([Count("{:,} blank rows", 2), "one table", Count("{:,} blank rows", 1), Count("{:,} bad", 0)])
    ('3 blank rows', 'one table')
    """
    sums: dict[str, tuple[int, ...] | None] = {}
    for note in notes:
        if not isinstance(note, Count):
            sums.setdefault(note, None)
            continue
        before = sums.get(note.said) or (0,) * len(note.numbers)
        sums[note.said] = tuple(a + b for a, b in zip(before, note.numbers, strict=True))
    return tuple(
        said if numbers is None else Count(said, *numbers)
        for said, numbers in sums.items()
        if numbers is None or numbers[0]
    )
