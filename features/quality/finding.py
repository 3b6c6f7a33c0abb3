"""What a report of quality holds: counts, ids of leads, and no value of anybody."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Severity = Literal["note", "warn", "bad"]
Topic = Literal["duplicates", "contacts", "staleness", "dates", "events", "drift"]

EXAMPLES = 5
"""How many examples a finding names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found.

    `name` is stable, for programs; `text` says it to a person. `count` of `of` rows are concerned (for a
    drift: `count` is the size of the newer period). `examples` are ids of leads, or of two leads that
    belong together ('L-1 = L-2'), or names of columns and types; `more` holds the measured figures.
    """

    topic: Topic
    name: str
    severity: Severity
    text: str
    count: int
    of: int
    examples: tuple[str, ...] = ()
    more: tuple[tuple[str, float], ...] = ()

    @property
    def share(self) -> float:
        """The share of rows concerned, 0 to 1."""
        return self.count / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Fill:
    """How many leads have a value in a column, of how many."""

    column: str
    filled: int
    rows: int

    @property
    def rate(self) -> float:
        """The share of leads with a value, 0 to 1."""
        return self.filled / self.rows if self.rows else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """A report. `rows` counts the rows of each table; `extract_at` is ISO 8601, None for data without dates.

    `skipped` says what was not looked for, and why.
    """

    rows: tuple[tuple[str, int], ...]
    extract_at: str | None
    fills: tuple[Fill, ...]
    findings: tuple[Finding, ...]
    skipped: tuple[str, ...] = ()

    def worst(self) -> Severity | None:
        """Return the severity of the worst finding, or None where nothing was found."""
        found = {finding.severity for finding in self.findings}
        return next((severity for severity in SEVERITIES if severity in found), None)

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON holds: `rows`, `extract_at`, `columns`, `findings`, `skipped`."""
        return {
            "rows": dict(self.rows),
            "extract_at": self.extract_at,
            "columns": [{**asdict(fill), "rate": fill.rate} for fill in self.fills],
            "findings": [
                {**asdict(finding), "examples": list(finding.examples), "more": dict(finding.more)}
                for finding in self.findings
            ],
            "skipped": list(self.skipped),
        }


SEVERITIES: tuple[Severity, ...] = ("bad", "warn", "note")
"""The worst first."""


def some(ids: Iterable[Any]) -> tuple[str, ...]:
    """Return the first few ids as text, in order.

    >>> some(range(9))
    ('0', '1', '2', '3', '4')
    """
    return tuple(str(found) for found, _ in zip(ids, range(EXAMPLES), strict=False))


def by_severity(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings with the worst first, else in their order."""
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))
