"""Moments that are read all at once, beside `parse_time`, which reads one after the other."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from score_bodies import MOMENTS

from features.moments import moments_us
from features.times import TimeError, TimeRules, parse_time

RULES = (TimeRules(zone="Europe/Berlin"), TimeRules("%d.%m.%Y"), TimeRules("epoch_s"))
OFFSETS = st.sampled_from(["Z", "z", "+00:00", "-23:59", "+05:30", "+24:00", "-01:60", "", "+0100"])
WRITTEN = st.datetimes().map(lambda at: at.isoformat()).flatmap(
    lambda text: st.sampled_from([text, text[:19], text + "789", text.replace("T", "t"), text + "."])
)  # fmt: skip
TAMPERED = st.tuples(WRITTEN, st.integers(0, 30), st.sampled_from(["", "9", "-", ":", "\n", "\u0663", "6"]))
TEXTS = (
    st.tuples(WRITTEN, OFFSETS).map("".join)
    | TAMPERED.map(lambda made: f"{made[0]}Z"[: made[1]] + made[2] + f"{made[0]}Z"[made[1] + 1 :])
    | st.sampled_from(MOMENTS)
)


def one_by_one(texts: list[str], rules: TimeRules) -> list[int] | None:
    try:
        return [parse_time(text, rules, day_end=True) for text in texts]
    except TimeError:
        return None


@pytest.mark.parametrize("rules", RULES, ids=str)
def test_what_is_read_at_once_is_read_so_one_by_one_by_whatever_rules(
    rules: TimeRules, proof_size: Callable[[int, int], int]
) -> None:
    read = 0

    @examples(max_examples=proof_size(300, 50_000), deadline=None, database=None)
    @given(st.lists(TEXTS, max_size=4))
    @example([])
    @example(["2000-02-29T00:00:00Z", "1900-02-29T00:00:00Z"])
    @example(["1900-01-01T00:00:00+23:59", "2200-12-31T23:59:59.999999-23:59"])
    @example(["2026-11-20T17:02:11Z\n2026-11-20T17:02:11Z"])
    def holds(texts: list[str]) -> None:
        nonlocal read
        moments = moments_us(texts)
        if moments is not None:
            read += 1
            assert moments == one_by_one(texts, rules)

    holds()
    assert read > 1


@pytest.mark.parametrize("text", [
    "2026-11-20T17:02:11Z", "2026-11-20T17:02:11.5Z", "2026-11-20T17:02:11.1234567+01:00",
    "2024-02-29t23:59:59z", "1900-01-01T00:00:00+14:00", "2200-12-31T23:59:59-14:00",
])  # fmt: skip
def test_moments_as_they_are_usually_written_are_read_at_once(text: str) -> None:
    assert moments_us([text, text]) == [parse_time(text, TimeRules(), day_end=True)] * 2


def test_what_is_no_text_is_not_read_at_once() -> None:
    assert moments_us(["2026-11-20T17:02:11Z", 5]) is None  # type: ignore[list-item]  # as a body may have it
