"""From leads to what is sent, step by step; each step is taken for all of them before the next."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from models.score import Score, Unscorable
from serving.door.watch import failure
from serving.scoring.answers import problem_of
from serving.wire.problems import MEDIA_TYPE, respond

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.one_lead import OneLead
    from serving.scoring.answers import Answerer
    from serving.wire.problems import Problem


class Answer(NamedTuple):
    """What is sent, and how it came about: the score, and the seconds that features, score and JSON took."""

    status: int
    kind: bytes
    body: bytes
    score: int | None = None
    steps: tuple[float, float, float] | None = None


def answers_of(
    answerer: Answerer, leads: Sequence[OneLead], shown: int | None, request_ids: Sequence[str]
) -> list[Answer]:
    """Return the answer for each lead: its score, what could not be read of it, or that something failed.

    What fails for one of several fails for that one alone. Of a step that was taken for all, each has its
    share of the seconds.
    """
    try:
        return _answers(answerer, leads, shown)
    except Exception as problem:  # noqa: BLE001 - whatever failed, the caller gets a problem document
        if len(leads) == 1:
            return [_refused(failure(problem, request_ids[0]))]
        alone = zip(leads, request_ids, strict=True)
        return [answers_of(answerer, [lead], shown, [request_id])[0] for lead, request_id in alone]


def _answers(answerer: Answerer, leads: Sequence[OneLead], shown: int | None) -> list[Answer]:
    scorer, share = answerer.scorer, 1.0 / len(leads)
    began = time.perf_counter()
    vectors = scorer.vectors.of_each(leads)
    made = time.perf_counter()
    scores = scorer.score_each(leads, vectors, shown=shown)
    scored = time.perf_counter()
    told = [(lead, score) for lead, score in zip(leads, scores, strict=True) if isinstance(score, Score)]
    bodies = iter(answerer.jsons([lead for lead, _ in told], [score for _, score in told]))
    steps = (made - began) * share, (scored - made) * share, (time.perf_counter() - scored) * share
    return [
        _refused(problem_of(score))
        if isinstance(score, Unscorable)
        else Answer(200, b"application/json", next(bodies), score.score, steps)
        for score in scores
    ]


def _refused(problem: Problem) -> Answer:
    response = respond(problem)
    return Answer(response.status_code, MEDIA_TYPE.encode(), bytes(response.body))
