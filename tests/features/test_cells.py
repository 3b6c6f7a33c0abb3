import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from features.cells import (
    CellError,
    CellRules,
    boolean_of,
    cell_rules,
    distinct_cells,
    number_of,
    parsed_column,
    text_of,
    values_of,
)

RULES = CellRules()
COMMA = CellRules(decimal=",")

WRITTEN = st.sampled_from(
    [
        "",
        "n/a",
        "NaN",
        "-",
        "1",
        "0",
        "1.0",
        "1,234",
        "1.234,5",
        "1 234",
        "$ 5",
        "5 %",
        "yes",
        "No",
        "inf",
        "1_000",
        "1e5",
        "1e999",
        "a;b",
        "a; b;",
        " x ",
        "-0",
        "0.0",
        "true",
        "Select",
        "9" * 400,
    ]
)
CELLS = st.one_of(
    WRITTEN,
    st.text(max_size=6),
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.just(10**400),
    st.sampled_from([np.float64(1.0), np.int64(1), np.True_, np.float32(0.1), pd.NA, pd.NaT]),
    st.lists(
        st.one_of(st.text(max_size=3), st.none(), st.booleans(), st.floats(), st.integers()), max_size=3
    ),
)
"""What a file, a database or a request may hold."""


def bits(number: float) -> bytes:
    return np.float64(number).tobytes() if not math.isnan(number) else b"missing"


def outcome(parse: Any, cell: Any) -> Any:
    """Return what a parser makes of a cell: a value whose bits can be compared, or the complaint."""
    try:
        found = parse(cell)
    except CellError as problem:
        return ("expected", str(problem))
    return bits(found) if isinstance(found, float) else found


@pytest.mark.parametrize(
    ("cell", "rules", "number"),
    [
        ("420", RULES, 420.0),
        (" 420 ", RULES, 420.0),
        ("+5", RULES, 5.0),
        ("-5.", RULES, -5.0),
        (".5", RULES, 0.5),
        ("1e3", RULES, 1000.0),
        ("1,234", RULES, 1234.0),
        ("1,234,567.5", RULES, 1234567.5),
        ("1 234", RULES, 1234.0),
        ("1\u00a0234", RULES, 1234.0),
        ("1\u202f234", RULES, 1234.0),
        ("1'234'567", RULES, 1234567.0),
        ("$ 12", RULES, 12.0),
        ("12 €", RULES, 12.0),
        ("5 %", RULES, 5.0),
        ("1,5", COMMA, 1.5),
        ("1.234,5", COMMA, 1234.5),
        ("1.234", COMMA, 1234.0),
        ("1234", COMMA, 1234.0),
        (1.5, COMMA, 1.5),
        (Decimal("1.5"), COMMA, 1.5),
        (7, RULES, 7.0),
        (10**20, RULES, 1e20),
        ("9" * 20, RULES, 1e20),
        (True, RULES, 1.0),
        (np.float32(1.5), RULES, 1.5),
        (np.int64(3), RULES, 3.0),
    ],
)
def test_a_number_is_read_as_people_write_it(cell: Any, rules: CellRules, number: float) -> None:
    assert number_of(cell, rules) == number


@pytest.mark.parametrize(
    "cell",
    [
        "1_000",
        "0x10",
        "inf",
        "-inf",
        "Infinity",
        "1,23",
        "1,2,3",
        "12,34,567",
        "1.2.3",
        "five",
        "$",
        "1 2",
        "--5",
        "1e",
        "1e9999",
        "True",
        "1/2",
        "1:30",
        "=1+1",
        "b'5'",
        b"5",
        ["5"],
    ],
)
def test_what_is_no_number_is_refused(cell: Any) -> None:
    with pytest.raises(CellError, match=r"a number|a finite number|one value, not several"):
        number_of(cell, RULES)


@pytest.mark.parametrize("end", ["x", "e", ".x", "%%"])
def test_a_very_long_row_of_digits_that_is_no_number_is_refused_in_one_walk(end: str) -> None:
    with pytest.raises(CellError, match="a number"):
        number_of("9" * 300_000 + end, RULES)  # to try each way to part it would take half an hour


@pytest.mark.parametrize(
    "cell", [math.inf, -math.inf, 10**400, -(10**400), "9" * 400, "1e999", np.float32("inf")]
)
def test_a_number_that_is_too_large_is_refused_and_never_infinite(cell: Any) -> None:
    with pytest.raises(CellError, match="a finite number"):
        number_of(cell, RULES)


def test_a_point_between_thousands_is_no_decimal_mark_where_the_company_writes_a_comma() -> None:
    assert number_of("1.234", RULES) == 1.234
    assert number_of("1.234", COMMA) == 1234.0
    with pytest.raises(CellError, match="a number"):
        number_of("1.23", COMMA)


@pytest.mark.parametrize(
    "cell",
    [
        *("", "  ", "NA", "n/a", "N/A", "#N/A", "null", "None", "nil", "-", "--", "?", "NaN", "<NA>"),
        *(None, math.nan, pd.NA, pd.NaT, np.float64("nan")),
    ],
)  # fmt: skip
def test_each_spelling_of_not_known_is_missing_in_every_kind_of_column(cell: Any) -> None:
    assert math.isnan(number_of(cell, RULES))
    assert math.isnan(boolean_of(cell, RULES))
    assert text_of(cell, RULES) is None
    assert values_of(cell, ";", RULES) is None


def test_a_company_adds_its_own_spellings_of_not_known() -> None:
    rules = cell_rules([" Select "])
    assert text_of("SELECT", rules) is None
    assert text_of("n/a", rules) is None
    assert text_of("SELECT", RULES) == "SELECT"
    assert math.isnan(number_of("select", rules))


@pytest.mark.parametrize(
    ("cell", "truth"),
    [
        ("Yes", 1.0),
        ("n", 0.0),
        ("TRUE", 1.0),
        ("false", 0.0),
        (True, 1.0),
        (False, 0.0),
        (1, 1.0),
        (0, 0.0),
        (1.0, 1.0),
        (0.0, 0.0),
        ("1", 1.0),
        ("0", 0.0),
        ("ja", 1.0),
        ("nein", 0.0),
        (np.True_, 1.0),
        ("on", 1.0),
    ],
)
def test_yes_and_no_are_read_in_several_spellings(cell: Any, truth: float) -> None:
    assert boolean_of(cell, RULES) == truth


@pytest.mark.parametrize("cell", ["maybe", 2, -1, 0.5, "yesno", "10", ["yes"]])
def test_what_is_neither_yes_nor_no_is_refused(cell: Any) -> None:
    with pytest.raises(CellError, match=r"yes or no|one value, not several"):
        boolean_of(cell, RULES)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (11, "11"),
        (11.0, "11"),
        ("11", "11"),
        (1.5, "1.5"),
        (" New   York ", "New York"),
        ("007", "007"),
        (-0.0, "0"),
        (True, "True"),
        (2**60, str(2**60)),
    ],
)
def test_a_category_is_the_same_text_from_a_file_and_from_a_request(cell: Any, text: str) -> None:
    assert text_of(cell, RULES) == text


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("aws; python;", ("aws", "python")),
        ("a;b;a", ("a", "b")),
        ("; ;", None),
        ("a;n/a;b", ("a", "b")),
        (["a", None, "b;c"], ("a", "b;c")),
        ((), None),
        (np.array(["a", "b"]), ("a", "b")),
        (5.0, ("5",)),
    ],
)
def test_many_values_in_a_cell_are_parted_and_counted_once(cell: Any, values: tuple[str, ...] | None) -> None:
    assert values_of(cell, ";", RULES) == values


def test_true_and_one_and_one_point_zero_are_different_cells() -> None:
    codes, distinct = distinct_cells([True, 1, 1.0, "1", True, 1.0])
    assert codes.tolist() == [0, 1, 2, 3, 0, 2]
    assert [type(cell) for cell in distinct] == [bool, int, float, str]
    codes, _ = distinct_cells([[True], [1], [1.0], [1]])
    assert codes.tolist() == [0, 1, 2, 1]


@given(st.lists(CELLS, max_size=12))
@example([0.0, -0.0])
@example([-0.0, 0.0])
@example([1, True, 1.0])
@example([[1.0], [True], [1]])
@pytest.mark.parametrize("rules", [RULES, COMMA, cell_rules(["select"])], ids=["point", "comma", "select"])
def test_a_column_is_parsed_as_its_cells_are_one_by_one_to_the_bit(
    rules: CellRules, cells: list[Any]
) -> None:
    parsers = (
        lambda cell: number_of(cell, rules),
        lambda cell: boolean_of(cell, rules),
        lambda cell: values_of(cell, ";", rules),
    )
    for parse in parsers:
        for column in (cells, pd.Series(cells, dtype=object, index=range(7, 7 + len(cells)))):
            codes, parsed, wrong = parsed_column(column, parse, "nothing")
            here = [
                ("expected", wrong[row]) if row in wrong else outcome(parsed.__getitem__, code)
                for row, code in enumerate(codes.tolist())
            ]
            assert here == [outcome(parse, cell) for cell in cells]


@given(st.lists(st.one_of(st.none(), WRITTEN), min_size=1, max_size=12))
def test_a_text_column_of_a_file_is_parsed_as_its_cells_are(cells: list[str | None]) -> None:
    codes, parsed, wrong = parsed_column(
        pd.Series(cells, dtype="str"), lambda cell: text_of(cell, RULES), None
    )
    assert wrong == {}
    assert [parsed[code] for code in codes] == [text_of(cell, RULES) for cell in cells]


@given(st.lists(st.one_of(st.floats(allow_infinity=False), st.just(-0.0)), min_size=1, max_size=8))
def test_a_column_of_typed_numbers_is_parsed_as_its_cells_are_to_the_bit(cells: list[float]) -> None:
    codes, parsed, _ = parsed_column(pd.Series(cells), lambda cell: number_of(cell, RULES), math.nan)
    assert [bits(parsed[code]) for code in codes] == [bits(number_of(cell, RULES)) for cell in cells]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_and_its_text_are_the_same_number(number: float) -> None:
    assert number_of(repr(number), RULES) == number_of(number, RULES) == number


@given(st.lists(CELLS, max_size=12))
def test_a_cell_is_a_finite_number_or_missing_or_refused(cells: list[Any]) -> None:
    for cell in cells:
        try:
            number = number_of(cell, RULES)
        except CellError:
            continue
        assert math.isnan(number) or math.isfinite(number)


@pytest.mark.parametrize("cell", [{"a": 1}, [["nested"]], [{"a": 1}], np.array(["a", "b"])])
def test_a_cell_that_cannot_be_hashed_is_a_cell_like_any_other(cell: Any) -> None:
    codes, parsed, wrong = parsed_column(
        ["1", cell, "1", cell], lambda cell: number_of(cell, RULES), math.nan
    )
    assert [parsed[code] for code in codes[[0, 2]]] == [1.0, 1.0]
    assert wrong == dict.fromkeys((1, 3), "one value, not several")
    _, held, wrong = parsed_column([cell], lambda cell: values_of(cell, ";", RULES), None)
    assert (held, wrong) in [([("a", "b")], {}), ([None], {0: "one value, not several"})]
