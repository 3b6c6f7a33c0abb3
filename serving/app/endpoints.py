"""The typed endpoints, as BentoML serves them: /score, /score_batch, readiness, and the pages beside them."""

from __future__ import annotations

import gc
import logging
import os
from typing import TYPE_CHECKING, Any

os.environ.setdefault(
    "BENTOML_DO_NOT_TRACK", "True"
)  # read when bentoml is imported: nothing is sent anywhere

import anyio.to_thread
import bentoml
from starlette.responses import Response

from serving.door.exchange import exchange_of
from serving.places import place_of
from serving.scoring.answers import batch_document
from serving.scoring.bodies import (  # noqa: TC001 - BentoML reads the annotations
    BatchAnswer,
    BatchBody,
    ScoreAnswer,
    ScoreBody,
)
from serving.web.pages import pages
from serving.wire.encoding import to_json
from serving.wire.problems import Problem, respond

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from serving.door.exchange import Asked, Exchange
    from serving.parts import Parts

CONFIG: dict[str, Any] = {
    "name": "leadlens",
    "workers": 1,
    "logging": {"access": {"enabled": False}},  # it writes paths, which hold ids of leads; Watch has its own
    "metrics": {"enabled": False},  # they count by path, ids of leads included, and without bound
    "traffic": {"timeout": 7_200},  # Watch gives up sooner, and says so in a problem document
}
_log = logging.getLogger("leadlens.service")


def endpoints(parts: Callable[[], Parts]) -> type:
    """Return the class that BentoML makes one instance of when the service starts."""

    class Endpoints:
        """Predictive lead scoring: how likely a lead is to convert, why, and what to do about it."""

        def __init__(self) -> None:
            self._champion = parts().champion
            parts().policies.follow()
            self._champion.follow()
            logging.getLogger("leadlens").setLevel(logging.INFO)
            gc.collect()
            gc.freeze()  # hundreds of thousands of objects stay for good: the collector need not walk them

        @bentoml.api(route="/score")
        async def score(self, body: ScoreBody, /, ctx: bentoml.Context) -> ScoreAnswer:  # noqa: ARG002 - documents the body, which the layers have read
            """Score one lead as of a moment, with reasons and advice. Without ?record nothing is kept."""
            return await _answered(ctx, _one)  # type: ignore[return-value]  # BentoML passes a response on as it is

        @bentoml.api(route="/score_batch")
        async def score_batch(self, body: BatchBody, /, ctx: bentoml.Context) -> BatchAnswer:  # noqa: ARG002 - as above
            """Score up to 1,000 leads; the answers, each a score or a problem, stand in the same order."""
            return await _answered(ctx, _many)  # type: ignore[return-value]  # BentoML passes a response on as it is

        def __is_ready__(self) -> bool:
            """Whether a champion is loaded."""
            return self._champion.at_hand() is not None

    return Endpoints


def behind_layers(
    service: Any, parts: Callable[[], Parts], layers: Callable[[ASGIApp, Callable[[], Parts]], ASGIApp]
) -> Any:
    """Put layers in front of a BentoML service and the pages beside its endpoints; return the service."""
    service.add_asgi_middleware(layers, parts=parts)
    service.mount_asgi_app(pages(parts), path="/", name="pages")
    return service


def _one(asked: Asked, exchange: Exchange) -> Response:
    [answer] = asked.answerer.answer_all(asked.leads, shown=asked.reasons_shown, explains=asked.explains)
    if isinstance(answer, Problem):
        return respond(answer)
    exchange.score, exchange.version = answer["score"], answer["model"]["version"]
    return Response(to_json(answer), media_type="application/json")


def _many(asked: Asked, _exchange: Exchange) -> Response:
    answers = asked.answerer.answer_all(asked.leads, shown=asked.reasons_shown)
    return Response(to_json(batch_document(answers)), media_type="application/json")


async def _answered(ctx: Any, answer: Callable[[Asked, Exchange], Response]) -> Response:
    """Answer outside the event loop's thread where there is more than one lead.

    Nothing may be raised from here: BentoML would write the exception's message into its log.
    """
    exchange = exchange_of(ctx.request.scope)
    try:
        asked = exchange.asked
        if asked is None:
            response = respond(Problem(status=500, detail="The request did not come through the gate."))
        elif len(asked.leads) > 1:
            response = await anyio.to_thread.run_sync(answer, asked, exchange)
        else:
            response = answer(asked, exchange)
    except Exception as problem:  # noqa: BLE001 - see above
        _log.error("%s at %s (request %s)", type(problem).__name__, place_of(problem), exchange.request_id)
        detail = "The service failed. Its log says where, under the id in X-Request-ID."
        response = respond(Problem(status=500, detail=detail))
    ctx.response.status_code = response.status_code  # BentoML puts the context's status over the response's
    return response
