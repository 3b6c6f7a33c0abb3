"""Leads that a rule over events calls won."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from features.reading.winning import won_when_rule
from serving.history.identity import locked
from serving.history.standing import write_standings
from serving.store.dialects import in_batches
from serving.store.schema import EVENTS, LEADS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from features.mapping import Mapping
    from serving.importing.work import Work


def settle_rule(work: Work) -> None:
    """Write 'won' for leads that have won by now, where the mapping has a rule for it."""
    outcomes = work.mapping.outcomes
    if outcomes is None or outcomes.won_when is None:
        return
    chosen = _of_the_rule(work, _raw_types(work.mapping, outcomes.won_when.event))
    won = won_when_rule(chosen.assign(type=outcomes.won_when.event), outcomes.won_when)
    by_now = won["occurred_at"] <= pd.Timestamp(work.now, unit="us", tz="UTC")
    for batch in in_batches(int(number) for number in won["lead_id"][by_now]):
        work.store.write(partial(_win, numbers=batch, clock=work.clock))


def _win(connection: Connection, numbers: Sequence[int], clock: Callable[[], int]) -> None:
    stood = locked(connection, numbers, LEADS.c.standing)
    write_standings(
        connection, {number: "won" for number, row in stood.items() if row.standing != "won"}, clock()
    )


def _raw_types(mapping: Mapping, event: str) -> list[str]:
    """Return the types, as they are sent, that the mapping calls so."""
    types = mapping.events.types if mapping.events else {}
    return [raw for raw, name in types.items() if name == event] + ([] if event in types else [event])


def _of_the_rule(work: Work, types: list[str]) -> pd.DataFrame:
    query = sa.select(EVENTS.c.lead, EVENTS.c.occurred_at, EVENTS.c.known_at).where(EVENTS.c.type.in_(types))
    with work.store.reading() as connection:
        rows: list[Any] = list(connection.execute(query.order_by(EVENTS.c.number)))
    numbers = np.asarray(rows, np.int64).reshape(-1, 3)
    return pd.DataFrame(
        {
            "lead_id": pd.Series(numbers[:, 0]).astype("str"),
            "occurred_at": _moments(numbers[:, 1]),
            "known_at": _moments(numbers[:, 2]),
        }
    )


def _moments(us: NDArray[np.int64]) -> pd.Series[pd.Timestamp]:
    return pd.Series(us.copy().view("datetime64[us]")).dt.tz_localize("UTC")
