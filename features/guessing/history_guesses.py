"""What the columns of events, outcomes, changes and accounts are for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from features.guessing.guess import Guess
from features.guessing.horizon_guesses import horizon_guess
from features.guessing.table_guesses import changed_column, end_column
from features.reading.ends import end_of
from features.reading.time_columns import parse_time_column
from features.times import TimeRules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from features.guessing.profiles import ColumnProfile, FileProfile
    from features.guessing.table_guesses import Roles

_TYPE = re.compile(
    r"(^|\W|_)(type|typ|tipo|event|ereignis|action|activity|aktivität|aktivitaet|vorgang|kind|verb|art)(\W|_|$)"
    r"|event.?name|^name$",
    re.IGNORECASE,
)
_KNOWN = re.compile(r"known|ingest|received|loaded|recorded|arriv", re.IGNORECASE)
_OCCURRED = re.compile(r"occur|happen|event|^time|stamp|won|clos|chang|date", re.IGNORECASE)
_CREATED = re.compile(r"creat|modif|updat", re.IGNORECASE)
_VALUE = re.compile(r"(^|\W|_)(value|amount|revenue|price|total|betrag|wert|umsatz)(\W|_|$)", re.IGNORECASE)
_NEW_VALUE = re.compile(r"(^|\W|_)(new\w*|to|value|wert|neu\w*)(\W|_|$)", re.IGNORECASE)
_EVENT_ID = re.compile(r"uuid|guid|(^|\W|_)id$", re.IGNORECASE)
_OWN_EVENT_ID = re.compile(
    r"(event|activity|action|message|engagement|interaction|touchpoint|ereignis|aktivitäts?|aktivitaets?|vorgangs?|"
    r"nachrichten|nachricht)s?[\W_]*(id|uuid|guid|key)$|^(id|uuid|guid)$",
    re.IGNORECASE,
)
_OF_A_PERSON = re.compile(
    r"(lead|prospect|contact|customer|client|user|person|member|account|kunden?|interessenten?|kontakt)s?"
    r"[\W_]*(id|uuid|guid)$",
    re.IGNORECASE,
)
_TOUCH = re.compile(
    r"sales.?call|call.?(made|out)|outbound|e?mail.?sent|sent.?e?mail|sms.?sent|letter.?sent|touch|voicemail",
    re.IGNORECASE,
)

LEAST_DIFFERENT = 0.9
"""The share of different values, of those there are, of a column that is taken for the id of its events."""

LEAST_FILLED = 0.99
"""The share of rows in which such a column holds something."""


def event_guesses(file: FileProfile, link: str) -> Iterator[Guess]:
    """Guess about the columns of a file of events whose column `link` names the lead."""
    rest = [column for name, column in file.columns.items() if name != link]
    yield from _times(rest, "events", "occurred_at")
    yield _type(file.path.stem, rest)
    yield from _event_id(rest)
    yield from _value(rest, "events")
    properties = [column for column in rest if column.name == "page" and column.counts] or [
        column for column in rest if column.counts and column.share(re.compile(r"\{.*\}", re.DOTALL)) == 1
    ]
    if properties:
        held = "the page that was looked at" if properties[0].name == "page" else "JSON objects"
        yield Guess(section="events", key="properties", value=properties[0].name, why=held, form="item")
    kinds = next((column for column in rest if _is_type(column)), None)
    for text in kinds.counts if kinds else ():
        if _TOUCH.search(text):
            why = "sounds like something that you did, not the lead"
            yield Guess(section="events", key="touches", value=text, why=why, form="item")


def outcome_guesses(file: FileProfile, roles: Roles, created: tuple[str, str | None]) -> Iterator[Guess]:
    """Guess about the columns of a file of outcomes, and the horizon (`created`: column and format)."""
    link = roles.links["outcomes"]
    rest = [column for name, column in file.columns.items() if name != link]
    times = list(_times(rest, "outcomes", "occurred_at"))
    yield from times
    ends = end_column(file)
    if ends is None:
        why = "no column holds won and lost: everything in this file is taken as won; check it"
        yield Guess(section="outcomes", key="outcome", value={"constant": "won"}, why=why)
    else:
        column = file.columns[ends]
        listed = ", ".join(f"{text!r} ({count:,})" for text, count in column.counts.most_common(6))
        yield Guess(section="outcomes", key="outcome", value=ends, why=f"its values: {listed}")
        for text in column.counts:
            if text.casefold() not in {"won", "lost", "disqualified"}:
                end = end_of(text) or "open"
                yield Guess(
                    section="outcomes", key="outcomes", name=text, value=end, why="check it", form="entry"
                )
    yield from _value(rest, "outcomes")
    yield _horizon(file, roles, created, str(times[0].value), _format(times))


def change_guesses(file: FileProfile, leads: FileProfile, link: str) -> Iterator[Guess]:
    """Guess about the columns of a file of changes whose column `link` names the lead."""
    named = changed_column(file, leads) or ""
    yield Guess(section="changes", key="column", value=named, why="holds names of the leads' columns")
    rest = [column for name, column in file.columns.items() if name not in {link, named}]
    times = list(_times(rest, "changes", "changed_at"))
    yield from times
    values = [column for column in rest if column.name != times[0].value and column.counts]
    if values:
        best = max(values, key=lambda column: (bool(_NEW_VALUE.search(column.name)), len(column.counts)))
        yield Guess(section="changes", key="value", value=best.name, why="the value from that time on")


def account_guesses(file: FileProfile, roles: Roles) -> Iterator[Guess]:
    """Guess about the columns of a file of accounts."""
    key, lead_key = roles.account_keys
    yield Guess(section="accounts", key="key", value=key, why=roles.why["accounts"])
    yield Guess(section="accounts", key="lead_key", value=lead_key, why="the leads' column with these values")
    times = [column for column in file.columns.values() if column.time is not None]
    if times and times[0].time is not None:
        why = "the only time in the file; check that it says since when the row was known"
        yield Guess(section="accounts", key="known_from", value=times[0].name, why=why)
        if times[0].time.time_format:
            form = times[0].time
            yield Guess(section="accounts", key="time_format", value=form.time_format, why=form.why)


def _times(rest: list[ColumnProfile], section: str, key: str) -> Iterator[Guess]:
    """Guess which column is the time (there is one), how it is written, and since when rows were known."""
    times = [column for column in rest if column.time is not None]
    known = [column for column in times if _KNOWN.search(column.name)] if len(times) > 1 else []
    best = max(
        (column for column in times if column not in known),
        key=lambda column: (
            column.filled == column.rows,
            bool(_OCCURRED.search(column.name)),
            not _CREATED.search(column.name),
        ),
    )
    time = best.time
    others = [column.name for column in times if column is not best]
    why = f"times in {best.filled:,} of {best.rows:,} rows" + (f"; not {', '.join(others)}" if others else "")
    yield Guess(section=section, key=key, value=best.name, why=why)
    if time is not None and time.time_format is not None:
        yield Guess(section=section, key="time_format", value=time.time_format, why=time.why)
    same = [
        column for column in known if column.time and time and column.time.time_format == time.time_format
    ]
    if same and section != "changes":
        why = "when the row came to be known"
        yield Guess(section=section, key="known_at", value=same[0].name, why=why)


def _is_type(column: ColumnProfile) -> bool:
    few = 1 <= len(column.counts) <= 200 and len(column.counts) <= 0.5 * max(2, column.filled)
    return bool(_TYPE.search(column.name)) and few and column.filled == column.rows and not column.is_number


def _type(stem: str, rest: list[ColumnProfile]) -> Guess:
    best = next((column for column in rest if _is_type(column)), None)
    if best is not None:
        listed = ", ".join(text for text, _ in best.counts.most_common(5))
        why = f"{len(best.counts)} kinds: {listed}" + (", ..." if len(best.counts) > 5 else "")
        return Guess(section="events", key="type", value=best.name, why=why)
    name = re.sub(r"\W+", "_", stem.casefold()).strip("_") or "event"
    why = "no column tells kinds of events apart: all are called like the file"
    return Guess(section="events", key="type", value={"constant": name}, why=why)


def _event_id(rest: list[ColumnProfile]) -> Iterator[Guess]:
    """Guess which column tells events apart. One that is named so may repeat some: that is what it is for."""
    rest = [column for column in rest if not _OF_A_PERSON.search(column.name)]
    named = [column for column in rest if _OWN_EVENT_ID.search(column.name) and _is_nearly_key(column)]
    keys = [column for column in rest if _EVENT_ID.search(column.name) and column.is_key]
    for column in (named or keys)[:1]:
        yield Guess(section="events", key="event_id", value=column.name, why=_why_event_id(column))


def _is_nearly_key(column: ColumnProfile) -> bool:
    enough = column.filled >= LEAST_FILLED * column.rows
    return column.filled > 0 and enough and len(column.counts) >= LEAST_DIFFERENT * column.filled


def _why_event_id(column: ColumnProfile) -> str:
    if column.is_key:
        return f"{column.filled:,} different values in as many rows: an identifier of the event"
    repeated, blank = column.filled - len(column.counts), column.rows - column.filled
    why = (
        f"named like the event's identifier; {len(column.counts):,} different values in {column.rows:,} rows"
    )
    why += f", so {repeated:,} rows repeat one and are left out" if repeated else ""
    return why + (f"; {blank:,} rows have none" if blank else "")


def _value(rest: list[ColumnProfile], section: str) -> Iterator[Guess]:
    found = next((column for column in rest if _VALUE.search(column.name) and column.is_number), None)
    if found is not None:
        why = f"numbers in {found.filled:,} rows, and named like a value"
        yield Guess(section=section, key="value", value=found.name, why=why)


def _format(guesses: list[Guess]) -> str | None:
    return next((str(guess.value) for guess in guesses if guess.key == "time_format"), None)


def _horizon(
    file: FileProfile, roles: Roles, created: tuple[str, str | None], at: str, time_format: str | None
) -> Guess:
    ends = parse_time_column(file.raw.cells[at], TimeRules(time_format), day_end=True).times
    starts = parse_time_column(roles.leads.raw.cells[created[0]], TimeRules(created[1]), day_end=False).times
    return horizon_guess(
        starts.set_axis(roles.leads.texts(roles.id or "").array),
        ends.set_axis(file.texts(roles.links["outcomes"]).array),
    )
