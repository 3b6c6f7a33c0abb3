"""The sentence names what matters, in whole points that add up."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from small_company import START, a_batch, dated_company, day

from models.changes.sentence import MOST, sentence
from models.changes.step import Changes, Happened, Step, rest_of
from models.score import Score


def a_score(score: int, as_of: int) -> Score:
    [scored] = dated_company().scorer.score(a_batch({"country": ["DE"]}), shown=0)
    assert isinstance(scored, Score)
    return replace(scored, score=score, as_of=as_of)


def a_step(kind: Any, *took_place: tuple[str, float]) -> Step:
    effect = sum(points for _, points in took_place)
    return Step(
        kind=kind,
        text="what took place",
        score=0,
        effect=effect,
        log_odds=None,
        happened=tuple(Happened(text, points, None) for text, points in took_place),
        parts=(rest_of([], "rest", effect=effect, log_odds=None),),
    )


def changed(*steps: Step, start: int = 41, days: float = 4) -> Changes:
    end = start + round(sum(step.effect for step in steps))
    return Changes(since=a_score(start, START), until=a_score(end, day(days)), steps=steps)


def said(*steps: Step, **more: Any) -> str:
    return sentence(changed(*steps, **more), is_now=True).replace("\N{MINUS SIGN}", "-")


def test_it_reads_as_a_person_would_say_it() -> None:
    steps = (
        a_step("time", ("a quiet week", -3.0)),
        a_step("events", ("opened two e-mails", 9.0), ("asked for a demo", 27.0)),
        a_step("model", ("new model", 4.0)),
    )
    assert said(*steps) == (
        "From 41 to 78 since Monday: a quiet week (-3), asked for a demo (+27), opened two e-mails (+9), "
        "new model (+4)"
    )


def test_many_things_are_gathered() -> None:
    deeds = [(f"deed {number}", 10.0 - number) for number in range(9)]
    told = said(a_step("events", *deeds), a_step("fields", ("Country: DE → FR", 0.0)), start=10)
    assert told.endswith(", deed 5 (+5), other (+9)")
    assert told.count("(") == MOST + 1


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((), "Still 41 since Monday"),
        ((a_step("time", ("a quiet week", 0.0)),), "Still 41 since Monday: a quiet week"),
        (
            (a_step("time", ("a week passed", 0.0)), a_step("events", ("opened an e-mail", 0.0))),
            "Still 41 since Monday: nothing that happened moved it",
        ),
        (
            (a_step("time", ("a week passed", -2.0)), a_step("events", ("asked for a demo", 2.0))),
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


@given(st.lists(st.integers(-60, 60), max_size=12), st.integers(-9, 9))
def test_the_points_of_a_sentence_add_up_to_its_difference(effects: list[int], waited: int) -> None:
    deeds = [(f"deed {at}", float(effect)) for at, effect in enumerate(effects)]
    told = said(a_step("time", ("a quiet week", float(waited))), a_step("events", *deeds))
    points = [int(piece.split(")")[0]) for piece in told.split("(")[1:]]
    assert sum(points) == sum(effects) + waited
    assert len(points) <= MOST + 1
