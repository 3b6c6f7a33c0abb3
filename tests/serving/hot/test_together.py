"""Requests that are answered together, beside the same requests alone."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from fake_scorer import DATED, FakeScorer
from score_bodies import USUAL

from decisions.policy import Policy
from features.mapping import mapping_from
from serving.hot.together import MOST_TOGETHER, Together, Waiting
from serving.scoring.answers import Answerer
from serving.scoring.requests import RequestReader

NOW = 1_795_253_400_000_000


def an_answerer() -> Answerer:
    mapping = mapping_from(DATED)
    return Answerer(FakeScorer(mapping), Policy(), RequestReader(mapping, event_limit=9, batch_limit=2))


def body(employees: object) -> bytes:
    return json.dumps({**USUAL, "lead": {**USUAL["lead"], "employees": employees}, "events": []}).encode()


def waiting(one: bytes, passes: Callable[[], bool] = lambda: True) -> Waiting:
    return Waiting(one, NOW, "0123456789abcdef", passes, asyncio.get_running_loop().create_future())


def answered(
    *bodies: bytes, shown: tuple[int | None, ...] = (5,), answerer: Answerer | None = None
) -> list[Waiting]:
    """Return what requests that come at one time are answered; `shown`: numbers of reasons, in turn."""
    who = answerer or an_answerer()

    async def come() -> list[Waiting]:
        together = Together()
        all_of_them = [waiting(one) for one in bodies]
        for at, one in enumerate(all_of_them):
            together.join(one, who, shown[at % len(shown)])
        await asyncio.gather(*(one.done for one in all_of_them))
        return all_of_them

    return asyncio.run(come())


def bytes_of(one: Waiting) -> tuple[int, bytes]:
    assert one.answer is not None
    return one.answer.status, one.answer.body


def test_requests_together_are_answered_as_each_alone() -> None:
    bodies = [body(at) for at in (*range(2 * MOST_TOGETHER), "many", None)]
    shown = (5, 5, 5, None)
    together = [bytes_of(one) for one in answered(*bodies, shown=shown)]
    alone = [bytes_of(answered(one, shown=(shown[at % 4],))[0]) for at, one in enumerate(bodies)]
    assert together == alone
    assert [status for status, _ in together] == [200] * 2 * MOST_TOGETHER + [422, 200]


def test_what_takes_a_closer_look_is_left_and_the_others_are_answered() -> None:
    first, second, third = answered(body(1), b'{"lead": 5}', body(2))
    assert second.answer is None
    assert bytes_of(first)[0] == bytes_of(third)[0] == 200


def test_who_asks_too_often_is_left_and_is_asked_only_of_a_body_that_was_understood() -> None:
    asked: list[str] = []

    async def come() -> list[Waiting]:
        together, who = Together(), an_answerer()
        passes = {
            "may": lambda: not asked.append("may"),
            "may not": lambda: bool(asked.append("may not")),
            "unclear": lambda: not asked.append("unclear"),
        }
        ones = [waiting(b"{}" if name == "unclear" else body(1), passes[name]) for name in passes]  # type: ignore[arg-type]  # append returns None
        for one in ones:
            together.join(one, who, 5)
        await asyncio.gather(*(one.done for one in ones))
        return ones

    may, may_not, unclear = asyncio.run(come())
    assert may.answer is not None
    assert may_not.answer is unclear.answer is None
    assert asked == ["may", "may not"]


def test_what_fails_for_one_fails_for_that_one_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    score = FakeScorer.score_each

    def fails_for_seven(self: FakeScorer, leads: Any, vectors: Any, *, shown: int | None) -> Any:
        if any(lead.cells["employees"] == 7 for lead in leads):
            raise ValueError("jane.doe@example.org")
        return score(self, leads, vectors, shown=shown)

    monkeypatch.setattr(FakeScorer, "score_each", fails_for_seven)
    statuses = [bytes_of(one)[0] for one in answered(body(1), body(7), body(3))]
    assert statuses == [200, 500, 200]
    assert "jane" not in caplog.text


def test_where_a_round_itself_fails_nobody_waits_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(RequestReader, "take_usual", fail)
    assert [one.answer for one in answered(body(1), body(2))] == [None, None]


def test_one_that_gave_up_keeps_nobody_from_an_answer() -> None:
    async def come() -> tuple[Waiting, Waiting]:
        together, who = Together(), an_answerer()
        first, second = waiting(body(1)), waiting(body(2))
        for one in (first, second):
            together.join(one, who, 5)
        first.done.cancel()
        await second.done
        return first, second

    first, second = asyncio.run(come())
    assert first.done.cancelled()
    assert bytes_of(second)[0] == 200


def test_of_a_swap_each_request_is_answered_by_whom_it_was_given_to() -> None:
    async def come() -> list[Waiting]:
        together, old, new = Together(), an_answerer(), an_answerer()
        new.scorer.version = 8
        ones = [waiting(body(1)) for _ in range(3)]
        for one, who in zip(ones, (old, new, new), strict=True):
            together.join(one, who, 5)
        await asyncio.gather(*(one.done for one in ones))
        return ones

    versions = [json.loads(bytes_of(one)[1])["model"]["version"] for one in asyncio.run(come())]
    assert versions == [7, 8, 8]
