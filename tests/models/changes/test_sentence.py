"""The sentence names what matters, in whole points that add up."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import START, a_batch, dated_company, day

from models.changes.sentence import MOST, sentence, whole_parts
from models.changes.step import Changes, Part, Step, rest_of
from models.score import Score

POINTS = st.floats(-60, 60)


def a_score(score: int, as_of: int) -> Score:
    [scored] = dated_company().scorer.score(a_batch({"country": ["DE"]}), shown=0)
    assert isinstance(scored, Score)
    return replace(scored, score=score, as_of=as_of)


def a_step(kind: Any, text: str, effect: float, parts: Any = (), things: int = 1) -> Step:
    told = [
        Part(text=name, effect=points, log_odds=None, family="fit", features=(), is_own=is_own)
        for name, points, is_own in parts
    ]
    rest = rest_of(told, "rest", effect=effect, log_odds=None)
    return Step(
        kind=kind,
        text=text,
        shortly=text,
        score=0,
        effect=effect,
        log_odds=None,
        parts=(*told, rest),
        things=things,
    )


def changed(*steps: Step, start: int = 41, days: float = 4) -> Changes:
    end = start + round(sum(step.effect for step in steps))
    return Changes(since=a_score(start, START), until=a_score(end, day(days)), steps=steps)


def said(*steps: Step, **more: Any) -> str:
    return sentence(changed(*steps, **more), is_now=True).replace("\N{MINUS SIGN}", "-")


def test_it_reads_as_a_person_would_say_it() -> None:
    acts = [("asked for a demo", 26.6, True), ("opened two e-mails", 9.2, True), ("Country", 0.2, False)]
    steps = (
        a_step("time", "a quiet week", -3.0),
        a_step("events", "both", 36.0, acts, things=2),
        a_step("model", "new model", 4.0),
    )
    assert said(*steps) == (
        "From 41 to 78 since Monday: a quiet week (-3), asked for a demo (+27), opened two e-mails (+9), "
        "new model (+4)"
    )


def test_one_thing_that_happened_has_the_whole_step() -> None:
    parts = [("more activity", 8.0, True), ("asked for a demo", 11.0, True)]
    assert said(a_step("events", "asked for a demo", 20.0, parts)) == (
        "From 41 to 61 since Monday: asked for a demo (+20)"
    )


def test_small_and_many_things_are_gathered() -> None:
    parts = [(f"deed {number}", 10.0 - number, True) for number in range(9)]
    small = a_step("fields", "Country: DE → FR", 0.0, [("Country", 0.4, True), ("Age", 7.0, False)], 2)
    told = said(a_step("events", "many", 54.0, parts, 9), small, start=10)
    assert told.endswith(", deed 5 (+5), other (+9)")
    assert told.count("(") == MOST + 1


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((), "Still 41 since Monday"),
        ((a_step("time", "a quiet week", 0.0),), "Still 41 since Monday: a quiet week"),
        ((a_step("time", "a week passed", 0.0), a_step("events", "x", 0.0)), "Still 41 since Monday"),
        (
            (a_step("time", "a week passed", -2.0), a_step("events", "asked for a demo", 2.0)),
            "Still 41 since Monday: a week passed (-2), asked for a demo (+2)",
        ),
    ],
)
def test_a_score_that_stayed_is_said_to_have_stayed(steps: tuple[Step, ...], expected: str) -> None:
    assert said(*steps) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0.5, "since 00:00 UTC"), (6.9, "since Monday"), (7, "since 1 January"), (370, "since 1 January 2024")],
)
def test_a_moment_is_called_as_it_is_called_later(days: float, expected: str) -> None:
    assert said(days=days) == f"Still 41 {expected}"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0.5, "between 00:00 and 12:00 UTC on 1 January"),
        (7, "between 1 January and 8 January"),
        (370, "between 1 January 2024 and 5 January"),
    ],
)
def test_two_moments_of_the_past_are_both_named(days: float, expected: str) -> None:
    assert sentence(changed(days=days), is_now=False) == f"Still 41 {expected}"


@given(st.lists(POINTS, min_size=1, max_size=9))
def test_whole_points_add_up_and_each_is_less_than_one_away(parts: list[float]) -> None:
    whole = whole_parts(parts)
    assert sum(whole) == round(sum(parts)) or abs(sum(whole) - sum(parts)) <= 0.5 + 1e-9
    assert all(abs(one - part) < 1 for one, part in zip(whole, parts, strict=True))


@given(st.lists(st.tuples(POINTS, st.booleans()), max_size=9), st.integers(-40, 50))
def test_the_points_of_a_sentence_add_up_to_its_difference(parts: Any, effect: int) -> None:
    events = a_step("events", "x", float(effect), [(f"d{i}", *part) for i, part in enumerate(parts)], 2)
    told = said(a_step("time", "a quiet week", -1.0), events)
    points = [int(piece.split(")")[0]) for piece in told.split("(")[1:]]
    assert sum(points) == effect - 1
