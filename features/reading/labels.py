"""A label column of flat data: which of its values means a conversion."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from features.cells import MISSING
from features.errors import Fault, InputError
from features.reading.ends import NEGATIVE_WORDS, POSITIVE_WORDS, end_of
from features.reading.rejects import shown

if TYPE_CHECKING:
    from features.mapping import Outcomes

_LABEL_OF = {"won": 1.0, "lost": 0.0, "disqualified": 0.0, "open": math.nan}


class Labels(NamedTuple):
    """A label a row (NaN: none), and which rows say that the lead is still open."""

    values: pd.Series[float]
    still_open: pd.Series[bool]


def labels_of(cells: pd.Series[Any], section: Outcomes, said_of: str) -> Labels:
    """Return 1.0 for leads that converted, 0.0 for those that did not, NaN for open and missing ones.

    1, '1', '1.0', True and 'true' are one value, and case is ignored. With `outcomes` every value must be
    listed there. With `positive` alone any other value is 0.0, but for well-known words for what is still
    open. With neither, one of two kinds of values must be a well-known word for a conversion. Raises
    InputError where they are not, or where there are not both classes.
    """
    spelled = cells.map(label_spelling)
    distinct = [str(word) for word in spelled.dropna().unique()]
    place = f"{said_of}, column {section.label}"
    found = sorted({shown(cell) for cell in cells.dropna().unique()[:20]})
    listed = ", ".join(found) or "no value"
    if section.outcomes:
        named = _listed_ends(section)
        unknown = spelled.notna() & ~spelled.isin([*named, "none"])
        if unknown.any():
            raise _unlisted(place, cells[unknown], listed)
        ends = {word: named.get(word, "open") for word in distinct}
    elif section.positive is not None:
        positive = label_spelling(section.positive)
        ends = {word: "won" if word == positive else _open_or_lost(word) for word in distinct}
    else:
        words = positive_words(distinct)
        if words is None:
            raise _unlisted(place, cells[spelled.notna()], listed)
        ends = {word: "won" if word in words else "lost" for word in distinct}
    label = spelled.map({word: _LABEL_OF[end] for word, end in ends.items()}).astype("float64")
    still_open = spelled.isin([word for word, end in ends.items() if end == "open" and word != "none"])
    if not (label == 1).any() or not (label == 0).any():
        wanted = "both leads that converted and leads that did not"
        lacking = "no row that did not convert" if (label == 1).any() else "no row that converted"
        remedy = "Correct label, positive or outcomes under [outcomes] in the mapping, or give more history."
        if still_open.any():
            first = str(cells[still_open].iloc[0])
            remedy += (
                f' {first!r} counts as still open; if it is lost: [outcomes.outcomes] "{first}" = "lost"'
            )
        raise InputError(Fault(place, wanted, f"{lacking} (values: {listed})", remedy))
    return Labels(label, still_open)


def open_note(said_of: str, counts: pd.Series[int]) -> str:
    """Say which leads are still open and left out. `counts`: rows for each such cell, by first appearance."""
    most = counts.sort_values(ascending=False, kind="stable").head(20)
    listed = ", ".join(f"{text!r} {count:,}" for text, count in most.items())
    return f"{said_of}: {counts.sum():,} leads that are still open left out ({listed})"


def _listed_ends(section: Outcomes) -> dict[str | None, str]:
    ends: dict[str | None, str] = {"won": "won", "lost": "lost", "disqualified": "disqualified"}
    if section.positive is not None:
        ends[label_spelling(section.positive)] = "won"
    return ends | {label_spelling(text): end for text, end in section.outcomes.items()}


def _open_or_lost(word: str) -> str:
    return "open" if end_of(word) == "open" else "lost"


def _unlisted(place: str, cells: pd.Series[Any], listed: str) -> InputError:
    unknown = list(dict.fromkeys(str(cell) for cell in cells))
    meant = ", ".join(f'"{text}" = "{end_of(text) or "..."}"' for text in unknown[:20])
    remedy = (
        "Name the value that means a conversion: positive = ..., or better say what each value means "
        f"(won, lost, disqualified or open) under [outcomes.outcomes] in the mapping; add: {meant}"
    )
    return InputError(Fault(place, "a label whose positive value is plain", listed, remedy))


def positive_words(distinct: list[str]) -> set[str] | None:
    """Return those of a label's values (as spelt here) that mean a conversion, or None where it is not plain.

    Plain: some are well-known words for it, and the rest are well-known words for the contrary, or a
    single one that is not a word for what is still open.
    """
    positive = {word for word in distinct if _underscored(word) in POSITIVE_WORDS}
    rest = [word for word in distinct if word not in positive]
    negative = [word for word in rest if _underscored(word) in NEGATIVE_WORDS]
    if len(positive) != 1 or any(end_of(word) == "open" for word in rest):
        return None
    return positive if len(rest) <= 1 or len(negative) == len(rest) else None


def _underscored(word: str) -> str:
    return word.replace(" ", "_").replace("-", "_")


def label_spelling(cell: Any) -> str | None:
    """Return a cell as labels are compared: without case, 1 for true, no '.0'; None where missing."""
    if isinstance(cell, (bool, np.bool_)):
        return str(int(cell))
    if cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and math.isnan(cell)):
        return None
    word = " ".join(str(cell).split()).casefold()
    if word in MISSING - {"none"}:
        return None
    try:
        number = float(word)
    except ValueError:
        return {"true": "1", "false": "0"}.get(word, word)
    return str(int(number)) if number.is_integer() else str(number)
