"""A CSV file as a table of text, cell for cell."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from features.errors import Fault, InputError
from features.reading.delimiters import delimiter_of, header_line
from features.reading.raw_tables import RawTable
from features.reading.rejects import Rejects

if TYPE_CHECKING:
    from pathlib import Path

_SAMPLE_CHARACTERS = 65_536
_BLOCK_BYTES = 1 << 25
"""A row longer than this cannot be read."""


def read_csv_file(path: Path, encoding: str, delimiter: str | None) -> RawTable:
    """Read a CSV file that is in `encoding`; a delimiter that is not given is detected.

    The first line that is neither blank nor Excel's 'sep=;' is the header. Raises InputError where the
    bytes are not in that encoding, column names repeat, or a quote is never closed.
    """
    sample = _sample(path, encoding)
    skipped = _lines_before_header(sample)
    body = "".join(sample.splitlines(keepends=True)[skipped:])
    if not body.strip():
        raise InputError(Fault(path.name, "a header row", "blank lines", "Export the table again."))
    mark = delimiter or delimiter_of(body)
    first = header_line(body)
    if first.count('"') % 2:
        remedy = "Close the quote."
        raise InputError(Fault(f"{path.name}, row {skipped + 1}", "a closing quote", "none", remedy))
    header = next(csv.reader(io.StringIO(first), delimiter=mark))
    names = _names(header, path.name, skipped + 1)
    rejects = Rejects(path.name)
    if not body[len(first) :].strip("\r\n"):
        cells = pd.DataFrame(
            {name: pd.Series(dtype="str") for name in names}, index=_index(np.empty(0, np.int64))
        )
        return RawTable(path.name, cells, rejects, (), encoding, mark)
    table = _parsed(path, encoding, mark, len(header), skipped, rejects)
    _refuse_open_quote(path, encoding, table, rejects)
    numbers = np.arange(skipped + 1, skipped + 1 + table.num_rows + len(rejects.rows), dtype=np.int64)
    numbers = numbers[~np.isin(numbers, rejects.rows)][1:]
    blank_named = [name for cell, name in zip(header, names, strict=True) if not cell.strip()]
    cells, notes = _cells(table.slice(1).rename_columns(names), numbers, path.name, blank_named)
    return RawTable(path.name, cells, rejects, notes, encoding, mark)


def _sample(path: Path, encoding: str) -> str:
    try:
        with path.open(encoding=encoding, newline="") as file:
            return file.read(_SAMPLE_CHARACTERS).removeprefix("\ufeff")
    except LookupError as problem:
        remedy = "Correct or remove encoding in leadlens.toml."
        raise InputError(Fault(path.name, "a known encoding", repr(encoding), remedy)) from problem
    except UnicodeError as problem:
        raise _wrong_encoding(path, encoding, problem) from problem


def _wrong_encoding(path: Path, encoding: str, problem: Exception) -> InputError:
    remedy = "Correct or remove encoding in leadlens.toml."
    return InputError(Fault(path.name, f"text in {encoding}", str(problem)[:120], remedy))


def _lines_before_header(sample: str) -> int:
    """Return how many lines go before the header: blank ones, and the 'sep=;' that Excel reads."""
    lines = sample.splitlines()
    return next(
        (at for at, line in enumerate(lines) if line.strip() and not line.lower().startswith("sep=")),
        len(lines),
    )


def _names(header: list[str], said_of: str, row: int) -> list[str]:
    """Return the columns' names. A blank one is called by its place; equal ones are a fault."""
    names = [cell.strip() or f"column {place}" for place, cell in enumerate(header, start=1)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        found = ", ".join(repr(name) for name in twice) + " more than once"
        remedy = "Rename one of them in the file, or remove it."
        raise InputError(Fault(f"{said_of}, row {row}", "different column names", found, remedy))
    return names


def _parsed(
    path: Path, encoding: str, delimiter: str, columns: int, skipped: int, rejects: Rejects
) -> pa.Table:
    """Return the header and all regular rows as text; rows of another length go to `rejects`."""
    wrong: list[tuple[int, int]] = []

    def put_aside(row: Any) -> str:
        wrong.append((row.number, row.actual_columns))
        return "skip"

    types = {f"f{place}": pa.string() for place in range(columns)}
    try:
        with pa.OSFile(str(path)) as file:
            utf8 = encoding in {"utf-8", "utf-8-sig"}
            table = pacsv.read_csv(
                file if utf8 else pa.transcoding_input_stream(file, encoding, "utf-8"),
                # One thread: the numbers of bad rows are known only then, and it is quick enough.
                read_options=pacsv.ReadOptions(
                    use_threads=False,
                    autogenerate_column_names=True,
                    block_size=_BLOCK_BYTES,
                    skip_rows=skipped,
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=delimiter,
                    newlines_in_values=True,
                    ignore_empty_lines=False,
                    invalid_row_handler=put_aside,
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types=types, strings_can_be_null=False, quoted_strings_can_be_null=False
                ),
            )
    except UnicodeError as problem:
        raise _wrong_encoding(path, encoding, problem) from problem
    except pa.ArrowInvalid as problem:
        if "UTF8" in str(problem):
            raise _wrong_encoding(path, encoding, problem) from problem
        raise InputError(Fault(path.name, "a CSV table", str(problem)[:200], "Export it again.")) from problem
    rows = np.array([number for number, _ in wrong], dtype=np.int64)
    found = [f"{count} (delimiter {delimiter!r})" for _, count in wrong]
    remedy = "Put quotes round a cell that holds the delimiter, or correct delimiter in leadlens.toml."
    rejects.add(rows, found, column="", expected=f"{columns} cells", remedy=remedy)
    return table


def _refuse_open_quote(path: Path, encoding: str, table: pa.Table, rejects: Rejects) -> None:
    """Raise InputError where a quote that is never closed has swallowed the rest of the file."""
    last_row = table.num_rows + len(rejects.rows)
    in_table = last_row not in rejects.rows
    if in_table and "\n" not in (table.column(table.num_columns - 1)[-1].as_py() or ""):
        return
    width = 4 if encoding.startswith("utf-32") else 2 if encoding.startswith("utf-16") else 1
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 64 * width))
        tail = file.read()
    quotes_closed = tail.replace(b"\0", b"").rstrip(b" \r\n").endswith(b'"')
    if in_table and not quotes_closed:
        remedy = "Close the quote, or write two of them for one that belongs to the text."
        raise InputError(
            Fault(f"{path.name}, row {last_row}", "a closing quote", "the end of the file", remedy)
        )


def _cells(
    table: pa.Table, numbers: np.ndarray, said_of: str, blank_named: list[str]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Trim, make empty cells missing, leave out blank rows and nameless empty columns."""
    columns = [_bare(column) for column in table.columns]
    notes: list[str] = []
    known = [column.is_valid() for column in columns]
    some = known[0]
    for column in known[1:]:
        some = pc.or_(some, column)
    table = pa.table(columns, names=table.column_names)
    blank = table.num_rows - (pc.sum(some).as_py() or 0)
    if blank:
        table, numbers = table.filter(some), numbers[some.to_numpy()]
        notes.append(f"{said_of}: {blank:,} blank rows left out")
    for name in blank_named:
        if table.column(name).null_count == table.num_rows:
            table = table.drop_columns([name])
            notes.append(f"{said_of}: {name} has neither a name nor values and was left out")
        else:
            notes.append(f"{said_of}: a column without a name is called {name!r}")
    cells = table.to_pandas().astype("str")
    cells.index = _index(numbers)
    return cells, tuple(notes)


def _bare(column: pa.ChunkedArray) -> pa.ChunkedArray:
    trimmed = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(pc.binary_length(trimmed), 0), pa.scalar(None, pa.string()), trimmed)


def _index(numbers: np.ndarray) -> pd.Index[Any]:
    index: pd.Index[Any] = pd.Index(numbers)
    if len(numbers) and numbers[-1] - numbers[0] == len(numbers) - 1:
        index = pd.RangeIndex(int(numbers[0]), int(numbers[-1]) + 1)
    return index
