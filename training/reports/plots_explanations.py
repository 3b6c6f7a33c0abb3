"""The plots of what moves a model's scores: how far, and by which values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from training.explaining.words import NOT_KNOWN, bin_said, number_said, value_said
from training.reports.content import Drawing, shown
from training.reports.plot_marks import few, grid
from training.reports.plot_style import ACCENT, AGAINST, BAND, INK, LINE, REST, canvas, svg_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.explaining.explanations import Bin, Dependence
    from training.explaining.told import ToldReason

DRAWN = 12
"""So many reasons are drawn, the strongest."""

LABELS = 5
"""So many bounds of bins are named along an axis, so that they do not run into one another."""


def importance_plot(reasons: Sequence[ToldReason]) -> Drawing:
    """Draw how far the strongest reasons move margins, with their intervals."""
    drawn = reasons[:DRAWN]
    with canvas(height=1.1 + 0.3 * len(drawn)) as (figure, (axis,)):
        place = range(len(drawn))
        axis.barh(place, [one.moved.size.value for one in drawn], height=0.62, color=BAND, linewidth=0)
        for at, one in enumerate(drawn):
            axis.hlines(at, one.moved.size.low, one.moved.size.high, color=ACCENT, linewidth=1.6)
            axis.plot([one.moved.size.value], [at], "o", color=ACCENT, markersize=4.5)
        axis.set_yticks(place, [_cut(one.name, 34) for one in drawn])
        axis.tick_params(axis="y", length=0, labelcolor=INK)
        axis.set_ylim(len(drawn) - 0.4, -0.6)
        axis.set_xlim(left=0)
        axis.spines["left"].set_color(LINE)
        axis.set_title("What moves scores")
        axis.set_xlabel("mean of the absolute log-odds")
        axis.xaxis.set_major_locator(few())
        grid(axis, "x")
        return Drawing(
            name="importance",
            said="How far each reason moves the margin on average, up or down, in log-odds, with 95 % "
            "intervals.",
            svg=svg_of(figure),
        )


def dependence_plots(reasons: Sequence[ToldReason]) -> tuple[Drawing, ...]:
    """Draw what the strongest feature of each reason does to margins, by its value; small, one a reason."""
    return tuple(_dependence(one, one.dependence) for one in reasons if _can_be_drawn(one.dependence))


def _can_be_drawn(found: Dependence | None) -> bool:
    return found is not None and len(found.bins) > 0


def _dependence(reason: ToldReason, found: Dependence | None) -> Drawing:
    if found is None:
        raise ValueError(f"nothing is known of how {reason.name} moves scores")
    with canvas(width=3.25, height=2.3) as (figure, (axis,)):
        if reason.feature.is_category:
            _categories(axis, reason, found)
        else:
            _numbers(axis, reason, found)
        # Over the whole figure: beside long names of categories an axis is too narrow for its own title.
        title = _cut(reason.name, 36)
        figure.suptitle(title, x=0.02, ha="left", fontsize=10.5, fontweight="bold", color=INK)
        axis.tick_params(labelsize=8.5)
        axis.xaxis.label.set_size(9)
        axis.yaxis.label.set_size(9)
        return Drawing(
            name=f"dependence_{reason.rank:02}",
            said=f"{reason.name}: the mean log-odds that it moves margins by, by "
            f"{value_said(reason.feature)}, with 95 % intervals.",
            svg=svg_of(figure),
            is_small=True,
        )


def _numbers(axis: Any, reason: ToldReason, found: Dependence) -> None:
    """Draw bins side by side in their order, and apart from them the rows of which nothing is known."""
    place: list[float] = list(range(len(found.bins)))
    axis.axhline(0.0, color=REST, linewidth=0.8)
    _bars(axis.bar, axis.vlines, place, found.bins)
    ticks = _bounds(reason, found.bins)
    if found.missing is not None:
        apart = len(place) + 0.5
        _bars(axis.bar, axis.vlines, [apart], [found.missing], colour=REST)
        ticks.append((apart, NOT_KNOWN.replace(" ", "\n")))
    axis.set_xticks([at for at, _ in ticks], [said for _, said in ticks])
    axis.set_xlabel(value_said(reason.feature))
    axis.set_ylabel("log-odds")
    axis.yaxis.set_major_locator(few())
    grid(axis, "y")


def _categories(axis: Any, reason: ToldReason, found: Dependence) -> None:
    """Draw categories under one another, what raises scores most on top, and last what is not known."""
    bins = sorted(found.bins, key=lambda one: -one.mean.value)
    axis.axvline(0.0, color=REST, linewidth=0.8)
    _bars(axis.barh, axis.hlines, range(len(bins)), bins)
    names = [_cut(bin_said(reason.feature, one), 18) for one in bins]
    if found.missing is not None:
        _bars(axis.barh, axis.hlines, [len(bins)], [found.missing], colour=REST)
        names.append(NOT_KNOWN)
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.set_xlabel("log-odds")
    axis.xaxis.set_major_locator(few())
    grid(axis, "x")


def _bars(
    bar: Any, line: Any, place: Sequence[float], bins: Sequence[Bin], colour: str | None = None
) -> None:
    """Draw means as bars from 0, in the colour of what raises or lowers, and their intervals on them."""
    for at, one in zip(place, bins, strict=True):
        ink = colour or (ACCENT if one.mean.value >= 0 else AGAINST)
        bar([at], [one.mean.value], 0.86, color=ink, alpha=0.38, linewidth=0)
        line(at, one.mean.low, one.mean.high, color=ink, linewidth=1.4)


def _bounds(reason: ToldReason, bins: Sequence[Bin]) -> list[tuple[float, str]]:
    """Return where ticks stand: under bins of one value, else between bins, and only some of many."""
    feature, singles = reason.feature, sum(one.low == one.high is not None for one in bins)
    if len(bins) <= LABELS and (2 * singles >= len(bins) or len(bins) == 1):
        return [(float(at), _cut(bin_said(feature, one), 12)) for at, one in enumerate(bins)]
    between = [
        (at - 0.5, number_said(feature, one.low)) for at, one in enumerate(bins) if at and one.low is not None
    ]
    step = -(-len(between) // LABELS)
    return between[::step]


def _cut(text: str, most: int) -> str:
    """Return a text in one line, cut where it is longer than there is room for."""
    line = shown(text)
    return line if len(line) <= most else f"{line[: most - 1]}…"
