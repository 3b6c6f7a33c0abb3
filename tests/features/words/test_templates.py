import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.words.plurals import Plurals
from features.words.template import LONGEST, template

ENGLISH = Plurals({"one": "i = 1 and v = 0"})
POLISH = Plurals(
    {
        "one": "i = 1 and v = 0",
        "few": "v = 0 and i % 10 = 2..4 and i % 100 != 12..14",
        "many": "v = 0 and i != 1 and i % 10 = 0..1 or v = 0 and i % 10 = 5..9 or v = 0 and i % 100 = 12..14",
    }
)
FRENCH = Plurals({"one": "i = 0,1"})


@pytest.mark.parametrize(
    ("rules", "one", "few", "many", "other"),
    [
        (ENGLISH, [1], [], [], [0, 2, 11, 21, 101]),
        (POLISH, [1], [2, 3, 4, 22, 104], [0, 5, 11, 12, 13, 14, 21, 112], []),
        (FRENCH, [0, 1], [], [], [2, 3, 100]),
    ],
)
def test_a_count_takes_the_category_that_cldr_gives_it(
    rules: Plurals, one: list[int], few: list[int], many: list[int], other: list[int]
) -> None:
    """The samples are those of CLDR's own table."""
    for category, counts in {"one": one, "few": few, "many": many, "other": other}.items():
        assert {rules.category(n) for n in counts} <= {category}


@pytest.mark.parametrize(
    "rule", ["", "n = x", "import os", "n % 0 = 1", "n = 1 and", "n == 1", "i = 1; n = 2", "n = 1" * 200]
)
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match="a plural rule as CLDR writes it"):
        Plurals({"one": rule})
    with pytest.raises(ValueError, match="one of the categories"):
        Plurals({"two thirds": "n = 1"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{name.__class__}", "braces"),
        ("{0}", "braces"),
        ("{name!r}", "braces"),
        ("{name:>10000000}", "braces"),
        ("{name[0]}", "braces"),
        ("{{name}}", "braces"),
        ("a } b", "braces"),
        ("a\nb", "in one line"),
        ("a  b", "in one line"),
        (" a", "in one line"),
        ("a\N{RIGHT-TO-LEFT OVERRIDE}b", "in one line"),
        ("x" * (LONGEST + 1), f"at most {LONGEST}"),
        ("", "a text"),
        (7, "a text"),
    ],
)
def test_a_template_holds_names_in_braces_and_nothing_else(text: object, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        template(text)


@given(st.text(), st.text())
def test_what_is_filled_in_stands_as_it_is(first: str, second: str) -> None:
    filled = template("<{first}|{second}|{first}>").fill(first=first, second=second)
    assert filled == f"<{first}|{second}|{first}>"
