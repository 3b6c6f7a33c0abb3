"""The columns of a file of scores: what they are called, which types they have, and how leads fill them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from models.batch_scorer import BatchScorer
from models.grades import grade
from models.reasons.texts import UNTOLD
from models.score import Score

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.errors import Fault
    from models.reasons.texts import Texts
    from models.score import Unscorable
    from models.scoring import Scorer

REASONS = 5

ROW = "leadlens.row"
"""The number of a row in its file: it puts scores in order, and is not written."""

_TEXTS = {"lead_id", "grade", "rung", "as_of"} | {f"reason_{n}" for n in range(1, REASONS + 1)}

COLUMNS = [
    "lead_id", "score", "probability", "probability_low", "probability_high", "fit_score", "engagement_score",
    "grade", "rung", *(f"reason_{n}" for n in range(1, REASONS + 1)), "model_version", "as_of",
]  # fmt: skip
"""The columns of the scores, in order."""

_NUMBERS = {
    "score": "int64",
    "probability": "float64",
    "probability_low": "float64",
    "probability_high": "float64",
    "fit_score": "int64",
    "engagement_score": "Int64",
    "model_version": "Int64",
}
"""The types of numbers; those with a capital, and chances, can hold nothing."""


def _schema() -> pa.Schema:
    """Return the schema that pandas gives such columns, so that it reads them back with their types."""
    columns = {name: pd.Series(dtype="str" if name in _TEXTS else _NUMBERS[name]) for name in COLUMNS}
    return pa.Schema.from_pandas(pd.DataFrame(columns), preserve_index=False)


SCHEMA = _schema()
"""The schema of a file of scores."""

NUMBERED = pa.schema([pa.field(ROW, pa.int64()), *SCHEMA])
"""The same with the rows' numbers in front."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that cannot be scored: its number in the file, its lead, and what is wrong."""

    row: int
    lead_id: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class ScoredRows:
    """Some rows of a file: scores as in NUMBERED, the faults of others, how often what was warned of."""

    batch: pa.RecordBatch
    faults: tuple[RowFault, ...] = ()
    warnings: Counter[str] = field(default_factory=Counter)


def scored_rows(
    scorer: Scorer, batch: LeadBatch, rows: NDArray[np.int64], refused: Mapping[int, Fault]
) -> ScoredRows:
    """Return the scores of a batch as rows of a file, in its order, but those of rows with a fault.

    `rows` int64 (n,): their numbers in the file. `refused`: faults of rows of the batch that were found
    before. The cells are those that `rows_of_scores` makes of whole scores, many rows at a time.
    """
    if not isinstance(scorer, BatchScorer):
        return rows_of_scores(scorer.score(batch, shown=REASONS), rows, refused)
    vectors = scorer.vectors(batch)
    wrong = {at: (fault,) for at, fault in refused.items()}
    for at, more in vectors.faults.items():
        wrong[at] = (*wrong.get(at, ()), *more)
    good = np.ones(len(batch), bool)
    good[list(wrong)] = False
    columns = _columns(scorer, batch, vectors.values)
    whole = pa.RecordBatch.from_arrays([pa.array(rows), *columns], schema=NUMBERED)
    warnings: Counter[str] = Counter(dict.fromkeys(scorer.warnings(batch, vectors), int(good.sum())))
    if not good.any():
        warnings.clear()
    for at, of_row in enumerate(scorer.unheeded.of_events(batch)):
        if of_row and good[at]:
            warnings.update(of_row)
    return ScoredRows(
        whole.filter(pa.array(good)) if wrong else whole,
        tuple(
            RowFault(int(rows[at]), batch.lead_ids[at], fault) for at in sorted(wrong) for fault in wrong[at]
        ),
        warnings,
    )


def _columns(scorer: BatchScorer, batch: LeadBatch, values: NDArray[np.float64]) -> list[pa.Array]:
    """Return the COLUMNS of vectors that were made from a batch."""
    rated = scorer.rated(values, shown=REASONS, threads=1)
    count, engaged = len(batch), rated.engagement_score
    moments = {us: moment_text(us) for us in np.unique(batch.as_of).tolist()}
    grades = [
        grade(fit, own)
        for fit, own in zip(
            rated.fit_score.tolist(), repeat(None) if engaged is None else engaged.tolist(), strict=False
        )
    ]
    found = {
        "lead_id": list(batch.lead_ids),
        "score": rated.score,
        "probability": rated.probability,
        "probability_low": rated.low,
        "probability_high": rated.high,
        "fit_score": rated.fit_score,
        "engagement_score": engaged,
        "grade": grades,
        "rung": [scorer.rung] * count,
        **_reasons(_texts(scorer.texts(rated, values)), rated.effect),
        "model_version": None if scorer.version is None else np.full(count, scorer.version),
        "as_of": [moments[us] for us in batch.as_of.tolist()],
    }
    kinds = {name: SCHEMA.field(name).type for name in COLUMNS}
    return [
        pa.nulls(count, kinds[name]) if found[name] is None else pa.array(found[name], kinds[name])
        for name in COLUMNS
    ]


def _texts(found: Texts) -> NDArray[np.object_]:
    """Return the texts of rows, object (n, k), None where a row has fewer."""
    told: NDArray[np.object_] = np.full(len(found.told) + 1, None, object)
    told[:-1] = found.told
    return told[np.where(found.text == UNTOLD, len(found.told), found.text)]


def _reasons(texts: NDArray[np.object_], effects: NDArray[np.float64]) -> dict[str, list[str | None]]:
    told: dict[str, list[str | None]] = {}
    for at in range(REASONS):
        own = texts[:, at].tolist() if at < texts.shape[1] else [None] * len(texts)
        moved = effects[:, at].tolist() if at < texts.shape[1] else [0.0] * len(texts)
        told[f"reason_{at + 1}"] = [
            None if text is None else said_with_effect(text, effect)
            for text, effect in zip(own, moved, strict=True)
        ]
    return told


def rows_of_scores(
    answers: Sequence[Score | Unscorable], rows: NDArray[np.int64], refused: Mapping[int, Fault]
) -> ScoredRows:
    """Return whole scores as rows of a file; see `scored_rows`."""
    faults: list[RowFault] = []
    lines: list[dict[str, Any]] = []
    warnings: Counter[str] = Counter()
    for at, (row, one) in enumerate(zip(rows.tolist(), answers, strict=True)):
        wrong = () if isinstance(one, Score) else one.faults
        if at in refused:
            wrong = (refused[at], *wrong)
        faults += (RowFault(row, one.lead_id, fault) for fault in wrong)
        if isinstance(one, Score) and not wrong:
            lines.append(_line(row, one))
            warnings.update(one.warnings)
    return ScoredRows(pa.RecordBatch.from_pylist(lines, schema=NUMBERED), tuple(faults), warnings)


def _line(row: int, score: Score) -> dict[str, Any]:
    told = [said_with_effect(reason.text, reason.effect) for reason in score.reasons[:-1]]
    return {
        ROW: row,
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
        "as_of": moment_text(score.as_of),
    }


def moment_text(us: int) -> str:
    """Return a moment (microseconds UTC) as an answer writes it.

    >>> moment_text(1_795_253_400_000_000), moment_text(1_795_253_400_000_001)
    ('2026-11-21T09:30:00Z', '2026-11-21T09:30:00.000001Z')
    """
    seconds, micro = divmod(us, 1_000_000)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ").replace(".000000Z", "Z")


def said_with_effect(text: str, effect: float) -> str:
    """Return a reason as a cell says it: in words, with its effect in points of score.

    No cell begins with a sign, which a spreadsheet takes for a formula; the text of a scorecard's rule may.
    """
    safe = f"'{text}'" if text[:1] in _SIGNS else text
    return f"{safe} ({signed(effect)})"


_SIGNS = frozenset("=+-@\t\r\n") | {""}


def signed(points: float) -> str:
    """Return points of score with their sign, to a decimal, or to the first figure of what is smaller.

    >>> signed(9.43), signed(-2.0), signed(-0.043), signed(0.0)
    ('+9.4', '-2.0', '-0.04', '0.0')
    """
    if points == 0.0:
        return "0.0"
    return f"{points:+.1f}" if abs(points) >= 0.05 else f"{points:+.1g}"
