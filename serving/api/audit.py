"""The log of administrative acts, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.access.audit_log import acts_page
from serving.api.call import answer
from serving.api.query import Query
from serving.store.paging import DEFAULT_LIMIT, LARGEST_LIMIT
from serving.wire.encoding import rfc_3339

if TYPE_CHECKING:
    from starlette.responses import Response

    from serving.api.call import Call


def list_audit_log(call: Call) -> Response:
    """Return acts, the newest first."""
    query = Query(call.taken.query)
    limit = query.whole("limit", 1, LARGEST_LIMIT) or DEFAULT_LIMIT
    before = query.whole("cursor", 0, 2**62)
    query.checked()
    with call.parts.store.reading() as connection:
        acts = acts_page(connection, before, limit + 1)
    told = [
        {"number": act.number, "at": rfc_3339(act.at), "actor": act.actor, "act": act.act, "about": act.about}
        for act in acts[:limit]
    ]
    return answer({"acts": told, "next": str(acts[limit - 1].number) if len(acts) > limit else None})
