from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.cells import CellRules
from features.columns import SUPPORT, Column, Unused, learn_column
from features.columns.learned import MULTI_SIZE, VOCABULARY_SIZE

RULES = CellRules()
ROWS = 100


def repeated(*values: Any, rows: int = ROWS) -> list[Any]:
    return [values[row % len(values)] for row in range(rows)]


def numbered(pattern: str, rows: int = ROWS) -> list[str]:
    return [pattern.format(row) for row in range(rows)]


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("employees", numbered("{}"), "category or unused"),
        ("employees", [f"{(row * 7) % 40}" for row in range(ROWS)], "number"),
        ("revenue", numbered("{}.5"), "number"),
        ("revenue", [None, *numbered("1,{:03}")], "number"),
        ("budget", repeated(1.5, 2.5, 3.5), "number"),
        ("flag", repeated(0, 1), "number"),
        ("opted_in", repeated("yes", "no"), "boolean"),
        ("opted_in", repeated(True, False), "boolean"),
        ("opted_in", repeated("TRUE", "", "FALSE"), "boolean"),
        ("country", repeated("DE", "FR", "US"), "country"),
        ("Land", repeated("Deutschland", "Schweiz", None), "country"),
        ("Country Code", repeated("DEU", "CHE"), "country"),
        ("pays", repeated("France", "Belgique"), "country"),
        ("país", repeated("España", "México"), "country"),
        ("Herkunftsland", repeated("Deutschland", "Schweiz"), "country"),
        ("Shipping Country", repeated("DE", "FR"), "country"),
        ("countries", repeated("DE", "FR"), "country"),
        ("country", [*repeated("DE", rows=80), *repeated("??x", rows=20)], "country"),
        ("country", [*repeated("DE", rows=79), *repeated("??x", rows=21)], "category"),
        ("country", repeated("north", "south"), "category"),
        ("landing", repeated("DE", "FR"), "category"),
        ("market", repeated("DE", "FR"), "category"),
        ("tier", repeated("A"), "category"),
        ("zip", repeated("01067", "80331", "20095"), "category"),
        ("postal_code", repeated("01067", "80331", "20095"), "category"),
        ("department number", repeated(1, 2, 3), "category"),
        ("job_title", repeated("CEO", "VP Sales", "Buyer"), "title"),
        ("Title", numbered("Engineer {}"), "title"),
        ("email", numbered("p{}@acme.example"), "email"),
        ("contact", [*numbered("p{}@acme.example", 85), *repeated("unknown", rows=15)], "email"),
        ("skills", repeated(["aws"], ["aws", "python"]), "multi"),
        ("skills", repeated(("aws",), None), "multi"),
    ],
)  # fmt: skip
def test_the_kind_of_a_column_is_learned_from_its_name_and_cells(
    name: str, cells: list[Any], kind: str
) -> None:
    learned = learn_column(name, cells, RULES)
    if kind == "category or unused":
        assert isinstance(learned, Unused)
        assert "identifier" in learned.why
    else:
        assert isinstance(learned, Column), learned
        assert learned.kind == kind


@pytest.mark.parametrize(
    ("name", "cells", "why"),
    [
        ("empty", repeated(None, "", "n/a"), "always empty"),
        ("id", numbered("{:08}"), "identifier"),
        ("customer_no", numbered("{}"), "identifier"),
        ("reference", numbered("REF-{}"), "identifier or free text"),
        ("comment", numbered("Called {} times, was interested."), "identifier or free text"),
        ("first_name", repeated("Ada", "Max"), "names of people"),
        ("Last Name", repeated("Muster", "Doe"), "names of people"),
        ("Lead Name", repeated("Ada", "Max"), "names of people"),
        ("name", repeated("Ada", "Max"), "names of people"),
        ("phone", repeated("030 123456"), "phone"),
        ("mobile", numbered("+49 30 1234{:03}"), "phone"),
        ("mobile", numbered("(030) 1234{:03}"), "phone"),
        ("signed", numbered("2024-01-{:02}", 28), "a date"),
        ("signed", repeated("31/12/2023", "1.1.2024 08:00"), "a date"),
        ("signed", repeated("12 March 2024", "1 May 2024"), "a date"),
        ("signed", repeated(datetime(2024, 1, 1, tzinfo=UTC), pd.Timestamp("2024-02-01")), "a date"),
        ("tier", repeated("A", *[None] * 9), "fewer than 20 leads"),
        ("segment", repeated(*(f"s{n}" for n in range(10))), "no value is shared"),
    ],
)  # fmt: skip
def test_a_column_that_tells_nothing_or_points_to_a_person_is_not_used(
    name: str, cells: list[Any], why: str
) -> None:
    learned = learn_column(name, cells, RULES)
    assert isinstance(learned, Unused), learned
    assert learned.name == name
    assert why in learned.why


def test_an_id_with_leading_zeros_that_leads_share_stays_text() -> None:
    learned = learn_column("branch_id", repeated("007", "7"), RULES)
    assert isinstance(learned, Column)
    assert learned.kind == "category"
    assert set(learned.vocabulary) == {"007", "7"}


def test_of_five_hundred_values_the_commonest_two_hundred_are_known_by_name() -> None:
    cells = [f"v{n:03}" for n in range(500) for _ in range(SUPPORT + (n == 499))]
    learned = learn_column("industry", cells, RULES)
    assert isinstance(learned, Column)
    assert len(learned.vocabulary) == VOCABULARY_SIZE
    assert learned.vocabulary[:2] == ("v499", "v000")


def test_of_many_valued_columns_the_commonest_twenty_values_are_features() -> None:
    cells = [[f"v{n:02}"] for n in range(30) for _ in range(SUPPORT + (n == 29))]
    learned = learn_column("skills", cells, RULES)
    assert isinstance(learned, Column)
    assert len(learned.vocabulary) == MULTI_SIZE
    assert learned.vocabulary[:2] == ("v29", "v00")


@pytest.mark.parametrize(("leads", "known"), [(SUPPORT - 1, False), (SUPPORT, True)])
def test_a_value_is_known_by_name_from_twenty_leads_on(leads: int, known: bool) -> None:
    cells = ["rare"] * leads + ["common"] * 50
    learned = learn_column("segment", cells, RULES)
    assert isinstance(learned, Column)
    assert ("rare" in learned.vocabulary) is known


@pytest.mark.parametrize(("leads", "known"), [(SUPPORT - 1, False), (SUPPORT, True)])
def test_one_of_many_values_is_known_by_name_from_twenty_leads_on(leads: int, known: bool) -> None:
    cells = [["rare", "Rare", "rare"]] * leads + [["common"]] * 50
    learned = learn_column("interests", cells, RULES)
    assert isinstance(learned, Column)
    assert ("rare" in {value.casefold() for value in learned.vocabulary}) is known


@given(st.lists(st.sampled_from(["a", "A", "b", "B ", "c", "", None]), max_size=120))
def test_every_known_value_has_its_twenty_leads_whatever_its_case(cells: list[str | None]) -> None:
    learned = learn_column("segment", cells, RULES)
    counts = {name: sum((cell or "").strip().casefold() == name for cell in cells) for name in "abc"}
    enough = {name for name, count in counts.items() if count >= SUPPORT}
    known = set() if isinstance(learned, Unused) else {value.casefold() for value in learned.vocabulary}
    if isinstance(learned, Column) or "fewer than" not in learned.why:
        assert known == enough


def test_typed_numbers_stay_numbers_where_the_company_writes_a_decimal_comma() -> None:
    learned = learn_column("budget", pd.Series(np.arange(ROWS) + 0.25), CellRules(decimal=","))
    assert isinstance(learned, Column)
    assert learned.kind == "number"


@pytest.mark.parametrize(
    "name", ["utm_source", "Lead Source", "campaign", "How did you hear about us", "Referrer"]
)
def test_where_a_lead_came_from_is_context(name: str) -> None:
    learned = learn_column(name, repeated("search", "fair"), RULES)
    assert isinstance(learned, Column)
    assert learned.family == "context"


def test_the_mapping_puts_any_column_into_the_context() -> None:
    learned = learn_column("country", repeated("DE", "FR"), RULES, context=True)
    assert isinstance(learned, Column)
    assert learned.family == "context"


def test_the_order_of_the_leads_moves_no_name_in_a_vocabulary() -> None:
    cells = [*["DE"] * 30, *["de"] * 30, *["FR"] * 60, *["US"] * 25]
    learned = learn_column("country", cells, RULES)
    assert learned == learn_column("country", cells[::-1], RULES)
    assert isinstance(learned, Column)
    assert learned.vocabulary == ("DE", "FR", "US")
