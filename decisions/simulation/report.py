"""A simulation in words: rows for a table, and the whole of it as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.counted import counted
from features.durations import DAY_US, spelled
from features.told_times import day_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from decisions.simulation.draws import Doubted
    from decisions.simulation.loads import Load
    from decisions.simulation.responses import Responses
    from decisions.simulation.sides import Changed
    from decisions.simulation.simulation import Simulation
    from decisions.simulation.thresholds import Curve, Point

SHOWN = 20
"""So many leads that change sides are named in a page; a file of JSON names all."""

SHOWN_POINTS = 12

WORDS = {
    "leads_a_day": "leads a day to sales",
    "handed_over": "leads to sales",
    "again": "times that a lead came back",
    "conversions": "conversions",
    "caught": "of them caught",
    "share_caught": "share caught",
    "precision": "of leads to sales, converted",
    "expected_value": "expected value",
    "realised_value": "value of what was caught",
}
"""The figures in words."""

PERCENT = {"share_caught", "precision"}
DECIMALS = {"leads_a_day": 1}

Row = tuple[str, str, str, str]


def figure_rows(found: Simulation) -> Iterator[Row]:
    """Yield a row for each figure: its name, the present policy, the other, and the difference."""
    figures = found.figures
    for name, words in WORDS.items():
        yield (
            words,
            _told(name, figures.present[name], with_sign=False),
            _told(name, figures.other[name], with_sign=False),
            _told(name, figures.difference[name], with_sign=True),
        )
    for kind, loads in (("queue", found.of_queues), ("rep", found.of_reps)):
        for load in loads:
            yield _load_row(kind, load)
    yield (
        "first contact",
        _response(found.responses_present),
        _response(found.responses_other),
        "",
    )


def _load_row(kind: str, load: Load) -> Row:
    said = [_told("leads_a_day", figure, with_sign=False) for figure in (load.present, load.other)]
    return (
        f"a day to the {kind} {load.name}", said[0], said[1],
        _told("leads_a_day", load.difference, with_sign=True),
    )  # fmt: skip


def _response(found: Responses) -> str:
    if found.median_hours is None:
        return "not known"
    how = "as recorded" if found.how == "recorded" else "at the latest, in working time"
    of = f", of {found.known:,} of {found.handed_over:,}" if found.how == "recorded" else ""
    return f"{found.median_hours:.1f} hours {how}{of}"


def _told(name: str, figure: Doubted | None, *, with_sign: bool) -> str:
    if figure is None:
        return "not known"
    sign = "+" if with_sign else ""
    if name in PERCENT:
        if with_sign:
            points = [100 * one for one in (figure.value, figure.low, figure.high)]
            return f"{points[0]:+.1f} points [{points[1]:+.1f}, {points[2]:+.1f}]"
        return f"{figure.value:.1%} [{figure.low:.1%}, {figure.high:.1%}]"
    digits = DECIMALS.get(name, 0)
    value, low, high = (f"{one:{sign},.{digits}f}" for one in (figure.value, figure.low, figure.high))
    return f"{value} [{low}, {high}]"


def what_was_replayed(found: Simulation) -> str:
    """Return in a sentence what was decided again."""
    first, last = (day_of(day * DAY_US) for day in (found.first, found.last))
    return (
        f"{counted(found.leads, 'lead')} from {first} to {last} ({found.days:,} days), {found.moments:,} "
        "decisions "
        f"under each policy; a conversion is a win within {spelled(found.horizon)}."
    )


def said_of_sides(found: Simulation) -> str:
    """Return in a sentence how many would change sides."""
    changed = found.sides
    return (
        f"{counted(len(changed.to_sales), 'lead')} would go to sales that do not now, "
        f"{len(changed.from_sales):,} would no longer; of those that go either way {changed.earlier:,} "
        "would go "
        f"sooner and {changed.later:,} later."
    )


def said_of_best(curve: Curve) -> str:
    """Return in a sentence which threshold would have been best, or why none is named."""
    what = "score" if curve.by == "score" else "value"
    best = curve.best
    if not curve.points:
        return f"By {what}: nothing can be said, for there is none."
    if best is None:
        return f"By {what}: no threshold keeps within the capacity, or nobody converted."
    room = "" if best.capacity is None else f" with room for {best.capacity:g} a day"
    digits = 0 if curve.by == "score" else 2
    value, low, high = (
        f"{one:,.{digits}f}" for one in (best.threshold.value, best.threshold.low, best.threshold.high)
    )
    return (
        f"By {what}, the best threshold{room} would have been {value} [{low}, {high}]: "
        f"{best.leads_a_day:.1f} "
        f"leads a day, worth {best.realised.value:,.0f} [{best.realised.low:,.0f}, "
        f"{best.realised.high:,.0f}]."
    )


def report_of(found: Simulation) -> str:
    """Return all of it as Markdown; of leads that change sides the first few."""
    lines = [
        f"# What '{found.other.name}' would have done",
        "",
        (
            f"Beside '{found.present.name}' ({found.present.sha256[:12]}): '{found.other.name}' "
            f"({found.other.sha256[:12]}). {what_was_replayed(found)}"
        ),
        "",
        *(f"- {caution}" for caution in found.cautions),
        "",
        "| | present | other | difference |",
        "|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in figure_rows(found)),
        "",
        "In brackets: 95 % intervals, by resampling leads; differences are paired.",
        "",
        "## Who would change sides",
        "",
        said_of_sides(found),
        "",
        *_sides("To sales", found.sides.to_sales),
        *_sides("No longer to sales", found.sides.from_sales),
        "## What other thresholds would have given",
        "",
    ]
    for curve in found.curves:
        lines += [said_of_best(curve), "", *_points(curve)]
    return "\n".join(lines).rstrip() + "\n"


def _sides(title: str, changed: tuple[Changed, ...]) -> Iterator[str]:
    if not changed:
        return
    yield from (f"### {title}", "", "| lead | on | why | why not | won |", "|---|---|---|---|---|")
    for one in changed[:SHOWN]:
        yield f"| {one.lead_id} | {day_of(one.at)} | {one.why} | {one.why_not} | {'yes' if one.won else ''} |"
    more = len(changed) - SHOWN
    yield from ("", *([f"And {more:,} more.", ""] if more > 0 else []))


def _points(curve: Curve) -> Iterator[str]:
    if not curve.points:
        return
    yield f"| {curve.by} | leads a day | caught | converted | expected | value of what was caught |"
    yield "|---|---|---|---|---|---|"
    step = max(1, len(curve.points) // SHOWN_POINTS)
    for point in curve.points[::step]:
        yield f"| {' | '.join(point_cells(point))} |"
    yield ""


def point_cells(point: Point) -> tuple[str, ...]:
    """Return the cells of a threshold's row."""
    return (
        f"{point.threshold:,.4g}",
        f"{point.leads_a_day:.1f}",
        "" if point.share_caught is None else f"{point.share_caught:.1%}",
        "" if point.precision is None else f"{point.precision:.1%}",
        "" if point.expected is None else f"{point.expected:,.0f}",
        f"{point.realised:,.0f}",
    )
