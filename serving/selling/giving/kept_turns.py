"""Turns of queues, as the store keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from decisions.routing.turns import Pool, QueueTurns, Turns
from serving.store.dialects import insert_into
from serving.store.schema_selling import QUEUE_TURNS

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

CARRIED = ""
"""The row that holds what reps carry over all queues: no queue has this name."""

_KEPT = QUEUE_TURNS.select()


def turns_kept(connection: Connection) -> Turns:
    """Return what is remembered of turns."""
    rows = {row.queue: row.content for row in connection.execute(_KEPT)}
    carried = rows.pop(CARRIED, {})
    return Turns({queue: _read(content) for queue, content in rows.items()}, carried)


def keep_turns(connection: Connection, before: Turns, after: Turns, reps: Collection[str], now: int) -> None:
    """Write what is another than before. Of reps who are no longer known nothing is carried."""
    changed: dict[str, Any] = {
        queue: _written(turns)
        for queue, turns in after.queues.items()
        if turns is not before.queues.get(queue)
    }
    if after.carried is not before.carried:
        changed[CARRIED] = {rep: deficit for rep, deficit in after.carried.items() if rep in reps}
    if not changed:
        return
    insert = insert_into(connection, QUEUE_TURNS)
    new = {"content": insert.excluded.content, "updated_at": now}
    rows = [{"queue": queue, "content": content, "updated_at": now} for queue, content in changed.items()]
    connection.execute(insert.on_conflict_do_update(index_elements=["queue"], set_=new), rows)


def _read(content: dict[str, Any]) -> QueueTurns:
    return QueueTurns(content["rounds"], {key: Pool(**pool) for key, pool in content["pools"].items()})


def _written(turns: QueueTurns) -> dict[str, Any]:
    pools = {
        key: {
            "weights": pool.weights,
            "given": pool.given,
            "leads": pool.leads,
            "last_round": pool.last_round,
        }
        for key, pool in turns.pools.items()
    }
    return {"rounds": turns.rounds, "pools": pools}
