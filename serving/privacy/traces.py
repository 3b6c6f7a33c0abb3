"""Where a person stands in a file: in cells of a table, or among the letters of whatever else it is."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from serving.privacy.person import Person

_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1252")
_LEAST_LETTERS = 8
"""A shorter value stands by chance in many a text, where it is part of something else."""

_COMPARED_LETTERS = 60
"""Longer values are looked for by their beginning: messages show no more of a cell."""

_NUMBER = re.compile(r"\+\d{7,}")
_NO_DIGIT = re.compile(r"\D+")


class UnreadableError(Exception):
    """A file cannot be read as a table."""


@dataclass(slots=True)
class Traces:
    """Looks for a person. `is_shared`: whether a text of theirs stands in cells of others, too.

    Ids and contacts tell the person; a text does where nobody else has it. Capitals do not count, and a phone
    number is found in its national spelling too.
    """

    person: Person
    is_shared: Callable[[str], bool]
    _cells: dict[str, str] = field(init=False)
    _letters: dict[str, str] = field(init=False)
    _told: dict[str, bool] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        everything = sorted(self.person.ids | self.person.contacts | self.person.texts)
        self._cells = {spelled: value for value in everything for spelled in _in_a_cell(value)}
        self._letters = {
            spelled: value for value in everything for spelled in _in_letters(value[:_COMPARED_LETTERS])
        }

    def are_in(self, path: Path, *, is_unfinished: bool = False) -> bool:
        """Whether the person stands in a file, or may: one that cannot be read as a table may hold anybody.

        One that is unfinished, because it is being written, is then looked through letter by letter. One
        that is gone, or empty, holds nobody.
        """
        try:
            return path.is_file() and path.stat().st_size > 0 and self._are_in_file(path, is_unfinished)
        except FileNotFoundError:
            return False

    def are_in_text(self, text: str) -> bool:
        """Whether the person stands in a text, such as a message: short values only within quotes."""
        low = text.casefold()
        quoted = {repr(spelled): value for spelled, value in self._cells.items()}
        return any(word in low and self._tells(value) for word, value in quoted.items()) or any(
            word in low and self._tells(value) for word, value in self._long(_LEAST_LETTERS).items()
        )

    def _are_in_file(self, path: Path, is_unfinished: bool) -> bool:
        try:
            return any(map(self._are_among, _cells_of(path))) or self._are_in_bytes(path, _LEAST_LETTERS)
        except UnreadableError:
            return self._are_in_bytes(path, 1) if is_unfinished else path.exists()

    def _are_among(self, cells: list[str]) -> bool:
        low = [cell.casefold() for cell in cells]
        found = {self._cells[cell] for cell in low if cell in self._cells}
        numbers = [value[1:] for value in self.person.contacts if _NUMBER.fullmatch(value)]
        if numbers:
            digits = {_NO_DIGIT.sub("", cell).lstrip("0") for cell in low}
            found |= {f"+{number}" for number in numbers for one in digits if _is_same(number, one)}
        text = "\n".join(low)
        found |= {value for word, value in self._long(_LEAST_LETTERS).items() if word in text}
        return any(map(self._tells, found))

    def _are_in_bytes(self, path: Path, least: int) -> bool:
        wanted = {
            content.lower(): value
            for word, value in self._long(least).items()
            for content in _encoded(word)
            if len(value) >= least
        }
        longest = max(map(len, wanted), default=0)
        before = b""
        with path.open("rb") as file:
            while wanted and (block := file.read(1 << 20)):
                here = before + block.lower()
                if any(content in here and self._tells(value) for content, value in wanted.items()):
                    return True
                before = here[-longest:]
        return False

    def _long(self, least: int) -> dict[str, str]:
        return {word: value for word, value in self._letters.items() if len(word) >= least}

    def _tells(self, value: str) -> bool:
        """Whether a value that was found is of this person alone."""
        if value in self.person.ids or value in self.person.contacts:
            return True
        if value not in self._told:
            self._told[value] = not self.is_shared(value)
        return self._told[value]


def _cells_of(path: Path) -> Iterator[list[str]]:
    """Yield the distinct texts of each column of a table, part by part.

    Raises UnreadableError where that is not possible, whatever the reason.
    """
    from features.mapping import Source  # noqa: PLC0415 - with pandas: only where there are files to read
    from features.reading.files import source_parts  # noqa: PLC0415 - as above
    from features.reading.raw_columns import as_text  # noqa: PLC0415 - as above

    try:
        for part in source_parts(Source(path=path.name), path.parent):
            for at in range(part.cells.shape[1]):  # not by name: two columns may have one
                yield [*map(str, as_text(part.cells.iloc[:, at]).dropna().unique())]
    except Exception as problem:  # whatever a file causes that anybody sent
        raise UnreadableError(path.name) from problem


def _in_a_cell(value: str) -> Iterable[str]:
    """Return how a value fills a cell: as it is, or as a file of rejects shows it."""
    return {value.casefold(), value.strip().casefold(), repr(value).casefold()}


def _in_letters(value: str) -> Iterable[str]:
    """Return how a value is spelled among letters: as it is, in messages, in JSON, within quotes of CSV."""
    spelled = {value, repr(value)[1:-1], json.dumps(value)[1:-1], value.replace('"', '""')}
    return spelled | {one.casefold() for one in spelled}


def _encoded(word: str) -> Iterator[bytes]:
    for encoding in _ENCODINGS:
        try:
            yield word.encode(encoding)
        except UnicodeEncodeError:  # it cannot stand in such a file
            continue


def _is_same(number: str, digits: str) -> bool:
    """Whether digits are those of an international number, with or without its country."""
    return len(digits) >= 7 and number.endswith(digits)
