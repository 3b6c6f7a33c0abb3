"""The OpenAPI document, as an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.api.call import answer
from serving.api.openapi import openapi_document
from serving.api.query import Query

if TYPE_CHECKING:
    from starlette.responses import Response

    from serving.api.call import Call


def get_openapi(call: Call) -> Response:
    """Return the document."""
    query = Query(call.taken.query)
    query.text("profile", "crm")
    query.checked()
    return answer(openapi_document())
