"""The way from the baseline score to a lead's score, step by step, ready to be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.score import Score

WIDTH = 1_000
"""Units of the drawing's width, whatever its width on the screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One bar, from `x` over `width`: `start_x` is joined to the bar above, `end_x` to the one below."""

    text: str
    points: str
    kind: Literal["base", "for", "against", "rest", "total"]
    family: str
    x: float
    width: float
    start_x: float
    end_x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """All steps, first to last, and where the policy's threshold lies."""

    steps: tuple[Step, ...]
    threshold_x: float


def waterfall(score: Score, threshold: int) -> Waterfall:
    """Return the drawing. Bars begin where the one above ended; the last bar is the score itself.

    Points are added up from nothing, so on the points rung the first bar is the first rule's.
    """
    stations = [float(score.baseline_score)]
    for reason in score.reasons:
        stations.append(stations[-1] + reason.effect)
    low, high = min(0.0, *stations), max(100.0, *stations)

    def x(station: float) -> float:
        return round((station - low) / (high - low) * WIDTH, 2)

    is_points = score.rung == "points"
    steps = [] if is_points else [_whole("An average lead", score.baseline_score, "base", x)]
    for reason, start, end in zip(score.reasons, stations, stations[1:], strict=False):
        kind: Literal["for", "against", "rest"] = "for" if reason.effect >= 0 else "against"
        steps.append(
            Step(
                text=reason.text,
                points=signed(reason.effect),
                kind="rest" if reason.family is None else kind,
                family=reason.family or "",
                x=x(min(start, end)),
                width=max(round(abs(x(end) - x(start)), 2), 3.0),
                start_x=x(start),
                end_x=x(end),
            )
        )
    steps.append(_whole("This lead", score.score, "total", x))
    return Waterfall(steps=tuple(steps), threshold_x=x(threshold))


def signed(points: float) -> str:
    r"""Return points of score with their sign.

    >>> signed(9.43), signed(-0.04), ascii(signed(-2))
    ('+9.4', '0.0', "'\\u22122.0'")
    """
    rounded = round(points, 1)
    if rounded == 0:
        return "0.0"
    return f"{rounded:+.1f}".replace("-", "\N{MINUS SIGN}")


def _whole(text: str, score: int, kind: Literal["base", "total"], x: Callable[[float], float]) -> Step:
    end = x(score)
    return Step(
        text=text, points=str(score), kind=kind, family="", x=x(0), width=end - x(0), start_x=end, end_x=end
    )
