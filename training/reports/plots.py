"""The plots of a model card, each drawn from the evidence alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from training.evidence.evidence import BASE_RATE
from training.reports.content import Drawing, shown
from training.reports.plot_marks import few, grid, percent, thousands, whiskers
from training.reports.plot_style import ACCENT, AGAINST, BAND, INK, LINE, REST, SOFT, canvas, svg_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.evidence.evidence import Evidence, Slice

MOST_PERIODS = 24
"""Later periods beyond so many are not drawn one by one: the newest are."""


def plots_of(evidence: Evidence) -> dict[str, Drawing]:
    """Return every plot that the evidence holds figures for, by name, in the order of the card."""
    found = (
        _rivals(evidence), _reliability(evidence), _gains(evidence), _lift(evidence), _bands(evidence),
        _stability(evidence),
    )  # fmt: skip
    return {plot.name: plot for plot in found if plot is not None}


def _reliability(evidence: Evidence) -> Drawing | None:
    """Draw what was said beside what happened, and how the said probabilities are spread."""
    bins = evidence.reliability
    if not bins:
        return None
    said = [one.probability for one in bins]
    with canvas(height=4.0, rows=(4.0, 1.0)) as (figure, (main, below)):
        top = 1.08 * max(*said, *(one.converted.high for one in bins), 1e-6)
        main.plot([0, top], [0, top], color=REST, linewidth=1, linestyle=(0, (4, 3)))
        whiskers(main, said, [one.converted for one in bins], ACCENT)
        main.set_title("Reliability")
        main.set_ylabel("share that converted")
        main.set_xlim(0, top)
        main.set_ylim(0, top)
        percent(main.yaxis)
        grid(main, "both")
        below.bar(said, [one.rows for one in bins], width=top / 60, color=REST)
        below.set_ylabel("rows")
        below.set_xlabel("probability that was said")
        below.yaxis.set_major_locator(few())
        below.yaxis.set_major_formatter(thousands())
        percent(below.xaxis)
        return Drawing(
            name="reliability",
            said="Reliability: the share that converted against the probability that was said, with 95 % "
            "intervals; on the dashed line both are equal. Below: how many rows were given it.",
            svg=svg_of(figure),
        )


def _gains(evidence: Evidence) -> Drawing | None:
    """Draw which share of the conversions is among the best rows."""
    if not evidence.gains:
        return None
    best, caught = zip(*evidence.gains, strict=True)
    with canvas() as (figure, (axis,)):
        axis.plot([0, 1], [0, 1], color=REST, linewidth=1, linestyle=(0, (4, 3)))
        axis.fill_between(best, caught, best, color=BAND, linewidth=0)
        axis.plot(best, caught, color=ACCENT)
        _at_capacity(axis, evidence)
        axis.set_title("Gains")
        axis.set_xlabel("share of the rows, the best scores first")
        axis.set_ylabel("share of the conversions")
        axis.set_xlim(0, 1)
        axis.set_ylim(0, 1.01)
        percent(axis.xaxis)
        percent(axis.yaxis)
        grid(axis, "both")
        return Drawing(
            name="gains",
            said="Gains: the share of all conversions among the rows of the best scores; the dashed line "
            "is a list in no order.",
            svg=svg_of(figure),
        )


def _lift(evidence: Evidence) -> Drawing | None:
    """Draw how many times the base rate converts among the best rows: points, and the way between."""
    measured = [
        (int(name[-2:]) / 100, figure)
        for name, figure in evidence.measures.items()
        if name.startswith("lift_") and name[-2:].isdigit()
    ]
    if not measured:
        return None
    with canvas() as (figure, (axis,)):
        axis.axhline(1.0, color=REST, linewidth=1, linestyle=(0, (4, 3)))
        way = [(share, caught / share) for share, caught in evidence.gains if share >= 0.02]
        if way:
            axis.plot(*zip(*way, strict=True), color=ACCENT, linewidth=1.2, alpha=0.55)
        whiskers(axis, [share for share, _ in measured], [figure for _, figure in measured], ACCENT)
        _at_capacity(axis, evidence)
        axis.set_title("Lift")
        axis.set_xlabel("share of the rows, the best scores first")
        axis.set_ylabel("times the base rate")
        axis.set_xlim(0, 1)
        axis.set_ylim(bottom=0)
        percent(axis.xaxis)
        grid(axis, "y")
        return Drawing(
            name="lift",
            said="Lift: how many times as often as all rows those of the best scores convert, with 95 % "
            "intervals; the dashed line, 1, is a list in no order.",
            svg=svg_of(figure),
        )


def _bands(evidence: Evidence) -> Drawing | None:
    """Draw how often leads of a score convert."""
    if not evidence.bands:
        return None
    place = list(range(len(evidence.bands)))
    with canvas() as (figure, (axis,)):
        axis.bar(
            place, [band.converted.value for band in evidence.bands], width=0.72, color=BAND, linewidth=0
        )
        whiskers(axis, place, [band.converted for band in evidence.bands], ACCENT)
        axis.plot(
            place, [band.probability for band in evidence.bands], color=AGAINST, linestyle="none",
            marker="_", markersize=15, markeredgewidth=2, label="probability that was said",
        )  # fmt: skip
        axis.set_title("Conversion by score")
        axis.set_xticks(place, [f"{band.low}-{band.high}" for band in evidence.bands])
        if len(place) > 7:
            axis.tick_params(axis="x", rotation=45)
        axis.set_xlabel("score")
        axis.set_ylabel("share that converted")
        axis.set_ylim(bottom=0)
        axis.legend(loc="upper left")
        percent(axis.yaxis)
        grid(axis, "y")
        return Drawing(
            name="bands",
            said="Conversion by band of the score, with 95 % intervals, beside the mean probability that "
            "was said of the band.",
            svg=svg_of(figure),
        )


def _stability(evidence: Evidence) -> Drawing | None:
    """Draw whether it holds over time: AUC, and what was said beside what happened."""
    periods = [one for one in evidence.slices if one.kind == "period"][-MOST_PERIODS:]
    if len(periods) < 2:
        return None
    place = list(range(len(periods)))
    with canvas(height=4.2, rows=(1.0, 1.0)) as (figure, (above, below)):
        above.axhline(0.5, color=REST, linewidth=1, linestyle=(0, (4, 3)))
        told = [(at, one.auc) for at, one in zip(place, periods, strict=True) if one.auc is not None]
        if told:
            above.plot([at for at, _ in told], [f.value for _, f in told], color=ACCENT, linewidth=1)
            whiskers(above, [at for at, _ in told], [figure for _, figure in told], ACCENT)
        above.set_title("Stability over time")
        above.set_ylabel("AUC")
        whiskers(below, place, [one.converted for one in periods], ACCENT, label="converted")
        below.plot(
            place, [one.probability for one in periods], color=AGAINST, marker="_", markersize=10,
            markeredgewidth=2, linewidth=1, label="said",
        )  # fmt: skip
        below.set_ylabel("share")
        below.set_ylim(bottom=0)
        _names_of(below, periods)
        percent(below.yaxis)
        grid(above, "y")
        grid(below, "y")
        below.legend(loc="lower left", ncols=2)
        return Drawing(
            name="stability",
            said="Stability: by period the AUC, and the share that converted beside the probability that "
            "was said, with 95 % intervals.",
            svg=svg_of(figure),
        )


def _rivals(evidence: Evidence) -> Drawing | None:
    """Draw the log loss of the model and of every rival on the same rows."""
    told = [("the model", evidence.log_loss)]
    told += [
        (rival.name, rival.measures["log_loss"]) for rival in evidence.rivals if "log_loss" in rival.measures
    ]
    if len(told) < 2:
        return None
    with canvas(height=1.3 + 0.36 * len(told)) as (figure, (axis,)):
        for at, (name, loss) in enumerate(told):
            colour = ACCENT if at == 0 else SOFT if name == BASE_RATE else INK
            axis.hlines(at, loss.low, loss.high, color=colour, linewidth=2)
            axis.plot([loss.value], [at], "o", color=colour, markersize=6)
        axis.axvline(evidence.log_loss.value, color=LINE, linewidth=1, zorder=0)
        axis.set_yticks(range(len(told)), [shown(name)[:40] for name, _ in told])
        axis.tick_params(axis="y", length=0, labelcolor=INK)
        axis.invert_yaxis()
        axis.set_ylim(len(told) - 0.4, -0.6)
        axis.spines["left"].set_visible(False)
        axis.set_title("Log loss (lower is better)")
        axis.set_xlabel("nats a row")
        axis.xaxis.set_major_locator(few())
        grid(axis, "x")
        return Drawing(
            name="log_loss",
            said="Log loss of the model and of its rivals on the same rows, with 95 % intervals; lower is "
            "better.",
            svg=svg_of(figure),
        )


def _at_capacity(axis: Any, evidence: Evidence) -> None:
    if evidence.capacity is not None:
        axis.axvline(evidence.capacity, color=AGAINST, linewidth=1, label="the team's capacity")
        axis.legend(loc="lower right" if axis.get_ylim()[1] <= 1.2 else "upper right")


def _names_of(axis: Any, periods: Sequence[Slice]) -> None:
    """Name at most six of the periods, so that the names do not run into one another."""
    step = -(-len(periods) // 6)
    places = list(range(0, len(periods), step))
    axis.set_xticks(places, [shown(periods[at].value)[:12] for at in places])
