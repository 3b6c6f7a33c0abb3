"""What serves, what it understands, and how the service is."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from features.fit import expected_columns
from serving.api.call import answer
from serving.conditions import worst_of
from serving.jobs.workers import workers_seen
from serving.scoring.champion import NOT_READY
from serving.shadow.figures import compared_in
from serving.store.reach import StoreBusyError
from serving.store.schema import LEDGER_HEADERS, LEDGER_UNSEALED, STALE_LEADS
from serving.wire.encoding import rfc_3339, whole_where_it_is
from serving.wire.problems import refuse

if TYPE_CHECKING:
    from starlette.responses import Response

    from features.spec import FeatureSpec
    from serving.api.call import Call
    from serving.conditions import Condition
    from serving.shadow.figures import Compared
    from serving.store.database import Store


def get_model(call: Call) -> Response:
    """Return what the champion is, and what it reads."""
    answerer = call.parts.champion.answerer()
    if answerer is None:
        raise refuse(503, NOT_READY, retry_after="30")
    scorer, since = answerer.scorer, call.parts.champion.since()
    return answer(
        {
            "name": scorer.name,
            "version": scorer.version,
            "since": None if since is None else rfc_3339(since),
            "horizon_days": whole_where_it_is(scorer.horizon_days),
            "base_rate": scorer.base_rate,
            "rung": scorer.rung,
            "columns": columns_of(scorer.spec),
            "event_types": event_types_of(scorer.spec),
        }
    )


def columns_of(spec: FeatureSpec) -> list[dict[str, str]]:
    """Return the company's columns that the model reads, each with its kind; 'text' where it has none."""
    kinds = {column.name: str(column.kind) for column in spec.columns if not column.is_derived}
    return [{"name": name, "kind": kinds.get(name, "text")} for name in expected_columns(spec.columns)]


def event_types_of(spec: FeatureSpec) -> list[str]:
    """Return the types of events that the model knows, in order."""
    return sorted({key.partition(".")[0] for key in spec.event_keys})


def get_health(call: Call) -> Response:
    """Return what the service stands on, and what waits. A store that is out of reach is said, not hidden."""
    store = call.parts.store
    answerer = call.parts.champion.answerer()
    model = None if answerer is None else {"name": answerer.scorer.name, "version": answerer.scorer.version}
    try:
        waiting = _waiting(store, call.now)
        reachable = True
    except (sa.exc.DBAPIError, StoreBusyError):
        waiting, reachable = dict.fromkeys(WAITING), False
    kind = "sqlite" if store.is_sqlite else "postgresql"
    conditions = call.parts.board.all()
    compared = compared_in(call.parts.settings.home)
    return answer(
        {
            "status": worst_of(conditions),
            "conditions": [_condition(one) for one in conditions],
            "store": {"kind": kind, "reachable": reachable},
            "champion": model,
            "shadow": None if compared is None else _compared(compared),
            **waiting,
        }
    )


def _compared(one: Compared) -> dict[str, Any]:
    quantiles = one.difference_quantiles
    return {
        **asdict(one),
        "difference_quantiles": quantiles and list(quantiles),
        "since": rfc_3339(one.since),
    }


def _condition(one: Condition) -> dict[str, str]:
    return {
        "part": one.part,
        "level": one.level,
        "said": one.said,
        "since": rfc_3339(one.since),
        "program": one.program,
    }


WAITING = (
    "stale_leads",
    "oldest_stale_seconds",
    "unsealed_records",
    "newest_record_at",
    "workers",
    "worker_seen_seconds",
)


def _waiting(store: Store, now: int) -> dict[str, Any]:
    count = sa.func.count()
    with store.reading() as connection:
        stale, since = connection.execute(sa.select(count, sa.func.min(STALE_LEADS.c.since))).one()
        newest = connection.execute(sa.select(sa.func.max(LEDGER_HEADERS.c.recorded_at))).scalar()
        waiting = connection.execute(sa.select(count).select_from(LEDGER_UNSEALED)).scalar_one()
        workers = workers_seen(connection, now)
    return {
        "stale_leads": stale,
        "oldest_stale_seconds": _seconds(since, now),
        "unsealed_records": waiting,
        "newest_record_at": None if newest is None else rfc_3339(newest),
        "workers": workers.alive,
        "worker_seen_seconds": _seconds(workers.newest_at, now),
    }


def _seconds(since: int | None, now: int) -> float | None:
    return None if since is None else max(0, now - since) / 1_000_000
