"""A label column of flat data: which of its values means a conversion."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.cells import MISSING
from features.errors import Fault, InputError
from features.reading.rejects import shown

if TYPE_CHECKING:
    from features.mapping import Outcomes

POSITIVE_WORDS = frozenset(
    (
        *("1", "yes", "y", "t", "won", "win", "converted", "conversion", "customer", "client", "success"),
        *("successful", "closed_won", "closedwon", "paid", "buyer", "bought", "purchased", "sold", "signed"),
        *("positive", "pos", "adopted", "ja", "j", "oui", "o", "si", "sí", "s", "sim", "da"),
    )
)
"""Values of a label, in lower case and with underscores, that mean a conversion."""

NEGATIVE_WORDS = frozenset(
    (
        *("0", "-1", "no", "n", "f", "lost", "lose", "loss", "not_converted", "unconverted"),
        *("not_won", "none"),
        *("failed", "failure", "unsuccessful", "closed_lost", "closedlost", "unpaid", "disqualified"),
        *("rejected", "negative", "neg", "dead", "nein", "non", "não", "nao", "nie"),
    )
)
"""Values of a label that mean the contrary."""


def labels_of(cells: pd.Series[Any], section: Outcomes, said_of: str) -> pd.Series[float]:
    """Return 1.0 for the positive value, 0.0 for any other, NaN where the cell is missing.

    1, '1', '1.0', True and 'true' are one value, and case is ignored. Without `positive`, one of two kinds of
    values must be a well-known word for a conversion. Raises InputError where it is not, or where there
    are not both classes.
    """
    spelled = cells.map(label_spelling)
    distinct = [str(word) for word in spelled.dropna().unique()]
    place = f"{said_of}, column {section.label}"
    positive = (
        {label_spelling(section.positive)} if section.positive is not None else positive_words(distinct)
    )
    listed = ", ".join(sorted(shown(cell) for cell in cells.dropna().unique()[:20])) or "no value"
    if positive is None:
        remedy = "Name the value that means a conversion: positive = ... under [outcomes] in leadlens.toml."
        raise InputError(Fault(place, "a label whose positive value is plain", listed, remedy))
    label = spelled.isin(positive).astype("float64").mask(spelled.isna())
    if not (label == 1).any() or not (label == 0).any():
        wanted = "both leads that converted and leads that did not"
        lacking = "no row that did not convert" if (label == 1).any() else "no row that converted"
        remedy = "Correct label or positive under [outcomes] in leadlens.toml, or give more history."
        raise InputError(Fault(place, wanted, f"{lacking} (values: {listed})", remedy))
    return label


def positive_words(distinct: list[str]) -> set[str] | None:
    """Return those of a label's values (as spelt here) that mean a conversion, or None where it is not plain.

    Plain: some are well-known words for it, and the rest are well-known words for the contrary, or a
    single one.
    """
    positive = {word for word in distinct if word.replace(" ", "_").replace("-", "_") in POSITIVE_WORDS}
    rest = [word for word in distinct if word not in positive]
    negative = [word for word in rest if word.replace(" ", "_").replace("-", "_") in NEGATIVE_WORDS]
    if positive and len(positive) == 1 and (len(rest) <= 1 or len(negative) == len(rest)):
        return positive
    return None


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
