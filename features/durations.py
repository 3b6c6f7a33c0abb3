"""Lengths of time, written as people write them: '90 days', '2 weeks', '36 hours'."""

import re
from typing import Annotated

import pandas as pd
from pydantic import BeforeValidator, PlainSerializer

DAY_US = 86_400_000_000
"""Microseconds in a day."""

_BARE = re.compile(r"[-+.,\d\s]+")


def microseconds(text: str | int) -> int:
    """Return a length of time in microseconds.

    Raises ValueError where the text is no positive or zero length of time, or is a number without a unit:
    nobody means 90 microseconds by 90. Zero needs no unit.

    >>> microseconds("90 days") // DAY_US, microseconds("90d") // DAY_US
    (90, 90)
    """
    said = str(text).strip()
    wrong = ValueError(f"expected a length of time such as '90 days', found {text!r}")
    if _BARE.fullmatch(said) and said != "0":
        raise ValueError(f"{wrong}, which has no unit")
    try:
        length = pd.Timedelta(re.sub(r"(?<=\d)d$", " days", re.sub(r"\bweeks?\b", "W", said)))
    except ValueError as problem:
        raise wrong from problem
    if pd.isna(length) or length < pd.Timedelta(0):
        raise wrong
    return length // pd.Timedelta(microseconds=1)


def spelled(length_us: int) -> str:
    """Return a length of time as text that `microseconds` reads back.

    >>> spelled(microseconds("2 weeks"))
    '14 days'
    """
    for unit, size in (("days", DAY_US), ("hours", 3_600_000_000), ("seconds", 1_000_000)):
        if length_us % size == 0:
            return f"{length_us // size} {unit}"
    return f"{length_us} microseconds"


Duration = Annotated[int, BeforeValidator(microseconds), PlainSerializer(spelled, return_type=str)]
"""A field of a mapping: text outside, microseconds inside."""
