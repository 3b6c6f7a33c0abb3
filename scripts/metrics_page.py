"""Writes docs/metrics.md from the definitions of the metrics."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from serving.telemetry.definitions import METRICS

if TYPE_CHECKING:
    from serving.telemetry.definitions import Holds, Metric

PAGE = Path(__file__).parent.parent / "docs" / "metrics.md"
COMMAND = "python -m scripts.metrics_page"
HEAD = """<!-- Written by scripts/metrics_page.py from serving/telemetry/definitions.py: edit there. -->

# Metrics

`GET /metrics` answers them to a key with the scope `metrics`, in Prometheus's text format, or in OpenMetrics
where `Accept` asks for it. [Operating it](operating.md#watching-it) says how to have them read, drawn and
watched. None holds personal data: a route is named as in the [reference](api.md), never a path.

Whichever process answers, it tells of all processes of the home: figures of the others are at most a fifth of
a second old.
"""
PARTS: dict[Holds, tuple[str, str]] = {
    "all": (
        "Counted by all processes",
        """The sum over all processes, with what those have counted that ended since the service was started.
A process that is killed loses at most its last fifth of a second.""",
    ),
    "program": (
        "Said by each process of itself",
        """Under the label `program`: `server`, or `server 1` and so on with several; `worker` and whatever
else runs beside them. One that has ended is not told of.""",
    ),
    "scrape": (
        "Found out when they are asked for",
        "What waits in the store is asked for every 5 seconds at most, and left out while it is away.",
    ),
}


def page() -> str:
    """Return the page."""
    return HEAD + "".join(
        f"\n## {title}\n\n{said}\n\n| metric | kind | labels | means |\n|---|---|---|---|\n"
        + "".join(_row(metric) for metric in METRICS if metric.holds == holds)
        for holds, (title, said) in PARTS.items()
    )


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels) or "none"
    ends = ", ".join(f"{bound:g}" for bound in metric.bounds)
    buckets = f" Buckets up to {ends}." if ends else ""
    return f"| `{metric.name}` | {metric.kind} | {labels} | {metric.means}{buckets} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
