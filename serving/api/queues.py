"""Queues as they stand, and the leads that wait in them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from serving.api.call import answer
from serving.api.lead_words import moment_or_none
from serving.api.query import Query
from serving.selling.giving.queues import queues_now, waiting_in
from serving.store.paging import DEFAULT_LIMIT, LARGEST_LIMIT
from serving.wire.encoding import rfc_3339
from serving.wire.problems import refuse

if TYPE_CHECKING:
    from starlette.responses import Response

    from serving.api.call import Call
    from serving.selling.giving.queues import QueueNow


def get_queues(call: Call) -> Response:
    """Return the queues of the policy: who waits, the members, the shares and what is carried."""
    with call.parts.store.snapshot() as connection:
        found = queues_now(connection, call.parts.champion.policy.routing)
    return answer({"queues": [_queue(one) for one in found]})


def get_queue_leads(call: Call) -> Response:
    """Return the leads that wait in a queue."""
    query = Query(call.taken.query)
    limit = query.whole("limit", 1, LARGEST_LIMIT) or DEFAULT_LIMIT
    query.checked()
    queue = call.id()
    if queue not in call.parts.champion.policy.routing.queues:
        raise refuse(404, "The policy has no queue of this name.")
    with call.parts.store.reading() as connection:
        found = waiting_in(connection, queue, limit)
    leads = [
        {
            "lead_id": one.lead_id,
            "assignment": one.assignment_id,
            "since": rfc_3339(one.since),
            "score": one.score,
            "grade": one.grade,
            "temperature": one.temperature,
            "hops": one.hops,
        }
        for one in found
    ]
    return answer({"queue": queue, "leads": leads})


def _queue(one: QueueNow) -> dict[str, Any]:
    return {
        "name": one.name,
        "choose": one.choose,
        "claim": one.claim,
        "waiting": one.waiting,
        "oldest_at": moment_or_none(one.oldest_at),
        "members": [_named(asdict(member)) for member in one.members],
        "pools": [
            {"leads": pool.leads, "shares": [_named(asdict(share)) for share in pool.shares]}
            for pool in one.pools
        ],
    }


def _named(members: dict[str, Any]) -> dict[str, Any]:
    return {"rep": members.pop("rep_id"), **members}
