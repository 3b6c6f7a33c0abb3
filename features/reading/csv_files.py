"""A CSV file as a table of text, cell for cell."""

from __future__ import annotations

import csv
import io
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from features.errors import Fault, InputError
from features.reading.delimiters import delimiter_of, header_line
from features.reading.notes import Count, literal
from features.reading.raw_tables import ONE_LINE, RawTable, nameless_note
from features.reading.rejects import Rejects

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

_SAMPLE_CHARACTERS = 65_536
_BLOCK_BYTES = 1 << 25
"""A row longer than this cannot be read."""


class _Wrong(NamedTuple):
    """A row that has another number of cells than the header."""

    number: int
    cells: int


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a CSV file is laid out. `skipped` lines stand before its header; `has_rows`: some after it."""

    path: Path
    encoding: str
    delimiter: str
    skipped: int
    names: list[str]
    nameless: list[str]
    has_rows: bool


def read_csv_file(path: Path, encoding: str, delimiter: str | None) -> RawTable:
    """Read a CSV file that is in `encoding`; a delimiter that is not given is detected.

    The first line that is neither blank nor Excel's 'sep=;' is the header. Raises InputError where the
    bytes are not in that encoding, column names repeat, or a quote is never closed.
    """
    layout = _layout(path, encoding, delimiter)
    if not layout.has_rows:
        return _no_rows(layout)
    wrong: list[_Wrong] = []
    with _in_words(path, encoding), _opened(layout) as stream:
        table = pacsv.read_csv(stream, **_options(layout, wrong))
    rejects = _rejects(layout, wrong)
    last_row = layout.skipped + table.num_rows + len(wrong)
    _refuse_open_quote(layout, table, last_row, in_table=last_row not in rejects.rows)
    numbers = _row_numbers(layout.skipped + 1, table.num_rows, wrong)[1:]
    cells, notes = _cells(table.slice(1).rename_columns(layout.names), numbers, path.name)
    for name in layout.nameless:
        has_values = bool(cells[name].notna().any())
        cells = cells if has_values else cells.drop(columns=name)
        notes.append(nameless_note(path.name, name, has_values=has_values))
    return RawTable(path.name, cells, rejects, tuple(notes), encoding, layout.delimiter)


def csv_parts(path: Path, encoding: str, delimiter: str | None) -> Iterator[RawTable]:
    """Read what `read_csv_file` reads bit by bit, a block of the file at a time. Raises as it does."""
    layout = _layout(path, encoding, delimiter)
    if not layout.has_rows:
        yield _no_rows(layout)
        return
    wrong: list[_Wrong] = []
    next_row = layout.skipped + 1
    last = None
    with _in_words(path, encoding), _opened(layout) as stream:
        for batch in pacsv.open_csv(stream, **_options(layout, wrong)):
            if not batch.num_rows:
                continue
            last = pa.Table.from_batches([batch])
            numbers = _row_numbers(next_row, last.num_rows, wrong)
            here = [row for row in wrong if row.number <= numbers[-1]]
            del wrong[: len(here)]  # the reader may be a block ahead, with rows of a later part
            is_header = next_row == layout.skipped + 1
            next_row = int(numbers[-1]) + 1
            yield _part(layout, last.slice(int(is_header)), numbers[int(is_header) :], here)
    if wrong or last is None:
        yield replace(_no_rows(layout), rejects=_rejects(layout, wrong))
    else:
        _refuse_open_quote(layout, last, next_row - 1, in_table=True)


def _part(layout: _Layout, table: pa.Table, numbers: np.ndarray, wrong: list[_Wrong]) -> RawTable:
    name = layout.path.name
    cells, notes = _cells(table.rename_columns(layout.names), numbers, name)
    return RawTable(
        name,
        cells,
        _rejects(layout, wrong),
        tuple(notes),
        layout.encoding,
        layout.delimiter,
        {name: bool(cells[name].notna().any()) for name in layout.nameless},
    )


def _layout(path: Path, encoding: str, delimiter: str | None) -> _Layout:
    sample = _sample(path, encoding)
    skipped = _lines_before_header(sample)
    body = "".join(sample.splitlines(keepends=True)[skipped:])
    if not body.strip():
        raise InputError(Fault(path.name, "a header row", "blank lines", "Export the table again."))
    mark = delimiter or delimiter_of(body)
    first = header_line(body)
    is_cut = len(sample) + 1 >= _SAMPLE_CHARACTERS  # or with its byte-order mark removed
    if first.count('"') % 2:
        remedy = "Close the quote."
        raise InputError(Fault(f"{path.name}, row {skipped + 1}", "a closing quote", "none", remedy))
    if is_cut and first == body:
        expected = f"a header of fewer than {_SAMPLE_CHARACTERS} characters"
        remedy = "Leave columns out, or shorten their names."
        raise InputError(Fault(f"{path.name}, row {skipped + 1}", expected, "a longer one", remedy))
    header = next(csv.reader(io.StringIO(first), delimiter=mark))
    has_rows = is_cut or bool(body[len(first) :].strip("\r\n"))
    names = _names(header, path.name, skipped + 1, has_rows=has_rows)
    nameless = [name for cell, name in zip(header, names, strict=True) if not cell.strip()]
    return _Layout(path, encoding, mark, skipped, names, nameless, has_rows)


def _no_rows(layout: _Layout) -> RawTable:
    cells = pd.DataFrame(
        {name: pd.Series(dtype="str") for name in layout.names}, index=_index(np.empty(0, np.int64))
    )
    name = layout.path.name
    return RawTable(name, cells, Rejects(name), (), layout.encoding, layout.delimiter)


def _row_numbers(first: int, rows: int, wrong: list[_Wrong]) -> np.ndarray:
    """Return the numbers of the next regular rows, from `first` on: those of wrong ones are passed over."""
    numbers = np.arange(first, first + rows + len(wrong), dtype=np.int64)
    return numbers[~np.isin(numbers, [row.number for row in wrong])][:rows]


def _sample(path: Path, encoding: str) -> str:
    try:
        with path.open(encoding=encoding, newline="") as file:
            return file.read(_SAMPLE_CHARACTERS).removeprefix("\ufeff")
    except LookupError as problem:
        remedy = "Correct or remove encoding in the mapping."
        raise InputError(Fault(path.name, "a known encoding", repr(encoding), remedy)) from problem
    except UnicodeError as problem:
        raise _wrong_encoding(path, encoding, problem) from problem


def _wrong_encoding(path: Path, encoding: str, problem: Exception) -> InputError:
    remedy = "Correct or remove encoding in the mapping."
    return InputError(Fault(path.name, f"text in {encoding}", str(problem)[:120], remedy))


def _lines_before_header(sample: str) -> int:
    """Return how many lines go before the header: blank ones, and the 'sep=;' that Excel reads."""
    lines = sample.splitlines()
    return next(
        (at for at, line in enumerate(lines) if line.strip() and not line.lower().startswith("sep=")),
        len(lines),
    )


def _names(header: list[str], said_of: str, row: int, *, has_rows: bool) -> list[str]:
    """Return the columns' names. A blank one is called by its place; equal ones are a fault."""
    names = [cell.strip() or f"column {place}" for place, cell in enumerate(header, start=1)]
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        found = ", ".join(repr(name) for name in twice) + " more than once"
        remedy = "Rename one of them in the file, or remove it." if has_rows else ONE_LINE
        raise InputError(Fault(f"{said_of}, row {row}", "different column names", found, remedy))
    return names


def _opened(layout: _Layout) -> AbstractContextManager[Any]:
    file = pa.OSFile(str(layout.path))
    if layout.encoding in {"utf-8", "utf-8-sig"}:
        return file  # type: ignore[no-any-return]  # an Arrow file is a context manager
    return pa.transcoding_input_stream(file, layout.encoding, "utf-8")  # type: ignore[no-any-return]  # as above


def _options(layout: _Layout, wrong: list[_Wrong]) -> dict[str, Any]:
    """Return how the header and all regular rows are read as text; other rows are put into `wrong`."""

    def put_aside(row: Any) -> str:
        wrong.append(_Wrong(row.number, row.actual_columns))
        return "skip"

    types = {f"f{place}": pa.string() for place in range(len(layout.names))}
    return {
        # One thread: the numbers of bad rows are known only then, and it is quick enough.
        "read_options": pacsv.ReadOptions(
            use_threads=False,
            autogenerate_column_names=True,
            block_size=_BLOCK_BYTES,
            skip_rows=layout.skipped,
        ),
        "parse_options": pacsv.ParseOptions(
            delimiter=layout.delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=put_aside,
        ),
        "convert_options": pacsv.ConvertOptions(
            column_types=types, strings_can_be_null=False, quoted_strings_can_be_null=False
        ),
    }


@contextmanager
def _in_words(path: Path, encoding: str) -> Iterator[None]:
    try:
        yield
    except UnicodeError as problem:
        raise _wrong_encoding(path, encoding, problem) from problem
    except pa.ArrowInvalid as problem:
        if "UTF8" in str(problem):
            raise _wrong_encoding(path, encoding, problem) from problem
        raise InputError(Fault(path.name, "a CSV table", str(problem)[:200], "Export it again.")) from problem


def _rejects(layout: _Layout, wrong: list[_Wrong]) -> Rejects:
    rejects = Rejects(layout.path.name)
    rows = np.array([row.number for row in wrong], dtype=np.int64)
    found = [f"{row.cells} (delimiter {layout.delimiter!r})" for row in wrong]
    remedy = "Put quotes round a cell that holds the delimiter, or correct delimiter in the mapping."
    rejects.add(rows, found, column="", expected=f"{len(layout.names)} cells", remedy=remedy)
    return rejects


def _refuse_open_quote(layout: _Layout, table: pa.Table, last_row: int, *, in_table: bool) -> None:
    """Raise InputError where a quote that is never closed has swallowed the rest of the file.

    `last_row` is the number of the file's last row, which is the last of `table` if it is regular.
    """
    if in_table and "\n" not in (table.column(table.num_columns - 1)[-1].as_py() or ""):
        return
    width = 4 if layout.encoding.startswith("utf-32") else 2 if layout.encoding.startswith("utf-16") else 1
    with layout.path.open("rb") as file:
        file.seek(max(0, layout.path.stat().st_size - 64 * width))
        tail = file.read()
    quotes_closed = tail.replace(b"\0", b"").rstrip(b" \r\n").endswith(b'"')
    if in_table and not quotes_closed:
        remedy = "Close the quote, or write two of them for one that belongs to the text."
        raise InputError(
            Fault(f"{layout.path.name}, row {last_row}", "a closing quote", "the end of the file", remedy)
        )


def _cells(table: pa.Table, numbers: np.ndarray, said_of: str) -> tuple[pd.DataFrame, list[str]]:
    """Trim, make empty cells missing, and leave out blank rows."""
    columns = [_bare(column) for column in table.columns]
    known = [column.is_valid() for column in columns]
    some = known[0]
    for column in known[1:]:
        some = pc.or_(some, column)
    table = pa.table(columns, names=table.column_names)
    notes: list[str] = []
    blank = table.num_rows - (pc.sum(some).as_py() or 0)
    if blank:
        table, numbers = table.filter(some), numbers[some.to_numpy()]
        notes.append(Count(f"{literal(said_of)}: {{:,}} blank rows left out", blank))
    cells = table.to_pandas().astype("str")
    cells.index = _index(numbers)
    return cells, notes


def _bare(column: pa.ChunkedArray) -> pa.ChunkedArray:
    trimmed = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(pc.binary_length(trimmed), 0), pa.scalar(None, pa.string()), trimmed)


def _index(numbers: np.ndarray) -> pd.Index[Any]:
    index: pd.Index[Any] = pd.Index(numbers)
    if len(numbers) and numbers[-1] - numbers[0] == len(numbers) - 1:
        index = pd.RangeIndex(int(numbers[0]), int(numbers[-1]) + 1)
    return index
