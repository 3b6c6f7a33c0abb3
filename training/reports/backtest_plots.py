"""The plots of a backtest: what each cadence gives over time, and what retraining saves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from training.reports.content import Drawing
from training.reports.plot_style import ACCENT, AGAINST, INK, REST, SOFT, canvas, svg_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.backtest.found import Backtest

_COLOURS = (ACCENT, AGAINST, INK, SOFT)


def drawn_backtest(found: Backtest) -> tuple[Drawing, ...]:
    """Return the plots; none of what cannot be drawn (one period makes no line)."""
    if len(found.periods) < 2:
        return ()
    return (_over_time(found), *_saved(found))


def _over_time(found: Backtest) -> Drawing:
    place = range(len(found.periods))
    with canvas() as (figure, (axis,)):
        for at, one in enumerate(found.contenders):
            loss = [measures["log_loss"].value for measures in one.by_period]
            style = {"color": _COLOURS[at % len(_COLOURS)], "marker": "o", "markersize": 4}
            if not one.trained:
                style = {"color": REST, "linestyle": (0, (4, 3)), "linewidth": 1.2}
            axis.plot(place, loss, label=one.name, **style)
        axis.set_title("Log loss by four weeks (lower is better)")
        axis.set_ylabel("nats a row")
        axis.legend(loc="best", ncols=2)
        _dates(axis, [period.first for period in found.periods])
        return Drawing(
            name="log_loss_over_time",
            said="Log loss by four weeks for each cadence of retraining; the dashed line is the base rate "
            "of the time.",
            svg=svg_of(figure),
        )


def _saved(found: Backtest) -> tuple[Drawing, ...]:
    """Draw what the first cadence saves over the last, period by period."""
    cadences = [one.name for one in found.contenders if one.trained]
    if len(cadences) < 2:
        return ()
    gained = found.difference(cadences[0], cadences[-1])
    place = range(len(found.periods))
    with canvas() as (figure, (axis,)):
        axis.axhline(0.0, color=REST, linewidth=1, linestyle=(0, (4, 3)))
        axis.vlines(
            place,
            [f.low for f in gained.by_period],
            [f.high for f in gained.by_period],
            color=ACCENT,
            linewidth=1.4,
        )
        axis.plot(
            place, [f.value for f in gained.by_period], "o", color=ACCENT, markersize=5, linestyle="none"
        )
        axis.set_title(f"Saved by {gained.one} instead of {gained.other}")
        axis.set_ylabel("nats a row")
        _dates(axis, [period.first for period in found.periods])
        return (
            Drawing(
                name="log_loss_saved",
                said=f"Log loss that {gained.one} retraining saves instead of {gained.other}, by four weeks, "
                "with 95 % intervals; above 0 it is better.",
                svg=svg_of(figure),
            ),
        )


def _dates(axis: Any, dates: Sequence[str]) -> None:
    """Name at most four of the periods, so that the dates do not run into one another."""
    places = list(range(0, len(dates), -(-len(dates) // 4)))
    axis.set_xticks(places, [dates[at] for at in places])
    axis.set_xlim(-0.4, len(dates) - 0.6)
    axis.grid(axis="y")
    axis.set_axisbelow(True)
    axis.tick_params(which="both", length=0)
