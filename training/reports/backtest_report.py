"""What a backtest found, for people: lines, a table of every figure, plots, and one page."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from training.reports.backtest_plots import drawn_backtest
from training.reports.card_words import figure_said, measure_said, nats_said, percent_said
from training.reports.content import Facts, Report, Section, Sentences, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from training.backtest.found import Backtest, Contender
    from training.measures import Figure

SHOWN = ("log_loss", "roc_auc", "calibration_slope", "calibration_intercept")
"""The measures that are shown of each period and in the terminal; the files have them all."""


def backtest_lines(found: Backtest) -> Iterator[str]:
    """Yield the findings as lines of a terminal."""
    yield f"{_how(found)}. In brackets: 95 % intervals, by resampling leads."
    yield ""
    yield from _aligned(
        ("", *map(measure_said, SHOWN)),
        [(one.name, *_cells(one.measures, SHOWN)) for one in found.contenders],
    )
    yield ""
    yield "Log loss that retraining saves (nats a row, paired):"
    head = ("", "over all", "in the later half", "")
    yield from _aligned(head, [_difference_row(found, at) for at in range(len(found.differences))])
    yield ""
    yield "Log loss by four weeks:"
    names = tuple(one.name for one in found.contenders)
    rows = [
        (period.first, f"{period.rows:,}", percent_said(period.converted), *_losses(found, at))
        for at, period in enumerate(found.periods)
    ]
    yield from _aligned(("from", "rows", "converted", *names), rows)
    yield ""
    yield flattered(found)
    yield from (f"note: {note}" for note in found.notes)


def flattered(found: Backtest) -> str:
    """Return in a sentence how much a random split flatters."""
    flattery = found.flattery
    return (
        f"A random split by lead of the same rows would have shown an AUC of {flattery.random_auc} and a log "
        f"loss of {flattery.random_log_loss}: better by {flattery.auc:+.4f} and {flattery.log_loss:+.4f} "
        f"than {found.contenders[0].name} retraining in time."
    )


def backtest_csv(found: Backtest) -> str:
    """Return every figure as a row: period ('all' for all), of what, measure, value and interval."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("period", "of", "measure", "value", "low", "high"))
    periods = [period.first for period in found.periods]
    for one in found.contenders:
        for period, measures in (("all", one.measures), *zip(periods, one.by_period, strict=True)):
            writer.writerows((period, one.name, name, *_three(figure)) for name, figure in measures.items())
    for gained in found.differences:
        told = (
            ("all", gained.whole),
            ("later half", gained.later),
            *zip(periods, gained.by_period, strict=True),
        )
        said = f"{gained.one} instead of {gained.other}"
        writer.writerows((period, said, "log_loss_saved", *_three(figure)) for period, figure in told)
    writer.writerows(
        (period.first, "all leads", "converted", *_three(period.converted)) for period in found.periods
    )
    return out.getvalue()


def backtest_report(found: Backtest) -> Report:
    """Return the findings as a report, to be a page or Markdown."""
    return Report(
        kicker="Backtest",
        title="What retraining would have given",
        said=f"{_how(found)}. In brackets: 95 % intervals, from resampling leads.",
        facts=Facts(
            (
                ("foretold", f"{found.first} to {found.last}"),
                ("rows", f"{found.rows:,}"),
                ("leads", f"{found.leads:,}"),
                ("of which convert", f"{found.conversions:,}"),
                ("models trained", f"{found.fits:,}"),
                ("horizon", found.horizon),
            )
        ),
        sections=tuple(_sections(found)),
    )


def _sections(found: Backtest) -> Iterator[Section]:
    plots = drawn_backtest(found)
    names = tuple(found.contenders[0].measures)
    yield Section(
        title="Each cadence, over all",
        said="A model knows at each retraining what was known then, and foretells until the next.",
        parts=(
            Table(
                caption="All rows",
                head=("Retrained", "Models", *map(measure_said, names)),
                rows=tuple(
                    (one.name, f"{one.trained:,}", *_cells(one.measures, names)) for one in found.contenders
                ),
            ),
            Sentences(tuple(f"{one.name}: {one.said}." for one in found.contenders)),
        ),
    )
    yield Section(
        title="What retraining saves",
        said="The log loss of the one less that of the other, on the same rows: above 0 the first is better.",
        parts=(
            Table(
                caption="Nats a row",
                head=("Instead of", "Over all", "In the later half", "So"),
                rows=tuple(_difference_row(found, at) for at in range(len(found.differences))),
            ),
            *plots,
        ),
    )
    yield Section(title="By four weeks", parts=tuple(_by_period(found, one) for one in found.contenders))
    yield Section(
        title="What a random split would have shown",
        said=flattered(found),
        parts=(Sentences(found.notes),) if found.notes else (),
    )


def _by_period(found: Backtest, one: Contender) -> Table:
    names = tuple(name for name in SHOWN if name in one.measures)
    return Table(
        caption=f"Retrained: {one.name}" if one.trained else f"The {one.name} of the time",
        head=("From", "Rows", "Leads", "Converted", *map(measure_said, names)),
        rows=tuple(
            (
                period.first,
                f"{period.rows:,}",
                f"{period.leads:,}",
                percent_said(period.converted),
                *_cells(measures, names),
            )
            for period, measures in zip(found.periods, one.by_period, strict=True)
        ),
    )


def _how(found: Backtest) -> str:
    models = "1 model" if found.fits == 1 else f"{found.fits:,} models"
    return (
        f"{models}, each of what was known at its time (an embargo of {found.horizon}), foretold "
        f"{found.rows:,} rows of {found.leads:,} leads from {found.first} to {found.last}, "
        f"{found.conversions:,} of which convert"
    )


def _cells(measures: dict[str, Figure], names: Sequence[str]) -> list[str]:
    return [figure_said(name, measures[name]) if name in measures else "-" for name in names]


def _difference_row(found: Backtest, at: int) -> tuple[str, ...]:
    gained = found.differences[at]
    return (
        f"{gained.one} instead of {gained.other}",
        nats_said(gained.whole),
        nats_said(gained.later),
        gained.said,
    )


def _losses(found: Backtest, at: int) -> list[str]:
    return [f"{one.by_period[at]['log_loss'].value:.4f}" for one in found.contenders]


def _three(figure: Figure) -> tuple[str, str, str]:
    return repr(figure.value), repr(figure.low), repr(figure.high)


def _aligned(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield rows as columns of text under a head, the first to the left, the others to the right."""
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    for row in (head, *rows):
        first, *others = (
            text.ljust(width) if at == 0 else text.rjust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  " + "  ".join((first, *others)).rstrip()
