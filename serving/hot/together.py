"""Requests that are here at one time, answered together.

Nobody waits for others to come. But who came while others were answered is here when they are done, and then
a step that is taken for all of them is in the processor's own memory after the first: the more a server has
to do, the less time it takes for each.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from serving.hot.answering import answers_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from features.one_lead import OneLead
    from serving.hot.answering import Answer
    from serving.scoring.answers import Answerer

MOST_TOGETHER = 12
"""More would keep the event loop for longer than a millisecond or two."""


@dataclass(slots=True, eq=False)
class Waiting:
    """A request that waits for its answer; None is for what takes a closer look.

    `arrived_at`: microseconds UTC. `passes` is asked once, of a body that was understood, whether the caller
    may ask now. `answer` and `read_seconds` are known when `done` is.
    """

    body: bytes
    arrived_at: int
    request_id: str
    passes: Callable[[], bool]
    done: asyncio.Future[None]
    answer: Answer | None = None
    read_seconds: float = 0.0


@dataclass(slots=True, eq=False)
class _Round:
    answerer: Answerer
    shown: int | None
    waiting: list[Waiting] = field(default_factory=list)
    is_over: bool = False

    def takes(self, answerer: Answerer, shown: int | None) -> bool:
        is_free = not self.is_over and len(self.waiting) < MOST_TOGETHER
        return is_free and self.answerer is answerer and self.shown == shown

    def answer(self) -> None:
        """Answer all that wait. Whatever happens, nobody waits on: who has no answer is passed on."""
        self.is_over = True
        try:
            self._answer()
        finally:
            for one in self.waiting:
                if not one.done.done():  # whoever waits may have been cancelled
                    one.done.set_result(None)

    def _answer(self) -> None:
        began = time.perf_counter()
        read = [self.answerer.reader.take_usual(one.body, one.arrived_at) for one in self.waiting]
        seconds = (time.perf_counter() - began) / len(read)
        asked: list[tuple[Waiting, OneLead]] = [
            (one, lead)
            for one, lead in zip(self.waiting, read, strict=True)
            if lead is not None and one.passes()
        ]
        if asked:
            leads, ids = [lead for _, lead in asked], [one.request_id for one, _ in asked]
            answers = answers_of(self.answerer, leads, self.shown, ids)
            for (one, _), answer in zip(asked, answers, strict=True):
                one.answer, one.read_seconds = answer, seconds


class Together:
    """Gathers the requests of one event loop."""

    def __init__(self) -> None:
        self._round: _Round | None = None

    def join(self, one: Waiting, answerer: Answerer, shown: int | None) -> None:
        """Have a request answered when the loop turns to it; `shown` is how many reasons are told."""
        gathering = self._round
        if gathering is None or not gathering.takes(answerer, shown):
            gathering = self._round = _Round(answerer, shown)
            one.done.get_loop().call_soon(gathering.answer)
        gathering.waiting.append(one)
