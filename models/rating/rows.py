"""What the kernels filled as rows of Python's own numbers, each array turned into a list once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.rated import CONFIDENCES, Row
from models.rating.rate import AMOUNTS, CHOSEN, NAMES
from models.reasons.largest import NOBODY

if TYPE_CHECKING:
    from models.rating.rater import Sheet


def rows_of(sheet: Sheet, *, has_engagement: bool) -> list[Row]:
    """Return the rows in their order."""
    most = sheet.wholes.shape[1] - CHOSEN
    return [
        _row(numbers, wholes, most, has_engagement=has_engagement)
        for numbers, wholes in zip(sheet.numbers.tolist(), sheet.wholes.tolist(), strict=True)
    ]


def _row(numbers: list[float], wholes: list[int], most: int, *, has_engagement: bool) -> Row:
    margin, point, low, high, _, rest_log_odds, rest_effect = numbers[:AMOUNTS]
    score, fit, engagement, confidence = wholes[:NAMES]
    group = wholes[CHOSEN:]
    held = group.index(NOBODY) if NOBODY in group else most
    effects = AMOUNTS + most
    return Row(
        score, fit, engagement if has_engagement else None, CONFIDENCES[confidence], margin, point, low, high,
        group[:held], numbers[AMOUNTS : AMOUNTS + held], numbers[effects : effects + held],
        wholes[NAMES:CHOSEN], rest_log_odds, rest_effect, [],
    )  # fmt: skip
