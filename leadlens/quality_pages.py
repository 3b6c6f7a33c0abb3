"""The report of a company's data for people: as lines of text, and as a page of HTML."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from features.quality import Finding, Quality

TOPICS = {
    "duplicates": "Duplicates",
    "contacts": "Contact data",
    "staleness": "Stale leads",
    "dates": "Dates",
    "events": "Events",
    "drift": "Drift between periods",
}
SEVERITY = {"bad": "bad", "warn": "warning", "note": "note"}
"""How severities are said; the worst first."""

VERDICT = {"leak": "leak", "suspect": "suspect", "clear": "clear"}
"""How the verdicts of the leakage audit are said; the worst first."""


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """What the leakage audit says of one column: `leak`, `suspect` or `clear`, and why, in sentences."""

    name: str
    verdict: str
    evidence: tuple[str, ...] = ()


def quality_lines(quality: Quality) -> list[str]:
    """Return the report as lines of text, topic by topic, the worst first within each."""
    return list(_lines(quality))


def quality_html(
    quality: Quality, *, verdicts: Sequence[VerdictRow] | None = None, said_of: str = "your data"
) -> str:
    """Return the report as one page that needs nothing else: no script, no file beside it, no network.

    `verdicts`: those of the leakage audit, shown first where they are given. `said_of` names the data.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = files("serving.web").joinpath("static", "leadlens.css").read_text("utf-8")
    return templates.get_template("audit.html").render(
        style=style,
        quality=quality,
        said_of=said_of,
        verdicts=None if verdicts is None else _worst_first(verdicts),
        counts=_counts(quality),
        topics=[(TOPICS[topic], found) for topic, found in _by_topic(quality)],
        severity=SEVERITY,
    )


def _lines(quality: Quality) -> Iterator[str]:
    rows = ", ".join(f"{count:,} {table}" for table, count in quality.rows)
    yield f"Data quality of {rows}"
    for topic, findings in _by_topic(quality):
        yield f"{TOPICS[topic]}:"
        for finding in findings:
            yield f"  {SEVERITY[finding.severity]:<7}  {finding.text}"
            if finding.examples and finding.topic != "drift":
                yield f"           for example {', '.join(finding.examples)}"
    if not quality.findings:
        yield "  nothing found"
    empty = [f"{fill.column} {fill.rate:.0%}" for fill in quality.fills if fill.rate < 0.5]
    if empty:
        yield f"Filled in for fewer than half of the leads: {', '.join(empty)}"
    yield from quality.skipped


def _by_topic(quality: Quality) -> Iterator[tuple[str, list[Finding]]]:
    order = list(TOPICS)
    ordered = sorted(quality.findings, key=lambda finding: order.index(finding.topic))
    for topic, found in groupby(ordered, key=attrgetter("topic")):
        yield topic, list(found)


def _counts(quality: Quality) -> list[tuple[str, int]]:
    counted = Counter[str](finding.severity for finding in quality.findings)
    return [(severity, counted[severity]) for severity in SEVERITY]


def _worst_first(verdicts: Sequence[VerdictRow]) -> list[VerdictRow]:
    order = list(VERDICT)
    return sorted(verdicts, key=lambda row: order.index(row.verdict) if row.verdict in order else -1)
