"""The OpenAPI document, as an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.api.call import answer
from serving.api.crm_profile import crm_document
from serving.api.openapi import openapi_document
from serving.api.query import Query
from serving.scoring.champion import NOT_READY
from serving.wire.problems import refuse

if TYPE_CHECKING:
    from starlette.responses import Response

    from serving.api.call import Call


def get_openapi(call: Call) -> Response:
    """Return the document: as it is, or as the champion makes it for CRMs."""
    query = Query(call.taken.query)
    profile = query.text("profile", "crm")
    query.checked()
    if profile is None:
        return answer(openapi_document())
    answerer = call.parts.champion.answerer()
    if answerer is None:
        raise refuse(503, NOT_READY, retry_after="30")
    return answer(crm_document(openapi_document(), answerer.scorer.spec))
