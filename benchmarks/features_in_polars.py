"""The features of `made_events.SPEC` in polars, for one moment: what LeadLens is compared with."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from made_events import AS_OF, SPEC

_DAY = 86_400_000_000
_WINDOWS = {"7d": 7, "30d": 30, "90d": 90, "ever": 1_000_000}
_WEB = ("page_view", "form_submitted")
_CHANNELS = ("web", "email")
_STEPS = {"email_clicked": 1, "page_view": 1, "form_submitted": 2}


def in_one_query(folder: Path) -> pl.DataFrame:
    """Return the features of all leads, `lead_id` first, by one lazy query on the streaming engine."""
    return _features(pl.scan_parquet(folder / "events" / "*.parquet", hive_partitioning=False)).collect(
        engine="streaming"
    )


def by_bucket(folder: Path) -> pl.DataFrame:
    """Return the same, file by file: each holds all events of its leads."""
    paths = sorted((folder / "events").iterdir())
    return pl.concat(
        _features(pl.scan_parquet(path, hive_partitioning=False)).collect(engine="streaming")
        for path in paths
    )


def _features(events: pl.LazyFrame) -> pl.LazyFrame:
    as_of = pl.lit(AS_OF)
    when = pl.col("occurred_at").to_physical()
    kind = pl.col("type").cast(pl.String)
    known = ("page_view", "email_sent", "email_clicked", "form_submitted")
    visible = events.filter(when <= as_of, pl.col("known_at").to_physical() <= as_of, kind.is_in(known))
    is_act = ~pl.col("is_touch")
    rows = visible.select(
        "lead_id",
        "value",
        age=as_of - when,
        is_act=is_act,
        page_view=kind == "page_view",
        pricing=(kind == "page_view") & (pl.col("detail").cast(pl.String) == "pricing"),
        email_sent=kind == "email_sent",
        email_clicked=kind == "email_clicked",
        form_submitted=kind == "form_submitted",
    )
    return rows
