"""What the columns of the leads are for: what to exclude, what is context, what spells 'not known'."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from features.cells import cell_rules
from features.columns.names import CONTEXT, PERSON, PHONE, TITLE
from features.guessing.guess import Guess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from features.guessing.profiles import ColumnProfile, FileProfile

NOT_KNOWN = frozenset(
    (
        *("select", "please select", "unknown", "not specified", "not known", "not available"),
        *("not provided", "not set", "(not set)", "undefined", "missing", "(blank)", "(none)"),
        *("n.a.", "n. a."),
        *("keine angabe", "k.a.", "k. a.", "unbekannt", "inconnu", "desconocido", "#value!", "#ref!", "tbd"),
    )
)
"""Spellings of 'not known' that are obvious, beside those that every file may use."""

_CREATED = re.compile(
    r"creat|regist|sign.?up|signed.?up|first.?(contact|seen|touch)|added|inquir|enquir|submitted"
    r"|angelegt|erstellt|eingang",
    re.IGNORECASE,
)
_NOT_CREATED = re.compile(
    r"last|modif|updat|clos|won|lost|convert|birth|due|next|end|expir|purchas|deal", re.IGNORECASE
)
_PHONE_NUMBER = re.compile(r"(\+|00|\()[\d\s()./-]{7,20}")
_CODE = re.compile(
    r"(^|\W|_)(id|ids|no|number|nr|nummer|key|code|index|row|uuid|guid)$|[a-z]I[dD]$|^unnamed|^column \d+$",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"[1-9]\d{0,2}(\.\d{3})+")
_BELOW_1000 = re.compile(r"\d{1,3}")
_AFTERWARDS = re.compile(
    r"(^|\W|_)(tags?|quality|profile|asymmetrique|last notable|lost|loss|won|win|clos(e|ed|ing)|deal|"
    r"contract|invoice|paid|payment|disposition|outcome|result|stage|status|next.?step|notes?|comments?|"
    r"reason|owner|score|grade|opportunity|amount|convert\w*)(\W|_|$)",
    re.IGNORECASE,
)


def created_guess(leads: FileProfile) -> Iterator[Guess]:
    """Guess which column says when a lead was created, and how its times are written."""
    times = [column for column in leads.columns.values() if column.time is not None]
    named = [column for column in times if not _NOT_CREATED.search(column.name)]
    if not named:
        why = "no column says when a lead was created: the data are taken as flat, one row an example"
        yield Guess(section="leads", why=why, form="hint")
        return
    best = max(
        named, key=lambda column: (bool(_CREATED.search(column.name)), column.filled, -named.index(column))
    )
    time = best.time
    if time is None:
        return
    others = [column.name for column in times if column is not best]
    why = f"times in {best.filled:,} of {best.rows:,} rows" + (f"; not {', '.join(others)}" if others else "")
    yield Guess(section="leads", key="created_at", value=best.name, why=why)
    if time.time_format is not None:
        yield Guess(section="leads", key="time_format", value=time.time_format, why=time.why)


def column_guesses(leads: FileProfile, used: set[str]) -> Iterator[Guess]:
    """Guess about every column of the leads that is not `used` for something else already."""
    columns = [column for column in leads.columns.values() if column.name not in used]
    kept: list[ColumnProfile] = []
    for column in columns:
        why = _exclusion(column)
        if why is None:
            kept.append(column)
        else:
            yield Guess(section="leads", key="exclude", value=column.name, why=why, form="item")
    yield from _afterwards(kept)
    yield from _decimal(kept)
    yield from _missing(kept)
    for column in kept:
        if CONTEXT.search(column.name):
            why = "named like a source: how the lead came, not who it is"
            yield Guess(section="leads", key="context", value=column.name, why=why, form="item")
    for column in kept:
        mark = _separator(column)
        if mark is not None:
            why = f"several values in a cell, parted by {mark!r}, as in {_example(column, mark)!r}"
            yield Guess(section="leads", key="multi", name=column.name, value=mark, why=why, form="entry")


def _exclusion(column: ColumnProfile) -> str | None:
    """Return why a column must not become a feature, or None."""
    if column.nested:
        return None
    return _emptiness(column) or _privacy(column) or _uselessness(column)


def _emptiness(column: ColumnProfile) -> str | None:
    if not column.filled:
        return "always empty"
    if len(column.counts) == 1 and column.filled == column.rows:
        return "the same value in every row"
    return None


def _privacy(column: ColumnProfile) -> str | None:
    if PERSON.search(column.name):
        return "names of people; take this line out and duplicates are found by phone and name"
    if column.is_email:
        return "e-mail addresses; without this line duplicates are found by them; the kind of domain is used"
    if PHONE.search(column.name) or column.share(_PHONE_NUMBER) >= 0.8:
        return "phone numbers; take this line out and duplicates are found by phone and name"
    return None


def _uselessness(column: ColumnProfile) -> str | None:
    distinct, filled = len(column.counts), column.filled
    if column.time is not None:
        return "a time other than the creation: it may tell what came later"
    if _is_identifier(column):
        return f"{distinct:,} different values in {filled:,} rows: an identifier"
    words = sum(len(text.split()) * count for text, count in column.counts.items()) / filled
    if words > 6 and distinct > 0.5 * filled and not _separator(column):
        return f"free text, {words:.0f} words on average"
    return None


def _is_identifier(column: ColumnProfile) -> bool:
    if column.filled < 20:
        return bool(_CODE.search(column.name)) and column.is_key
    if len(column.counts) < 0.9 * column.filled or TITLE.search(column.name) or _separator(column):
        return False
    if column.odd_cells:
        return False
    if column.is_number:
        whole = all(text.lstrip("-").isdecimal() for text in column.counts)
        return whole and (bool(_CODE.search(column.name)) or (column.is_key and _ordered(column)))
    return True


def _ordered(column: ColumnProfile) -> bool:
    """Whether whole numbers lie as densely as a count of rows does."""
    numbers = [int(text) for text in column.counts]
    return max(numbers) - min(numbers) < 20 * len(numbers)


def _afterwards(columns: list[ColumnProfile]) -> Iterator[Guess]:
    """Say which columns may have been filled in after the outcome, which only people can know."""
    named = [column.name for column in columns if _AFTERWARDS.search(column.name)]
    if named:
        listed = ", ".join(f'"{name}"' for name in named)
        why = f"perhaps filled in after the outcome was known; if so, add to exclude: {listed}"
        yield Guess(section="leads", why=why, form="hint")


def _decimal(columns: list[ColumnProfile]) -> Iterator[Guess]:
    point, comma = cell_rules(), cell_rules(decimal=",")
    for column in columns:
        with_comma = [text for text in column.counts if re.search(r"\d,\d", text)]
        if with_comma and not column.non_numbers(comma) and column.non_numbers(point):
            why = f"numbers such as {with_comma[0]!r} in {column.name!r}"
            yield Guess(section="leads", key="decimal", value=",", why=why)
            return
    for column in columns:
        grouped = [text for text in column.counts if _GROUPED.fullmatch(text)]
        if len(grouped) >= 5 and all(
            text in grouped or _BELOW_1000.fullmatch(text) for text in column.counts
        ):
            why = (
                f"points part thousands in {column.name!r}, as in {grouped[0]!r}: nothing above 999 has none"
            )
            yield Guess(section="leads", key="decimal", value=",", why=why)
            return


def _missing(columns: list[ColumnProfile]) -> Iterator[Guess]:
    rows: Counter[str] = Counter()
    places: dict[str, list[str]] = {}
    for column in columns:
        for text in _unknowns(column):
            rows[text] += column.counts[text]
            places.setdefault(text, []).append(column.name)
    for text, count in rows.most_common():
        where = ", ".join(places[text][:3]) + (", ..." if len(places[text]) > 3 else "")
        why = f"taken for 'not known': {count:,} cells of {where}"
        yield Guess(section="leads", key="missing", value=text, why=why, form="item")


def _unknowns(column: ColumnProfile) -> list[str]:
    obvious = [text for text in column.counts if text.casefold() in NOT_KNOWN]
    blockers = min((column.non_numbers(cell_rules(decimal=mark)) for mark in ".,"), key=len, default=[])
    numbers = len(column.counts) - len(blockers)
    wordy = all(not any(sign.isdigit() for sign in text) for text in blockers)
    if 0 < len(blockers) <= 3 and numbers >= 8 * len(blockers) and wordy:
        return blockers
    return column.odd_cells or obvious


def _separator(column: ColumnProfile) -> str | None:
    """Return what parts the values of a multi-valued column, or None.

    A fifth of the cells must hold it, in different numbers, and the parts must be short and repeat.
    """
    if column.is_number or column.time is not None:
        return None
    for mark in (";", "|", ","):
        cells = {text: [part.strip() for part in text.split(mark) if part.strip()] for text in column.counts}
        parted = sum(column.counts[text] for text, parts in cells.items() if len(parts) > 1)
        if parted < max(2, 0.2 * column.filled):
            continue
        parts = Counter(part for text, of_cell in cells.items() for part in of_cell * column.counts[text])
        lengths = {len(of_cell) for of_cell in cells.values()}
        short = all(len(part) <= 40 and len(part.split()) <= 4 for part in parts)
        if short and len(lengths) > 1 and len(parts) <= 0.5 * parts.total() and len(parts) <= len(cells):
            return mark
    return None


def _example(column: ColumnProfile, mark: str) -> str:
    return next(text for text in column.counts if mark in text)
