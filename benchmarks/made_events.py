"""A made history in the layout of `leadlens prepare`, written cheaply: what the benchmarks of features read.

Every value is drawn from a seeded generator; nothing here is of a person or a company.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.durations import DAY_US
from features.hashing import HASH, lead_hashes
from features.learning import FeatureSpec
from features.mapping import mapping_from
from features.prepared import layout
from features.prepared.people import People

AS_OF = 20_454 * DAY_US
"""1 January 2026, 00:00 UTC, in microseconds since 1970."""

EVENTS_A_LEAD = 20
LEADS_IN_A_BUCKET = 50_000
"""About a million events, as `leadlens prepare` chooses its buckets."""

TYPES = ("page_view", "email_sent", "email_clicked", "form_submitted", "badge_scanned")
_TYPE_SHARES = (0.55, 0.18, 0.14, 0.10, 0.03)
DETAILS = ("pricing", "blog", "docs")
_DETAIL_SHARES = (0.2, 0.5, 0.3)

SPEC = FeatureSpec(
    columns=(),
    unused=(),
    event_keys=("email_clicked", "email_sent", "form_submitted", "page_view", "page_view.pricing"),
    touch_keys=(),
    has_age=False,
    has_events=True,
    missing=(),
    decimal=".",
    detail_keys=("page_view.pricing",),
    value_keys=("form_submitted",),
    channels=("web",),
)
"""64 event features, all of which are plain aggregates. What leads answer to touches is left out: in SQL it
takes a window function over all events, which would be unkind to the peers. 'badge_scanned' is a type that
the spec does not know: its events count nowhere."""

_MAPPING = mapping_from(
    {
        "leads": {"path": "leads.parquet", "id": "lead_id", "created_at": "created_at"},
        "events": {
            "path": "events.parquet",
            "lead_id": "lead_id",
            "occurred_at": "occurred_at",
            "known_at": "known_at",
            "type": "type",
            "value": "value",
            "properties": ["page_group"],
        },
    }
)


def write_history(folder: Path, leads: int, *, seed: int = 7, bucket_size: int = LEADS_IN_A_BUCKET) -> int:
    """Write a prepared history of `leads` leads with 20 events each on average, and return its events."""
    ids = pd.Series([f"L-{number:07}" for number in range(leads)], dtype="str")
    buckets = max(1, round(leads / bucket_size))
    bucket_of = lead_hashes(ids) % np.uint32(buckets)
    sizes: dict[str, list[tuple[int, int]]] = {"leads": [], "events": []}
    for bucket in range(buckets):
        own = ids[bucket_of == bucket].to_numpy(object)
        rng = np.random.default_rng([seed, bucket])
        for name, table in (("leads", _leads(own)), ("events", _events(own, rng))):
            path = layout.bucket_file(folder, name, bucket)
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(table, path)
            sizes[name].append((table.num_rows, path.stat().st_size))
    _write_manifest(folder, buckets, sizes)
    return sum(rows for rows, _ in sizes["events"])


def first_buckets(whole: Path, folder: Path, buckets: int) -> None:
    """Make a folder of the first buckets of a history, whose files it links to."""
    manifest = layout.read_manifest(whole)
    folder.mkdir()
    for name in manifest.tables:
        (folder / name).symlink_to(whole / name)
    for name in (layout.ALIASES, layout.PLACEHOLDERS):
        (folder / name).symlink_to(whole / name)
    tables = {
        name: table.model_copy(update={"rows": table.rows[:buckets], "bytes": table.bytes[:buckets]})
        for name, table in manifest.tables.items()
    }
    part = manifest.model_copy(update={"buckets": buckets, "tables": tables})
    (folder / layout.MANIFEST).write_text(part.model_dump_json(indent=1), encoding="utf-8")


def _leads(ids: Any) -> pa.Table:
    created = np.full(len(ids), AS_OF - 400 * DAY_US)
    return pa.table(
        {
            "lead_id": pa.array(ids, pa.large_string()),
            "created_at": _times(created),
            layout.ROW: np.arange(len(ids)),
        }
    )


def _events(ids: Any, rng: np.random.Generator) -> pa.Table:
    """Return 20 events a lead on average, at least one, sorted by lead and time."""
    weights = rng.gamma(0.7, size=len(ids))
    sizes = 1 + rng.multinomial((EVENTS_A_LEAD - 1) * len(ids), weights / weights.sum())
    owner = np.repeat(np.arange(len(ids)), sizes)
    rows = len(owner)
    # Some events lie after the moment that is asked for, and some were known late.
    occurred = AS_OF + rng.integers(-400 * DAY_US, 10 * DAY_US, rows)
    occurred = occurred[np.lexsort((occurred, owner))]
    late = np.where(rng.random(rows) < 0.02, rng.integers(0, 3 * DAY_US, rows), 0)
    kind = rng.choice(len(TYPES), rows, p=_TYPE_SHARES).astype(np.int8)
    detail = rng.choice(len(DETAILS), rows, p=_DETAIL_SHARES).astype(np.int8)
    has_value = (kind == TYPES.index("form_submitted")) & (rng.random(rows) < 0.7)
    value = np.round(rng.lognormal(4.0, 1.0, rows), 2)
    return pa.table(
        {
            "lead_id": pa.array(ids, pa.large_string()).take(pa.array(owner)),
            "occurred_at": _times(occurred),
            "known_at": _times(occurred + late),
            "type": pa.DictionaryArray.from_arrays(kind, pa.array(TYPES, pa.large_string())),
            "detail": pa.DictionaryArray.from_arrays(
                pa.array(detail, mask=kind != 0), pa.array(DETAILS, pa.large_string())
            ),
            "is_touch": kind == TYPES.index("email_sent"),
            "value": pa.array(value, mask=~has_value),
            "event_id": pa.nulls(rows, pa.large_string()),
        }
    )


def _times(microseconds: Any) -> pa.Array:
    return pa.array(microseconds).cast(pa.timestamp("us", "UTC"))


def _write_manifest(folder: Path, buckets: int, sizes: dict[str, list[tuple[int, int]]]) -> None:
    time = "datetime64[us, UTC]"
    columns = {
        "leads": {"lead_id": "str", "created_at": time},
        "events": {
            "lead_id": "str", "occurred_at": time, "known_at": time, "type": "category",
            "detail": "category", "is_touch": "bool", "value": "float64", "event_id": "str",
        },
    }  # fmt: skip
    manifest = layout.Manifest(
        mapping=json.loads(_MAPPING.frozen()),
        extract_at_us=AS_OF + 10 * DAY_US,
        buckets=buckets,
        hash=HASH,
        identity=People(pd.DataFrame({"lead_id": [], "survivor": []}), (), 0).write(folder),
        tables={
            name: layout.PreparedTable(
                columns=columns[name],
                rows=tuple(rows for rows, _ in of_table),
                bytes=tuple(size for _, size in of_table),
            )
            for name, of_table in sizes.items()
        },
    )
    (folder / layout.MANIFEST).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
