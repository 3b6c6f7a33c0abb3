"""Which character stands between the cells of a CSV file."""

import csv
from typing import TYPE_CHECKING

import clevercsv

if TYPE_CHECKING:
    from collections.abc import Iterator

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_CHARACTERS = 20_000


def delimiter_of(sample: str) -> str:
    r"""Return the delimiter of a CSV text that begins with its header.

    Only what occurs in the header (outside quotes) can separate the columns. Where several do,
    clevercsv's consistency measure over the first lines chooses. A comma where none occurs: the file
    has a single column, and commas inside its cells are then faults that name the row.

    >>> delimiter_of("id;revenue\n1;2,5\n")
    ';'
    """
    candidates = [mark for mark in DELIMITERS if mark in _unquoted(header_line(sample))]
    if len(candidates) < 2:
        return candidates[0] if candidates else ","
    found = clevercsv.Detector().detect(_whole_lines(sample), delimiters=candidates)
    if found is not None and found.delimiter in candidates:
        return str(found.delimiter)
    return max(candidates, key=lambda mark: _agreeing_rows(sample, mark))


def header_line(sample: str) -> str:
    """Return the first record of a CSV text, with the line breaks inside its quotes."""
    lines: list[str] = []
    is_open = False
    for line in sample.splitlines(keepends=True):
        lines.append(line)
        is_open ^= line.count('"') % 2 == 1
        if not is_open:
            break
    return "".join(lines)


def _unquoted(line: str) -> str:
    return "".join(line.split('"')[::2])


def _whole_lines(sample: str) -> str:
    if len(sample) <= _SAMPLE_CHARACTERS:
        return sample
    cut = sample[:_SAMPLE_CHARACTERS]
    end = cut.rfind("\n")
    return cut[: end + 1] if end > 0 else cut


def _agreeing_rows(sample: str, mark: str) -> int:
    rows: Iterator[list[str]] = csv.reader(_whole_lines(sample).splitlines(keepends=True), delimiter=mark)
    counts = [len(row) for row in rows if row]
    return sum(count == counts[0] for count in counts) if counts and counts[0] > 1 else 0
