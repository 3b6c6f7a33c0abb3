"""What is not known of a lead: the columns that a score would read, and that hold nothing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from models.reasons.groups import groups_of

if TYPE_CHECKING:
    from features.spec import FeatureSpec
    from features.words import Phrasebook
    from models.score import Score


def not_known(score: Score, spec: FeatureSpec, words: Phrasebook) -> tuple[str, ...]:
    """Return the names of columns of which nothing is known, in the order of the spec, each once.

    Derived columns are not among them: they stand in no file that somebody could fill in. What a lead did
    is always known: that it did nothing is a fact.
    """
    if score.vector is None:
        return ()
    values = score.vector.tolist()
    derived = {column.name for column in spec.columns if column.is_derived}
    found = (
        words.name(group.features)
        for group in groups_of(spec)
        if group.is_of_column
        and group.about not in derived
        and all(math.isnan(values[at]) for at in group.positions)
    )
    return tuple(dict.fromkeys(found))
