"""What a backtest found is told whole: in the terminal, in files and on a page."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from html import unescape

import pytest
from made_about import around

from training.backtest.found import Backtest, Contender, Difference, Period, backtest_from
from training.evidence.evidence import Flattery
from training.measures import Figure
from training.reports.backtest_report import backtest_csv, backtest_lines, backtest_report
from training.reports.markdown import markdown_of
from training.reports.page import page_of

STARTS = ("2025-09-01", "2025-09-29", "2025-10-27")


def contender(name: str, shift: float, trained: int) -> Contender:
    measures = {"log_loss": around(0.2 + shift, 0.01)}
    if trained:
        measures |= {
            "roc_auc": around(0.81 - shift, 0.02),
            "calibration_slope": around(0.97 - shift, 0.05),
            "calibration_intercept": around(-0.01 - shift, 0.04),
        }
    by_period = tuple(
        {name: around(figure.value + at / 100, 0.02) for name, figure in measures.items()} for at in range(3)
    )
    return Contender(name=name, said=f"{name} said", trained=trained, measures=measures, by_period=by_period)


def difference(one: str, other: str, value: float) -> Difference:
    figures = tuple(around(value + at / 1000, 0.001) for at in range(3))
    return Difference(
        one=one, other=other, whole=around(value, 0.0005), later=around(value * 2, 0.0006), by_period=figures
    )


@pytest.fixture(scope="module")
def found() -> Backtest:
    return Backtest(
        horizon="90 days",
        first="2025-09-01",
        last="2025-11-17",
        rows=12_345,
        leads=2_345,
        conversions=321,
        fits=3,
        periods=tuple(
            Period(first=first, rows=4_115, leads=1_234, converted=around(0.061, 0.007)) for first in STARTS
        ),
        contenders=(
            contender("monthly", 0.0, 3),
            contender("never", 0.004, 1),
            contender("base rate", 0.03, 0),
        ),
        differences=(difference("monthly", "never", 0.004), difference("never", "base rate", -0.03)),
        flattery=Flattery(
            random_auc=around(0.83, 0.01), random_log_loss=around(0.19, 0.01), auc=0.02, log_loss=0.01
        ),
        notes=("Columns without a history: <b>x</b>.",),
    )


def test_the_terminal_says_each_cadence_what_retraining_saves_and_the_flattery(found: Backtest) -> None:
    lines = list(backtest_lines(found))
    said = "\n".join(lines)
    for text in ("0.2000 [0.1900, 0.2110]", "+0.0040 [+0.0035, +0.0046]", "monthly is better", "AUC", "0.83"):
        assert text in said
    assert "base rate is better" in said
    assert "A random split by lead" in said
    assert all(first in said for first in STARTS)
    assert lines[-1].startswith("note: Columns without a history")
    table = [line for line in lines if line.startswith("  ") and "[" in line]
    assert max(map(len, table)) < 130


def test_the_csv_holds_every_figure_to_the_bit(found: Backtest) -> None:
    rows = list(csv.DictReader(io.StringIO(backtest_csv(found))))
    held = {(row["period"], row["of"], row["measure"]): row for row in rows}
    assert len(held) == len(rows) == (4 + 4 + 1) * 4 + 2 * 5 + 3
    row = held["2025-09-29", "never", "roc_auc"]
    assert (
        Figure(float(row["value"]), float(row["low"]), float(row["high"]))
        == (found.contenders[1].by_period[1]["roc_auc"])
    )
    assert float(held["later half", "monthly instead of never", "log_loss_saved"]["value"]) == 0.008


def test_the_json_can_be_read_back(found: Backtest) -> None:
    assert backtest_from(json.loads(json.dumps(found.to_dict()))) == found


def test_the_page_holds_tables_and_plots_and_needs_nothing_else(found: Backtest) -> None:
    report = backtest_report(found)
    page = page_of(report)
    assert [drawing.name for drawing in report.drawings] == ["log_loss_over_time", "log_loss_saved"]
    assert page.count("<svg") == 2
    assert "<script" not in page
    assert "http" not in page
    assert "<b>x</b>" not in page
    assert "<b>x</b>" in unescape(page)
    assert page == page_of(backtest_report(found))
    assert "What retraining saves" in markdown_of(report)


def test_of_one_period_nothing_is_drawn(found: Backtest) -> None:
    one = replace(
        found,
        periods=found.periods[:1],
        contenders=tuple(replace(way, by_period=way.by_period[:1]) for way in found.contenders),
        differences=tuple(replace(gain, by_period=gain.by_period[:1]) for gain in found.differences),
    )
    assert backtest_report(one).drawings == ()
    assert "<svg" not in page_of(backtest_report(one))
