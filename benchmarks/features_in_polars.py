"""The features of `made_events.SPEC` at one moment in polars, for rows in order: a peer of LeadLens.

Rows are sorted by lead and time, so the last event of a day, and the act before the last, are found by
looking at the next row; distinct counts by group took three times as long. Acts and touches are
aggregated apart.
"""

from collections.abc import Callable
from pathlib import Path

import polars as pl

DAY = 86_400_000_000
AS_OF = 20_454 * DAY
WINDOWS = {"7d": 7 * DAY, "30d": 30 * DAY, "90d": 90 * DAY, "ever": 2**62}
HALF_LIVES = (7, 28, 112)
KNOWN = ("page_view", "email_sent", "email_clicked", "form_submitted")
_AGE, _LEAD, _DAY = pl.col("age"), pl.col("lead_id"), pl.col("day")


def in_one_query(folder: Path, names: list[str]) -> pl.DataFrame:
    """Return the features of all leads with events, `lead_id` first: one lazy query, streamed."""
    events = pl.scan_parquet(folder / "events" / "*.parquet", hive_partitioning=False)
    return _features(events, names).collect(engine="streaming")


def by_bucket(folder: Path, names: list[str]) -> pl.DataFrame:
    """Return the same, file by file: what may be done where each file is known to hold whole leads."""
    paths = sorted((folder / "events").iterdir())
    scans = (pl.scan_parquet(path, hive_partitioning=False) for path in paths)
    return pl.concat([_features(scan, names).collect(engine="streaming") for scan in scans], rechunk=False)


def _features(events: pl.LazyFrame, names: list[str]) -> pl.LazyFrame:
    rows = _rows(events)
    of_acts = _acts(rows).group_by("lead_id").agg(_of_acts())
    of_touches = (
        rows.filter("email_sent")
        .group_by("lead_id")
        .agg(
            *_of_type("email_sent"),
            *_counts("touches", pl.lit(value=True)),
            _since("touches", pl.lit(value=True)),
        )
    )
    joined = of_acts.join(of_touches, on="lead_id", how="full", coalesce=True)
    zero = [pl.col(n).fill_null(0.0) for n in names if _is_zero_based(n)]
    recent, before = pl.col("_recent"), pl.col("_before")
    return joined.with_columns(
        *zero,
        pl.when(before > 0).then(recent / before * ((90 - 14) / 14)).alias("activity.pace"),
        ((-pl.col("_first")) % 16).cast(pl.Float64).alias("channel.first"),
        (pl.col("_last") % 16).cast(pl.Float64).alias("channel.last"),
        _furthest(lambda step: pl.lit(float(step))).fill_null(0.0).alias("buyer.step"),
        _furthest(lambda step: pl.col(f"_step{step}") / DAY).alias("buyer.step.days"),
    ).select("lead_id", *names)


def _rows(events: pl.LazyFrame) -> pl.LazyFrame:
    when, kind = pl.col("occurred_at").to_physical(), pl.col("type").cast(pl.String)
    about = pl.col("detail").cast(pl.String)
    visible = (when <= AS_OF) & (pl.col("known_at").to_physical() <= AS_OF) & kind.is_in(KNOWN)
    return events.filter(visible).select(
        "lead_id",
        "value",
        (AS_OF - when).alias("age"),
        *((kind == name).alias(name) for name in KNOWN),
        ((kind == "page_view") & (about == "pricing")).fill_null(value=False).alias("page_view.pricing"),
        ((kind == "page_view") & (about == "docs")).fill_null(value=False).alias("docs"),
    )


def _acts(rows: pl.LazyFrame) -> pl.LazyFrame:
    age = _AGE.cast(pl.Float64)
    acts = rows.filter(~pl.col("email_sent")).with_columns(
        ((AS_OF - _AGE) // DAY).alias("day"),
        *((age * (-0.6931471805599453 / (days * DAY))).exp().alias(f"decayed{days}") for days in HALF_LIVES),
        (pl.col("page_view") | pl.col("form_submitted")).alias("web"),
    )
    last = (_LEAD.shift(-1) != _LEAD).fill_null(value=True)
    return acts.with_columns(
        (last | (_DAY.shift(-1) != _DAY)).alias("is_last_of_day"),
        pl.when(last & (_LEAD.shift(1) == _LEAD)).then(_AGE.shift(1)).alias("previous"),
    )


def _of_acts() -> list[pl.Expr]:
    every, web = pl.lit(value=True), pl.col("web")
    channel = pl.when(web).then(0).otherwise(1)
    in_form = pl.when("form_submitted").then("value")
    steps = {3: pl.col("page_view.pricing"), 2: pl.col("form_submitted") | pl.col("docs"), 1: every}
    return [
        *(e for name in ("email_clicked", "form_submitted", "page_view") for e in _of_type(name)),
        *_counts("page_view.pricing", pl.col("page_view.pricing")),
        _since("page_view.pricing", pl.col("page_view.pricing")),
        pl.when(WINDOWS["90d"] > _AGE).then(in_form).sum().alias("form_submitted.value_sum.90d"),
        in_form.sum().alias("form_submitted.value_sum.ever"),
        in_form.max().alias("form_submitted.value_max"),
        *_counts("channel.web", web), *_decayed("channel.web", web), _since("channel.web", web),
        *_counts("activity", every), *_decayed("activity", every), _since("activity", every),
        (_AGE.max() / DAY).alias("activity.days_since_first"),
        (pl.col("previous").max() / DAY).alias("activity.days_since_previous"),
        *(
            (pl.col("is_last_of_day") & (span > _AGE))
            .sum()
            .cast(pl.Float64)
            .alias(f"activity.active_days.{window}")
            for window, span in WINDOWS.items()
        ),
        (_AGE < 14 * DAY).sum().alias("_recent"),
        ((_AGE >= 14 * DAY) & (_AGE < 90 * DAY)).sum().alias("_before"),
        (_AGE * 16 - channel).max().alias("_first"),
        (_AGE * 16 + channel).min().alias("_last"),
        *(pl.when(at).then(_AGE).max().alias(f"_step{step}") for step, at in steps.items()),
    ]  # fmt: skip


def _of_type(name: str) -> list[pl.Expr]:
    first = pl.when(name).then(_AGE).max() / DAY
    return [*_counts(name, pl.col(name)), _since(name, pl.col(name)), first.alias(f"{name}.days_since_first")]


def _counts(about: str, of: pl.Expr) -> list[pl.Expr]:
    return [
        (of & (span > _AGE)).sum().cast(pl.Float64).alias(f"{about}.count.{window}")
        for window, span in WINDOWS.items()
    ]


def _decayed(about: str, of: pl.Expr) -> list[pl.Expr]:
    return [
        pl.when(of).then(f"decayed{days}").otherwise(0.0).sum().alias(f"{about}.decayed.{days}d")
        for days in HALF_LIVES
    ]


def _since(about: str, of: pl.Expr) -> pl.Expr:
    return (pl.when(of).then(_AGE).min() / DAY).alias(f"{about}.days_since")


def _furthest(said: Callable[[int], pl.Expr]) -> pl.Expr:
    return pl.coalesce(
        *(pl.when(pl.col(f"_step{step}").is_not_null()).then(said(step)) for step in (3, 2, 1))
    )


def _is_zero_based(name: str) -> bool:
    return any(part in name for part in (".count.", ".decayed.", ".active_days.", ".value_sum."))
