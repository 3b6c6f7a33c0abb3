"""What a cell means: one parser for the cells of a file and the values of a request.

A column is parsed by parsing its distinct cells one at a time, so a million rows and one row agree to
the bit by construction.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from features.batch import Cells

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--", "?", "nat", "<na>"})
"""Spellings of 'not known' that no company means otherwise (compared without case)."""

TRUE_WORDS = frozenset({"yes", "y", "true", "t", "ja", "oui", "si", "sí", "on"})
FALSE_WORDS = frozenset({"no", "n", "false", "f", "nein", "non", "off"})

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")  # one way only to read a row of digits
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}([,' \u00a0\u202f]\d{3})+(\.\d+)?")
_UNITS = re.compile(r"^[$€£¥]\s*|\s*[%$€£¥]$")

Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class CellRules:
    """How a company writes its cells: further spellings of 'not known' (casefolded), the decimal mark."""

    missing: frozenset[str] = MISSING
    decimal: str = "."


class CellError(ValueError):
    """A cell that is not what its column holds. The message says what was expected."""


def cell_rules(missing: Sequence[str] = (), decimal: str = ".") -> CellRules:
    """Return the rules for a company that also writes `missing` for 'not known'."""
    return CellRules(MISSING | {spelling.strip().casefold() for spelling in missing}, decimal)


def text_of(cell: Any, rules: CellRules) -> str | None:
    """Return a cell as text, or None where it is missing. 11 and 11.0 are both '11'.

    >>> text_of(" DE ", CellRules()), text_of(11.0, CellRules()), text_of("n/a", CellRules())
    ('DE', '11', None)
    """
    if isinstance(cell, str):  # by far the most cells, and a lead waits for it
        text = " ".join(cell.split())
        return None if text.casefold() in rules.missing else text
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return None
    if isinstance(cell, (list, tuple, dict, np.ndarray)):
        raise CellError("one value, not several")
    if isinstance(cell, float | np.floating):
        cell = float(cell)
        if math.isnan(cell):
            return None
        if math.isfinite(cell) and cell == math.floor(cell) and abs(cell) < 2**53:
            return str(int(cell))
        return repr(cell)
    text = " ".join(str(cell).split())
    return None if text.casefold() in rules.missing else text


def number_of(cell: Any, rules: CellRules) -> float:
    """Return a cell as a finite float, NaN where it is missing. Raises CellError otherwise.

    Thousands separators, a currency sign and a percent sign are understood ('1,234', '€ 12', '5 %' is 5).

    >>> number_of("420", CellRules()), number_of("1.234,5", CellRules(decimal=","))
    (420.0, 1234.5)
    """
    if type(cell) is float and -math.inf < cell < math.inf:  # by far the most, with texts
        return cell + 0.0
    if isinstance(cell, (bool, np.bool_)):
        return float(cell)
    if isinstance(cell, (int, float, Decimal, np.integer, np.floating)):
        value = _float(cell)
        if math.isinf(value):
            raise CellError("a finite number")
        return value
    text = text_of(cell, rules)
    if text is None:
        return math.nan
    bare = _UNITS.sub("", text)
    if rules.decimal == ",":
        bare = bare.translate({ord("."): ",", ord(","): "."})
    if _THOUSANDS.fullmatch(bare):
        bare = re.sub(r"[,' \u00a0\u202f]", "", bare)
    if not _PLAIN.fullmatch(bare):
        raise CellError("a number")
    value = _float(bare)
    if math.isinf(value):
        raise CellError("a finite number")
    return value


def boolean_of(cell: Any, rules: CellRules) -> float:
    """Return 1.0 for yes, 0.0 for no, NaN where the cell is missing. Raises CellError otherwise.

    >>> boolean_of("Yes", CellRules()), boolean_of(False, CellRules())
    (1.0, 0.0)
    """
    text = text_of(cell, rules)
    if text is None:
        return math.nan
    word = text.casefold()
    if word in TRUE_WORDS or word == "1":
        return 1.0
    if word in FALSE_WORDS or word == "0":
        return 0.0
    raise CellError("yes or no")


def values_of(cell: Any, separator: str, rules: CellRules) -> tuple[str, ...] | None:
    """Return the values of a multi-valued cell, or None where it is missing.

    >>> values_of("aws; python;", ";", CellRules())
    ('aws', 'python')
    """
    if isinstance(cell, (list, tuple, np.ndarray)):
        parts: Sequence[Any] = list(cell)
    else:
        text = text_of(cell, rules)
        if text is None:
            return None
        parts = text.split(separator)
    texts = (text_of(part, rules) for part in parts)
    return tuple(dict.fromkeys(text for text in texts if text is not None)) or None


def distinct_cells(cells: Cells) -> tuple[NDArray[np.int64], list[Any]]:
    """Return codes (int64, one a cell) and the distinct cells that they point to, in order of appearance.

    True, 1 and 1.0 are different cells, in a list too; a list counts as the tuple of its elements.
    """
    if isinstance(cells, pd.Series) and cells.dtype != object:
        codes, distinct = pd.factorize(cells, use_na_sentinel=False)
        return codes.astype(np.int64), list(distinct)
    seen: dict[Any, int] = {}
    found: list[Any] = []
    codes = np.empty(len(cells), np.int64)
    for position, cell in enumerate(cells):
        code = seen.setdefault(key_of_cell(cell), len(found))
        if code == len(found):
            found.append(tuple(cell) if isinstance(cell, (list, np.ndarray)) else cell)
        codes[position] = code
    return codes, found


def parsed_column(
    cells: Cells, parse: Callable[[Any], Parsed], otherwise: Parsed
) -> tuple[NDArray[np.int64], list[Parsed], dict[int, str]]:
    """Parse a column through its distinct cells.

    Returns codes (int64, one a cell), the parsed value of each distinct cell, and what was expected for
    each row that could not be parsed (its value is `otherwise`).
    """
    codes, distinct = distinct_cells(cells)
    parsed: list[Parsed] = []
    wrong: dict[int, str] = {}
    for code, cell in enumerate(distinct):
        try:
            parsed.append(parse(cell))
        except CellError as problem:
            parsed.append(otherwise)
            wrong[code] = str(problem)
    if not wrong:
        return codes, parsed, {}
    rows = np.flatnonzero(np.isin(codes, list(wrong)))
    return codes, parsed, {int(row): wrong[int(codes[row])] for row in rows}


def key_of_cell(cell: Any) -> Any:
    """Return what is equal for equal cells, and can be hashed whatever a request or a file brings.

    All cells that are not a number are equal here, as they are not among themselves.
    """
    if isinstance(cell, float) and cell != cell:  # noqa: PLR0124  # only nan differs from itself
        return (float, "nan")
    if isinstance(cell, (list, tuple, np.ndarray)):
        return (tuple, tuple(key_of_cell(part) for part in cell))
    return (dict, repr(cell)) if isinstance(cell, dict) else (type(cell), cell)


def _float(number: Any) -> float:
    """Return a float: of the two zeros the positive one, infinite where the number is too large."""
    try:
        return float(number) + 0.0
    except OverflowError:
        return math.inf
