"""Writes deploy/grafana/leadlens.json: the panels below, laid out three in a row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

FILE = Path(__file__).parent.parent / "deploy" / "grafana" / "leadlens.json"
COMMAND = "python -m scripts.dashboard"
SOURCE = {"type": "prometheus", "uid": "${source}"}
WIDTH, HEIGHT, COLUMNS = 8, 7, 3
FORMATS = {"table": {"format": "table", "instant": True}, "heatmap": {"format": "heatmap"}}
ON = 'instance=~"$instance"'


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: what it shows, in which of Grafana's units, as queries by their legends."""

    title: str
    unit: str
    queries: dict[str, str]
    kind: Literal["timeseries", "stat", "table", "heatmap"] = "timeseries"
    stacked: bool = False


def _quantiles(metric: str, by: str = "", where: str = "") -> dict[str, str]:
    """Return queries for the median and the slowest hundredth of a histogram."""
    labels = f"{by}, le" if by else "le"
    legend = f"{{{{{by}}}}} " if by else ""
    inner = f"sum by ({labels}) (rate({metric}_bucket{{{ON}{where}}}[$__rate_interval]))"
    return {f"{legend}p{share * 100:g}": f"histogram_quantile({share}, {inner})" for share in (0.5, 0.99)}


ROWS: dict[str, tuple[Panel, ...]] = {
    "How it is": (
        Panel(
            "Ready processes",
            "none",
            {"ready": f"sum(leadlens_ready{{{ON}}})", "workers": f"max(leadlens_workers{{{ON}}})"},
            "stat",
        ),
        Panel(
            "Model",
            "none",
            {"": f"max by (instance, program, name, version, rung) (leadlens_model_info{{{ON}}})"},
            "table",
        ),
        Panel(
            "Parts (0 ok, 1 degraded, 2 failed)",
            "none",
            {"{{part}}": f"max by (part) (leadlens_condition_level{{{ON}}})"},
        ),
    ),
    "Requests": (
        Panel(
            "Requests a second, by route",
            "reqps",
            {
                "{{method}} {{route}}": "sum by (method, route) "
                f"(rate(leadlens_requests_total{{{ON}}}[$__rate_interval]))"
            },
            stacked=True,
        ),
        Panel(
            "Requests a second, by status",
            "reqps",
            {"{{status}}": f"sum by (status) (rate(leadlens_requests_total{{{ON}}}[$__rate_interval]))"},
            stacked=True,
        ),
        Panel(
            "Refusals a second",
            "reqps",
            {"{{status}}": f"sum by (status) (rate(leadlens_refusals_total{{{ON}}}[$__rate_interval]))"},
        ),
        Panel(
            "Answers to /score",
            "s",
            _quantiles("leadlens_request_duration_seconds", where=', route="/score"'),
        ),
        Panel("Steps of a score", "s", _quantiles("leadlens_score_step_duration_seconds", "step")),
        Panel("Delay of the event loops", "s", _quantiles("leadlens_event_loop_delay_seconds")),
    ),
    "Scores and models": (
        Panel(
            "Scores given, by tens",
            "short",
            {"{{le}}": f"sum by (le) (increase(leadlens_score_points_bucket{{{ON}}}[$__rate_interval]))"},
            "heatmap",
        ),
        Panel(
            "Mean score, by version",
            "none",
            {
                "version {{version}}": "sum by (version) "
                f"(rate(leadlens_score_points_sum{{{ON}}}[$__rate_interval])) / sum by (version) "
                f"(rate(leadlens_score_points_count{{{ON}}}[$__rate_interval]))"
            },
        ),
        Panel(
            "Age of the model, swaps and refusals",
            "none",
            {
                "days": f"(time() - max(leadlens_model_since_timestamp_seconds{{{ON}}})) / 86400",
                "swaps": f"sum(increase(leadlens_model_swaps_total{{{ON}}}[1h]))",
                "refused": f"sum(increase(leadlens_model_refusals_total{{{ON}}}[1h]))",
            },
        ),
        Panel(
            "Shadow: requests a second",
            "reqps",
            {
                "version {{version}}": "sum by (version) "
                f"(rate(leadlens_shadow_scores_total{{{ON}}}[$__rate_interval]))",
                "left out": f"sum(rate(leadlens_shadow_dropped_total{{{ON}}}[$__rate_interval]))",
            },
        ),
        Panel(
            "Shadow: points from the champion's",
            "none",
            _quantiles("leadlens_shadow_difference_points", "version"),
        ),
    ),
    "What waits": (
        Panel(
            "Stale leads and their wait",
            "short",
            {
                "leads": f"max(leadlens_stale_leads{{{ON}}})",
                "seconds of the oldest": f"max(leadlens_oldest_stale_lead_seconds{{{ON}}})",
            },
        ),
        Panel(
            "Unsealed records, waiting score jobs",
            "short",
            {
                "records": f"max(leadlens_unsealed_records{{{ON}}})",
                "jobs": f"max(leadlens_waiting_score_jobs{{{ON}}})",
            },
        ),
        Panel("Store answers", "none", {"{{instance}}": f"leadlens_store_up{{{ON}}}"}),
    ),
    "Processes": (
        Panel(
            "Processor time",
            "percentunit",
            {
                "{{program}}": "sum by (program) "
                f"(rate(leadlens_process_cpu_seconds_total{{{ON}}}[$__rate_interval]))"
            },
        ),
        Panel(
            "Memory",
            "bytes",
            {"{{program}}": f"sum by (program) (leadlens_process_resident_memory_bytes{{{ON}}})"},
        ),
        Panel(
            "File descriptors in use",
            "percentunit",
            {"{{program}}": f"leadlens_process_open_fds{{{ON}}} / leadlens_process_max_fds{{{ON}}}"},
        ),
        Panel(
            "Room on the home's disk",
            "percentunit",
            {"{{instance}}": f"leadlens_home_free_bytes{{{ON}}} / leadlens_home_size_bytes{{{ON}}}"},
        ),
        Panel(
            "Log lines left out, batches of traces",
            "short",
            {
                "lines": f"sum(increase(leadlens_log_lines_dropped_total{{{ON}}}[$__rate_interval]))",
                "batches {{result}}": "sum by (result) "
                f"(increase(leadlens_trace_batches_total{{{ON}}}[$__rate_interval]))",
            },
        ),
        Panel(
            "Days the certificate is good for, and since when processes run",
            "none",
            {
                "certificate": "min(leadlens_tls_certificate_expires_timestamp_seconds"
                f"{{{ON}}} - time()) / 86400",
                "{{program}}": f"(time() - leadlens_process_start_time_seconds{{{ON}}}) / 86400",
            },
        ),
    ),
}


def dashboard() -> dict[str, Any]:
    """Return the dashboard, as Grafana 10 and later import it."""
    panels: list[dict[str, Any]] = []
    top = 0
    for title, row in ROWS.items():
        place = {"h": 1, "w": WIDTH * COLUMNS, "x": 0, "y": top}
        panels.append({"type": "row", "title": title, "gridPos": place, "collapsed": False, "panels": []})
        top += 1
        panels += [_panel(panel, at, top) for at, panel in enumerate(row)]
        top += HEIGHT * -(-len(row) // COLUMNS)
    numbered = [{"id": number, **panel} for number, panel in enumerate(panels, start=1)]
    return {
        "uid": "leadlens",
        "title": "LeadLens",
        "tags": ["leadlens"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "",
        "annotations": {"list": []},
        "links": [],
        "templating": {"list": [_source(), _instance()]},
        "panels": numbered,
    }


def text() -> str:
    """Return the file."""
    return json.dumps(dashboard(), indent=2) + "\n"


def _panel(panel: Panel, at: int, top: int) -> dict[str, Any]:
    custom = {"stacking": {"mode": "normal", "group": "A"}, "fillOpacity": 20} if panel.stacked else {}
    return {
        "type": panel.kind,
        "title": panel.title,
        "datasource": SOURCE,
        "gridPos": {
            "h": HEIGHT,
            "w": WIDTH,
            "x": WIDTH * (at % COLUMNS),
            "y": top + HEIGHT * (at // COLUMNS),
        },
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0, "custom": custom}, "overrides": []},
        "options": {},
        "targets": [
            {
                "refId": chr(ord("A") + number),
                "datasource": SOURCE,
                "expr": query,
                "legendFormat": legend,
                **FORMATS.get(panel.kind, {}),
            }
            for number, (legend, query) in enumerate(panel.queries.items())
        ],
    }


def _source() -> dict[str, Any]:
    return {"type": "datasource", "name": "source", "label": "Prometheus", "query": "prometheus", "hide": 0}


def _instance() -> dict[str, Any]:
    query = "label_values(leadlens_ready, instance)"
    return {
        "type": "query",
        "name": "instance",
        "label": "Instance",
        "datasource": SOURCE,
        "definition": query,
        "query": {"query": query, "refId": "instance"},
        "multi": True,
        "includeAll": True,
        "current": {"text": ["All"], "value": ["$__all"]},
        "refresh": 2,
        "hide": 0,
    }


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
