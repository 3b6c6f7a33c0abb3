"""Events from Arrow: the same log as through a table of pandas."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import a_mapping, day, tables

from features.errors import InputError
from features.event_columns import COLUMNS, event_log_of_arrow
from features.history import History

EVENTS = st.fixed_dictionaries(
    {
        "lead_id": st.sampled_from(["L-0", "L-1", "L-2", "a stranger"]),
        "occurred_at": st.integers(day(0), day(3)),
        "type": st.sampled_from(["page_view", "sales_call", "größe"]),
        "page": st.sampled_from([None, "pricing", "blog"]),
        "is_touch": st.booleans(),
        "value": st.sampled_from([np.nan, 1.5, -2.0]),
    }
)
LEADS = [{"lead_id": f"L-{number}", "created_at": day(0)} for number in range(4)]
IDS = pd.Index([lead["lead_id"] for lead in LEADS])


def as_arrow(events: pd.DataFrame, rows: int = 3) -> list[pa.RecordBatch]:
    plain = events.assign(**{name: events[name].dt.tz_convert(None) for name in ("occurred_at", "known_at")})
    table = pa.table({name: pa.array(plain[name], from_pandas=True) for name in COLUMNS})
    return table.to_batches(max_chunksize=rows)


def measured(log: Any) -> list[Any]:
    """Return a log in plain values, whatever the order of its keys."""
    names = np.asarray([*log.keys, None], object)
    columns = [log.occurred_at, log.known_at, names[log.key], names[log.detail_key], log.is_touch]
    return [log.offsets.tolist(), *(c.tolist() for c in columns), [repr(v) for v in log.value.tolist()]]


@given(st.lists(EVENTS, max_size=12), st.integers(1, 5))
def test_the_log_is_that_of_a_table_of_pandas(events: list[dict[str, Any]], rows: int) -> None:
    whole = tables(LEADS, events=events)
    assert whole.events is not None
    log = event_log_of_arrow(as_arrow(whole.events, rows), len(events), IDS, "events.parquet")
    assert measured(log) == measured(History(whole, a_mapping()).events)


def test_text_that_is_not_encoded_is_read_too() -> None:
    events = tables(LEADS, events=[{"lead_id": "L-1", "occurred_at": day(1), "type": "chat"}]).events
    assert events is not None
    plain = events.astype({"type": "str", "detail": "str"})
    log = event_log_of_arrow(as_arrow(plain), 1, IDS, "events.parquet")
    assert (log.keys, log.offsets.tolist()) == (("chat",), [0, 0, 1, 1, 1])


def test_an_event_without_a_type_is_refused() -> None:
    events = tables(LEADS, events=[{"lead_id": "L-1", "occurred_at": day(1), "type": None}]).events
    assert events is not None
    with pytest.raises(InputError, match=r"events.parquet, column type.* 1 rows without one"):
        event_log_of_arrow(as_arrow(events), 1, IDS, "events.parquet")
