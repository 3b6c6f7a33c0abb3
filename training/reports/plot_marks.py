"""What plots are made of: whiskers, grids, and how axes say shares and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.measures import Figure


def whiskers(
    axis: Any, at: Sequence[float], figures: Sequence[Figure], colour: str, label: str | None = None
) -> None:
    """Draw figures as dots with their intervals upright, at places along the axis."""
    axis.vlines(at, [f.low for f in figures], [f.high for f in figures], color=colour, linewidth=1.4)
    axis.plot(at, [f.value for f in figures], "o", color=colour, markersize=5, linestyle="none", label=label)


def grid(axis: Any, which: str) -> None:
    """Draw quiet lines behind what is drawn, across 'x', 'y' or 'both', and no ticks."""
    axis.grid(axis=which)
    axis.set_axisbelow(True)
    axis.tick_params(which="both", length=0)


def percent(axis: Any) -> None:
    """Have an axis (x or y) say shares in per cent."""
    from matplotlib.ticker import FuncFormatter  # noqa: PLC0415  # takes a second, and few commands draw

    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))


def thousands() -> Any:
    """Return how counts are said."""
    from matplotlib.ticker import FuncFormatter  # noqa: PLC0415  # as above

    return FuncFormatter(lambda count, _: f"{count:,.0f}")


def few() -> Any:
    """Return where a few ticks stand."""
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415  # as above

    return MaxNLocator(4)
