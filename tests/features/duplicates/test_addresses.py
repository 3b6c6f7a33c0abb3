import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from features.duplicates.addresses import are_of_roles, are_valid, is_valid, one_spelling

PARTS = st.text(alphabet='ab.-_+@ü"1 ', max_size=6)


@given(st.lists(st.one_of(st.none(), st.builds("{}@{}.example".format, PARTS, PARTS)), max_size=10))
def test_many_addresses_are_valid_as_each_alone_is(addresses: list[str | None]) -> None:
    many = are_valid(pd.Series(addresses, dtype="str"))
    assert many.tolist() == [address is not None and is_valid(address) for address in addresses]


def test_what_has_not_the_shape_of_an_address_has_no_spelling() -> None:
    texts = pd.Series(["ada@acme.example", "ada@acme", "ada", None, "a da@acme.example"], dtype="str")
    assert one_spelling(texts).isna().tolist() == [False, True, True, True, True]


def test_letters_that_can_be_written_in_two_ways_are_written_in_one() -> None:
    texts = pd.Series(["jos\u00e9@acme.example", "jose\u0301@acme.example"], dtype="str")
    assert len(set(one_spelling(texts))) == 1


def test_tasks_are_told_from_people() -> None:
    texts = pd.Series(["info@acme.example", "no-reply@acme.example", "ada@info.example"], dtype="str")
    assert are_of_roles(texts).tolist() == [True, True, False]
