"""Some leads through the scorer, here or on a worker: the way that a request takes, many at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from features.errors import Fault
from features.events import NO_TIME
from features.history import History
from models.score import Score, Unscorable
from models.sent import SentScorer

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from features.tables import Tables
    from models.artifact import AnyScorer
    from models.score import Reason

CHUNK = 5_000
"""So many leads are scored at a time, which bounds memory."""

REASONS = 5

COLUMNS = [
    "lead_id", "score", "probability", "probability_low", "probability_high", "fit_score", "engagement_score",
    "grade", "rung", *(f"reason_{n}" for n in range(1, REASONS + 1)), "model_version", "as_of",
]  # fmt: skip
"""The columns of the scores, in order."""

TYPES = {
    "probability": "float64",
    "probability_low": "float64",
    "probability_high": "float64",
    "engagement_score": "Int64",
    "model_version": "Int64",
}
"""The types of columns that can hold nothing: they are the same where no row holds something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Leads to score at `tables.extract_at`, and `rows` (int64): their numbers in the file they came from."""

    tables: Tables
    rows: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartScores:
    """The scores of a part by row number, the faults of other rows, and how often what was warned of.

    `lead_ids`: of which leads the rows with faults are.
    """

    rows: dict[int, dict[str, Any]]
    faults: list[tuple[int, Fault]]
    warnings: Counter[str]
    lead_ids: dict[int, str]


def score_part(
    part: Part,
    scorer: AnyScorer | SentScorer,
    report: Callable[[int, int], None] | None = None,
    chunk_leads: int = CHUNK,
) -> PartScores:
    """Score the leads of a part, each by itself: how leads are parted moves no score.

    `report` is told after each chunk how many leads are done, of how many; what it raises ends the work.
    """
    scorer = scorer.scorer() if isinstance(scorer, SentScorer) else scorer
    history = History(part.tables, scorer.mapping)
    now = history.extract_at
    as_of = part.tables.extract_at.to_pydatetime()
    scored = PartScores(rows={}, faults=[], warnings=Counter(), lead_ids={})
    for start in range(0, len(history), chunk_leads):
        chunk = np.arange(start, min(start + chunk_leads, len(history)))
        answers = scorer.score(history.at(chunk, np.full(len(chunk), now)), shown=REASONS)
        for position, answer in zip(chunk.tolist(), answers, strict=True):
            row = int(part.rows[position])
            wrong = _faults(answer, int(history.created_at[position]), now)
            if wrong:
                scored.faults.extend((row, fault) for fault in wrong)
                scored.lead_ids[row] = answer.lead_id
            elif isinstance(answer, Score):
                scored.rows[row] = _row(answer, as_of)
                scored.warnings.update(answer.warnings)
        if report is not None:
            report(start + len(chunk), len(history))
    return scored


def _row(score: Score, as_of: datetime) -> dict[str, Any]:
    told = [said_with_effect(reason) for reason in score.reasons[:-1]]
    return {
        "lead_id": score.lead_id,
        "score": score.score,
        "probability": score.probability,
        "probability_low": score.probability_low,
        "probability_high": score.probability_high,
        "fit_score": score.fit_score,
        "engagement_score": score.engagement_score,
        "grade": score.grade,
        "rung": score.rung,
        **{f"reason_{n}": told[n - 1] if n <= len(told) else None for n in range(1, REASONS + 1)},
        "model_version": score.model_version,
        "as_of": as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").replace(".000000Z", "Z"),
    }


def said_with_effect(reason: Reason) -> str:
    """Return a reason as a cell says it: in words, with its effect in points of score.

    No cell begins with a sign, which a spreadsheet takes for a formula; the text of a scorecard's rule may.
    """
    text = f"'{reason.text}'" if reason.text[:1] in _SIGNS else reason.text
    return f"{text} ({signed(reason.effect)})"


_SIGNS = frozenset("=+-@\t\r\n") | {""}


def signed(points: float) -> str:
    """Return points of score with their sign, to a decimal, or to the first figure of what is smaller.

    >>> signed(9.43), signed(-2.0), signed(-0.043), signed(0.0)
    ('+9.4', '-2.0', '-0.04', '0.0')
    """
    if points == 0.0:
        return "0.0"
    return f"{points:+.1f}" if abs(points) >= 0.05 else f"{points:+.1g}"


def _faults(answer: Score | Unscorable, created_at: int, now: int) -> tuple[Fault, ...]:
    wrong = answer.faults if isinstance(answer, Unscorable) else ()
    if created_at != NO_TIME and created_at > now:
        remedy = "Score it at a later moment, with --as-of."
        return (
            Fault("created_at", "a lead that was created at or before as_of", "a later one", remedy),
            *wrong,
        )
    return wrong
