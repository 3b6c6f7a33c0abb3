"""Codes of types and details, which are kept from one log to the next."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features import key_book
from features.key_book import MOST_KEYS, MOST_STRANGERS, Coded, KeyBook, coded

TOUCHES = frozenset({"call"})
PAIRS = st.lists(
    st.tuples(
        st.sampled_from(["visit", "call", "visit.blog"]), st.sampled_from([None, "", "blog"]) | st.text()
    )
)


def told(said: Coded) -> list[tuple[str, str | None, bool]]:
    """Return what codes stand for: type, type with detail, and whether it is one of touches."""
    codes = zip(said.key.tolist(), said.detail_key.tolist(), said.is_touch.tolist(), strict=True)
    return [(said.keys[key], None if at < 0 else said.keys[at], touch) for key, at, touch in codes]


def plainly(pairs: list[tuple[str, str | None]]) -> list[tuple[str, str | None, bool]]:
    return [(kind, None if at is None else f"{kind}.{at}", kind in TOUCHES) for kind, at in pairs]


def of(pairs: list[tuple[str, str | None]]) -> Coded:
    return coded([kind for kind, _ in pairs], [detail for _, detail in pairs], TOUCHES)


@given(st.lists(PAIRS, max_size=5))
def test_codes_say_what_the_events_said_whatever_was_coded_before(
    logs: list[list[tuple[str, str | None]]],
) -> None:
    assert [told(of(pairs)) for pairs in logs] == [plainly(pairs) for pairs in logs]


def test_keys_are_one_object_until_there_are_more_and_codes_stay() -> None:
    book = KeyBook(TOUCHES, 10)
    rows = book["visit", None], book["call", "blog"]
    keys = book.keys_met()
    assert book.keys_met() is keys
    assert (book["visit", None], book["call", "blog"]) == rows
    assert book["form", None]
    assert book.keys_met()[:3] == keys == ("visit", "call", "call.blog")


def test_details_without_number_fill_no_memory_and_are_coded_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_book, "MOST_STRANGERS", 3)
    logs = [[("visit", f"page {at}"), ("call", None)] for at in range(MOST_KEYS + 10)]
    said = [of(pairs) for pairs in logs]
    assert [told(one) for one in said] == [plainly(pairs) for pairs in logs]
    assert max(len(one.keys) for one in said) <= MOST_KEYS
    again = [of(logs[-1]), of(logs[-1])]  # after enough of them, they are what is kept
    assert any(one.keys is two.keys for one, two in pairwise([*said[-10:], *again]))
    assert MOST_STRANGERS > 3
