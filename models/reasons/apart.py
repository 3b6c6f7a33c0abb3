"""Reasons of one lead are told apart: no two say the same sentence."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from features.words.plain import bare

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from features.words import Phrasebook
    from models.reasons.groups import Group

LONGEST = 60


def told_apart(group: Group, words: Phrasebook) -> Callable[[str], str]:
    """Return what adds to a sentence of a group by which column or type of event it is said."""
    name = bare(group.about, LONGEST) or words.name(group.features)
    return lambda text: words.text("reasons.apart", said=text, name=name)


def distinct(apart: Callable[[str], str], text: str, texts: Collection[str]) -> str:
    """Return a text that is in none of `texts`: with the name of what it is about, else with a number too."""
    named = apart(text)
    if named not in texts:
        return named
    return next(told for n in count(2) if (told := f"{named} {n}") not in texts)
