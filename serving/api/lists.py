"""Leads of the store, filtered, in an order, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from features.lead_standing import Standing
from serving.api.call import answer
from serving.api.lead_words import lead_document
from serving.api.query import Query, in_query
from serving.history.listing import LeadQuery, Order, list_leads
from serving.store.paging import DEFAULT_LIMIT, LARGEST_LIMIT

if TYPE_CHECKING:
    from starlette.responses import Response

    from serving.api.call import Call

STANDINGS: tuple[Standing, ...] = get_args(Standing)
ORDERS: tuple[Order, ...] = get_args(Order)
GRADES = tuple(f"{fit}{engagement}" for fit in "ABCD" for engagement in ("", *"1234"))
ACTIONS = ("route", "nurture")


def get_leads(call: Call) -> Response:
    """Return a page of leads."""
    mapping = call.mapping
    query = Query(call.taken.query, "UTC" if mapping is None else mapping.training.time_zone)
    asked = LeadQuery(
        order=query.choice("order", ORDERS) or "created",
        limit=query.whole("limit", 1, LARGEST_LIMIT) or DEFAULT_LIMIT,
        cursor=query.text("cursor"),
        standing=query.choice("standing", STANDINGS),
        score_from=query.whole("score_from", 0, 99),
        score_to=query.whole("score_to", 0, 99),
        grades=tuple(one for grade in query.texts("grade", *GRADES) for one in _all_of(grade)),
        action=query.text("action", *ACTIONS),
        created_from=query.time("created_from", day_end=False),
        created_to=query.time("created_to", day_end=True),
        updated_since=query.time("updated_since", day_end=False),
    )
    query.checked()
    with call.parts.store.reading() as connection, in_query():
        page = list_leads(connection, asked)
    return answer({"leads": [lead_document(lead) for lead in page.leads], "next": page.next})


def _all_of(grade: str) -> tuple[str, ...]:
    """Return the grades that one stands for: a letter alone, all that begin with it."""
    return tuple(one for one in GRADES if one.startswith(grade))
