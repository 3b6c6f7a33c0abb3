"""Metrics, alerts, runbook and dashboard speak of the same things."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from serving.telemetry.definitions import METRICS

NAME = re.compile(r"\bleadlens_[a-z_]+\b")
SUFFIXES = ("_bucket", "_sum", "_count")
LABELS_OF_PROMETHEUS = {"instance", "job", "le"}


@pytest.fixture(scope="module")
def alerts(root: Path) -> list[dict[str, Any]]:
    content = yaml.safe_load((root / "deploy/prometheus/alerts.yml").read_text("utf-8"))
    return [rule for group in content["groups"] for rule in group["rules"]]


@pytest.fixture(scope="module")
def dashboard(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "deploy/grafana/leadlens.json").read_text("utf-8"))
    return found


def shown_names() -> dict[str, tuple[str, ...]]:
    """Every name that Prometheus stores, with its labels."""
    names = {metric.name: metric.labels for metric in METRICS if metric.kind != "histogram"}
    spread = [metric for metric in METRICS if metric.kind == "histogram"]
    return names | {metric.name + suffix: metric.labels for metric in spread for suffix in SUFFIXES}


def check(expression: str) -> None:
    """Fail where an expression names a metric, or asks for a label, that there is none of."""
    names = shown_names()
    used = set(NAME.findall(expression))
    assert used - set(names) == set(), expression
    known = LABELS_OF_PROMETHEUS.union(*(names[name] for name in used))
    asked = set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)\s*\"", expression))
    asked |= {
        label for group in re.findall(r"by \(([^)]*)\)", expression) for label in re.split(r",\s*", group)
    }
    assert asked - known == set(), expression
    assert used or expression.startswith("up{")


def test_alerts_ask_only_for_what_there_is(alerts: list[dict[str, Any]]) -> None:
    assert len(alerts) >= 14
    for alert in alerts:
        check(alert["expr"])
        asked = set(re.findall(r"\$labels\.(\w+)", alert["annotations"]["summary"]))
        by = {label for group in re.findall(r"by \(([^)]*)\)", alert["expr"]) for label in group.split(", ")}
        assert asked <= (by or LABELS_OF_PROMETHEUS), alert["alert"]


def test_each_alert_has_its_section_in_the_runbook_and_each_section_an_alert(
    alerts: list[dict[str, Any]], root: Path
) -> None:
    page = (root / "docs/runbook.md").read_text("utf-8")
    parts = re.split(r"^## (\w+)\n", page, flags=re.MULTILINE)[1:]
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    assert list(sections) == [alert["alert"] for alert in alerts]
    for alert in alerts:
        assert alert["annotations"]["runbook"] == f"docs/runbook.md#{alert['alert'].lower()}"
        for part in ("**Means.** ", "**Look at** ", "**Do.** "):
            assert part in sections[alert["alert"]], (alert["alert"], part)
    for name in NAME.findall(page):
        assert name in shown_names() or any(name + suffix in shown_names() for suffix in SUFFIXES), name


def test_the_commands_of_the_runbook_are_ours(root: Path) -> None:
    from typer.main import get_command

    from leadlens.__main__ import app

    commands = get_command(app)
    page = (root / "docs/runbook.md").read_text("utf-8")
    found = [line.split()[1:] for line in page.splitlines() if line.startswith(".venv/bin/leadlens ")]
    assert len(found) > 10
    for words in found:
        command: Any = commands
        while hasattr(command, "commands") and words:
            command = command.commands[words.pop(0)]
        options = {name for param in command.params for name in param.opts}
        assert {word for word in words if word.startswith("--")} <= options


def queries(dashboard: dict[str, Any]) -> Iterator[str]:
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))


def test_the_dashboard_asks_only_for_what_there_is_and_shows_every_metric(dashboard: dict[str, Any]) -> None:
    shown = set()
    for query in queries(dashboard):
        check(query)
        shown |= set(NAME.findall(query))
    missing = {metric.name for metric in METRICS if not any(name.startswith(metric.name) for name in shown)}
    assert missing == set()
    [variable] = [one for one in dashboard["templating"]["list"] if one["name"] == "instance"]
    check(variable["query"]["query"].removeprefix("label_values(").partition(",")[0])


def test_the_panels_do_not_lie_over_one_another(dashboard: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not taken & cells, panel["title"]
        taken |= cells
        assert panel["type"] == "row" or len({one["refId"] for one in panel["targets"]}) >= 1


def test_what_is_written_by_programs_is_what_they_write(
    root: Path, script: Callable[[str], ModuleType]
) -> None:
    for name, path, content in (
        ("metrics_page", "docs/metrics.md", "page"),
        ("dashboard", "deploy/grafana/leadlens.json", "text"),
    ):
        program = script(name)
        wanted = getattr(program, content)()
        assert (root / path).read_text("utf-8") == wanted, f"write it anew: {program.COMMAND}"


def test_every_metric_is_documented(root: Path) -> None:
    page = (root / "docs/metrics.md").read_text("utf-8")
    assert {metric.name for metric in METRICS} == set(
        re.findall(r"^\| `(leadlens_\w+)` \|", page, re.MULTILINE)
    )


def test_prometheus_understands_the_rules_and_the_scrape_config(root: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool here: it comes with Prometheus")
    folder = root / "deploy/prometheus"
    for command in (["check", "rules", "alerts.yml"], ["check", "config", "--syntax-only", "scrape.yml"]):
        checked = subprocess.run(
            [promtool, *command], cwd=folder, capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr
