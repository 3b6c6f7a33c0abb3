"""A bare Starlette app that reads a body and answers with as many bytes as it is told: the peer of speed."""

import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ANSWER = b'{"echo":"' + b"x" * (int(os.environ.get("ECHO_BYTES", "1500")) - 11) + b'"}'


async def score(request: Request) -> Response:
    """Take the body in, and answer."""
    await request.body()
    return Response(ANSWER, media_type="application/json")


app = Starlette(routes=[Route("/score", score, methods=["POST"])])
