"""Dated outcomes in the file of leads itself: a column of statuses, and a date that only ended leads have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from features.guessing.guess import Guess
from features.guessing.horizon_guesses import horizon_guess
from features.guessing.label_guesses import likely_status
from features.reading.ends import end_of
from features.reading.time_columns import parse_time_column
from features.times import TimeRules

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from features.guessing.profiles import ColumnProfile, FileProfile
    from features.mapping import Outcome

_WON_AT = re.compile(
    r"(^|\W|_)(won|win|convert(ed)?|conversion|purchas(e|ed)|bought|ordered|sold|signed|gewonnen|gekauft|"
    r"kauf(datum)?|abschluss(datum)?|bestellt|konvertiert|kunde.seit|(customer|client).since|"
    r"became.a?.?(customer|client)|gagn[ée]e?|ganad[oa])(\W|_|$)|^(won|converted|conversion)(at|on|date|time)$",
    re.IGNORECASE,
)
_ENDED_AT = re.compile(
    r"clos(e|ed|ing)|(^|\W|_)(lost|ended?|outcome|decided|decision|resolved|resolution|result|finished|abgeschlossen|"
    r"geschlossen|verloren|entschieden|entscheidung|beendet|erledigt|cierre|cl[oô]tur\w*)",
    re.IGNORECASE,
)
_NOT_YET = re.compile(
    r"expect|plan|target|forecast|estimat|erwartet|voraussicht|geplant|pr[ée]vu|previst", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Which columns of the leads say how and when they ended. `ends`: what each status means, and why."""

    at: ColumnProfile
    status: ColumnProfile | None
    ends: dict[str, tuple[Outcome, str]]
    why: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that tell the future of a lead."""
        return (self.at.name,) if self.status is None else (self.status.name, self.at.name)


def ending_of(
    leads: FileProfile, used: set[str], created: tuple[str, str | None], label: str | None
) -> Ending | None:
    """Return the pair of columns that tells how and when leads ended, or None.

    `used` are columns that are something else, `created` is the column of the creation and its format;
    `label` is the column of statuses, where the caller knows it.
    """
    rest = [column for column in leads.columns.values() if column.name not in used]
    dates = [column for column in rest if _names_an_end(column) and _comes_after(leads, column, created)]
    dates.sort(key=lambda column: not _WON_AT.search(column.name))
    statuses = sorted(
        (column for column in rest if 2 <= len(column.counts) <= 100 and column.time is None),
        key=lambda column: -likely_status(column),
    )
    for status in statuses:
        if status.name == label or (label is None and likely_status(status) > 0):
            for at in dates:
                found = _pair(leads, status, at)
                if found is not None:
                    return found
    for at in dates:
        if label is None and _WON_AT.search(at.name) and 0 < at.filled <= 0.9 * at.rows:
            why = (
                f"a time in {at.filled:,} of {at.rows:,} rows and no column of statuses that goes with it: "
                "leads that have it are taken as won, the others as still open; check it"
            )
            return Ending(at=at, status=None, ends={}, why=why)
    return None


def ending_guesses(
    leads: FileProfile, ending: Ending, lead_id: str, created: tuple[str, str | None]
) -> Iterator[Guess]:
    """Return the section of outcomes that reads the file of leads, and the horizon."""
    yield Guess(section="outcomes", key="lead_id", value=lead_id, why="the id of the leads, in the same file")
    why = f"when leads ended; times in {ending.at.filled:,} of {ending.at.rows:,} rows"
    yield Guess(section="outcomes", key="occurred_at", value=ending.at.name, why=why)
    time_format = ending.at.time.time_format if ending.at.time else None
    if ending.at.time is not None and time_format is not None:
        yield Guess(section="outcomes", key="time_format", value=time_format, why=ending.at.time.why)
    if ending.status is None:
        yield Guess(section="outcomes", key="outcome", value={"constant": "won"}, why=ending.why)
    else:
        yield Guess(section="outcomes", key="outcome", value=ending.status.name, why=ending.why)
    for text, (end, reason) in ending.ends.items():
        yield Guess(section="outcomes", key="outcomes", name=text, value=end, why=reason, form="entry")
    ids = leads.texts(lead_id)
    ended = _times(leads, ending.at.name, time_format, day_end=True).set_axis(ids.array)
    if ending.status is not None:
        open_ones = [text for text, (end, _) in ending.ends.items() if end == "open"]
        ended = ended[~leads.texts(ending.status.name).isin(open_ones).to_numpy()]
    starts = _times(leads, *created, day_end=False).set_axis(ids.array)
    yield horizon_guess(starts, ended)


def ending_copies(ending: Ending) -> Iterator[Guess]:
    """Exclude both columns from the features."""
    for name in ending.columns:
        why = "tells the outcome: [outcomes] reads it"
        yield Guess(section="leads", key="exclude", value=name, why=why, form="item")


def _names_an_end(column: ColumnProfile) -> bool:
    named = _WON_AT.search(column.name) or _ENDED_AT.search(column.name)
    return column.time is not None and bool(named) and not _NOT_YET.search(column.name)


def _comes_after(leads: FileProfile, column: ColumnProfile, created: tuple[str, str | None]) -> bool:
    """Whether the times lie after the creation, but for a tenth."""
    form = column.time.time_format if column.time else None
    took = _times(leads, column.name, form, day_end=True) - _times(leads, *created, day_end=False)
    took = took.dropna()
    return len(took) > 0 and (took.dt.total_seconds() >= 0).mean() >= 0.9


def _times(
    leads: FileProfile, name: str, time_format: str | None, *, day_end: bool
) -> pd.Series[pd.Timestamp]:
    return parse_time_column(leads.raw.cells[name], TimeRules(time_format), day_end=day_end).times


def _pair(leads: FileProfile, status: ColumnProfile, at: ColumnProfile) -> Ending | None:
    """Return what the statuses mean where the date stands (almost) only beside those that are ends."""
    dated = leads.raw.cells[at.name].notna()
    texts = leads.texts(status.name)
    share = {str(text): float(part) for text, part in dated.groupby(texts).mean().items()}
    ends: dict[str, tuple[Outcome, str]] = {}
    for text, count in status.counts.most_common():
        ends[text] = _end(text, share.get(text, 0.0), count)
    if not any(end == "won" for end, _ in ends.values()):
        unknown = [text for text in ends if end_of(text) is None and share.get(text, 0.0) >= 0.95]
        if len(unknown) != 1 or not _WON_AT.search(at.name):
            return None
        ends[unknown[0]] = ("won", f"{status.counts[unknown[0]]:,} rows, which have {at.name!r}; check it")
    won = [text for text, (end, _) in ends.items() if end == "won"]
    undecided = [text for text, (end, _) in ends.items() if end == "open"]
    rows_won = texts.isin(won)
    # A missing status is open as well: such a lead has no date either.
    rows_open = texts.isin(undecided) | texts.isna()
    if not rows_won.any() or dated[rows_won].mean() < 0.95:
        return None
    if rows_open.any() and dated[rows_open].mean() > 0.1:
        return None
    listed = ", ".join(f"{text!r} ({count:,})" for text, count in status.counts.most_common(6))
    why = (
        f"{at.name!r} stands beside {dated[rows_won].mean():.0%} of the won leads and "
        f"{dated[rows_open].mean() if rows_open.any() else 0:.0%} of the open ones; its values: {listed}"
    )
    return Ending(at=at, status=status, ends=ends, why=why)


def _end(text: str, dated: float, count: int) -> tuple[Outcome, str]:
    end = end_of(text)
    said = f"{count:,} rows, {dated:.0%} with a date"
    if end == "won":
        return end, f"{said}; a usual word for it"
    if end in {"lost", "disqualified"} and dated > 0:
        return end or "lost", f"{said}; a usual word for it"
    if end in {"lost", "disqualified"}:
        return "open", f"{said}, so not won yet: nobody could tell when it ended"
    if end == "open":
        return end, f"{said}; sounds undecided, so it is left out"
    if dated >= 0.5:
        return "lost", f"{said}: ended, and no word for a conversion; check it"
    return "open", f"{said}; no usual word, so taken as not decided yet; check it"
