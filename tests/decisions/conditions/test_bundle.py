from typing import Any

import cel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisions.conditions import Bundle, syntax_fault
from decisions.conditions.bundle import MOST_REMEMBERED
from decisions.conditions.literals import with_values

CONDITIONS = {
    "over": "score >= 70",
    "large": "employees > 50.0",
    "large_or_hot": "employees > 50.0 || hot",
    "small_and_hot": "hot && employees <= limit",
    "here": "country in markets",
    "nowhere": "country in none || hot",
    "never": "size(none) > 0 && employees > 3.0",
    "there": "country == 'de' || country == \"at\"",
    "unknown": "employees == null",
    "text": "country + 'score' == 'descore'",
    "broken": "10 / score > 1",
}
CONSTANTS = {"limit": 50, "markets": ("de", "fr"), "none": ()}
VALUES = st.fixed_dictionaries(
    {
        "score": st.integers(0, 99),
        "employees": st.none() | st.floats(0, 100),
        "hot": st.booleans(),
        "country": st.sampled_from(["", "de", "fr", "it"]),
    }
)


def alone(text: str, values: dict[str, Any]) -> bool | None:
    """Return whether a condition holds by itself; None where it cannot be answered."""
    try:
        return bool(cel.compile(text).execute({**values, "limit": 50, "markets": ["de", "fr"], "none": []}))
    except (TypeError, ArithmeticError):
        return None


@given(VALUES)
def test_conditions_asked_together_hold_as_each_does_alone(values: dict[str, Any]) -> None:
    held = Bundle(CONDITIONS, CONSTANTS).ask(values)
    said = {name: alone(text, values) for name, text in CONDITIONS.items()}
    assert held.true == {name for name, holds in said.items() if holds}
    assert held.unknown == {name for name, holds in said.items() if holds is None}


@given(st.lists(VALUES, min_size=1, max_size=20))
def test_what_was_asked_before_makes_no_difference(asked: list[dict[str, Any]]) -> None:
    once = [Bundle(CONDITIONS, CONSTANTS).ask(values) for values in asked]
    bundle = Bundle(CONDITIONS, CONSTANTS)
    assert [bundle.ask(values) for values in [*asked, *asked]] == [*once, *once]


def test_more_values_than_are_remembered_are_answered_alike() -> None:
    bundle = Bundle({"even": "n % 2 == 0", "large": "n > 100"})
    for n in [*range(MOST_REMEMBERED + 20), 3, 4]:
        held = bundle.ask({"n": n}).true
        assert ("even" in held, "large" in held) == (n % 2 == 0, n > 100)


def test_lists_are_asked_for_too() -> None:
    bundle = Bundle({"found": "'a' in words", "both": "'a' in words && n > 1"})
    assert bundle.ask({"words": ["a", "b"], "n": 2}).true == {"found", "both"}
    assert bundle.ask({"words": ["b"], "n": 2}).true == set()


def test_what_is_selected_is_no_name_of_its_own() -> None:
    assert with_values("x . limit > limit", {"limit": 5}) == "x . limit > 5"
    assert syntax_fault("x == 'a // b' || x == '{}'") is None


def test_an_index_that_is_out_of_range_cannot_be_answered() -> None:
    bundle = Bundle({"at": "[1, 2][score] == 1", "over": "score > 70"})
    assert bundle.ask({"score": 0}).true == {"at"}
    held = bundle.ask({"score": 80})
    assert (held.true, held.unknown) == ({"over"}, {"at"})


def test_a_name_within_a_text_stays_what_it_is() -> None:
    assert with_values("x == 'limit' && limit > y.limit", {"limit": 5}) == "x == 'limit' && 5 > y.limit"
    assert with_values('x == "it\'s limit"', {"limit": 5}) == 'x == "it\'s limit"'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("score >", "unexpected end"),
        ("(" * 900, "Recursion limit"),
        ("x" * 1_001, "1,001 characters"),
        ("[1].map(x, x)", "a loop"),
        ("x.matches('a')", "a pattern"),
        ("score > 5 // all others", "a comment"),
        ("{'foo': 1}.foo == 1", "a map"),
        ("r'abc' == 'abc'", "simple quotes"),
        ("'''it's''' == x", "simple quotes"),
        ("(" * 95 + "true" + ")" * 95, "Recursion limit"),
    ],
)
def test_what_is_no_condition_is_said(text: str, said: str) -> None:
    assert said in str(syntax_fault(text))
