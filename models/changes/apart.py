"""One thing after the other: what each type of new events did, and each column that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.fit import expected_columns
from models.changes.stations import after_columns, after_events
from models.changes.step import Happened
from models.reasons.groups import groups_of
from models.reasons.rest import remainder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.batch import LeadBatch
    from models.changes.news import News
    from models.changes.stations import Station, TellingScorer
    from models.changes.words import ChangeWords

APART = 12
"""So many things at most are told apart; those after them are told together."""


class Apart:
    """Takes the steps of events and of fields in single steps. Each is a score of a lead that could be."""

    def __init__(self, scorer: TellingScorer, words: ChangeWords, then: LeadBatch, now: LeadBatch) -> None:
        self._scorer = scorer
        self._words = words
        self._then = then
        self._now = now

    def events(self, news: News, after: Station) -> list[tuple[str, Station]]:
        """Return each type of new events, in the order in which they became visible, with the station after.

        The last station is `after`.
        """
        types = news.types
        if not types:
            return [(self._words.text("other_events"), after)]
        single = types if len(types) <= APART else types[: APART - 1]
        told = [
            (
                self._words.deed(news.deed(kind), news),
                after_events(self._scorer, self._then, self._now, types[: at + 1]),
            )
            for at, kind in enumerate(single)
        ]
        if len(single) < len(types):
            return [*told, (self._words.kinds(len(types) - len(single)), after)]
        return [*told[:-1], (told[-1][0], after)]

    def fields(self, before: Station, after: Station) -> list[tuple[str, Station]]:
        """Return each column whose change moved a feature, in the model's order, with the station after.

        The last station is `after`.
        """
        told: list[tuple[str, Station]] = []
        last, changed = before, self._changed()
        for at, name in enumerate(changed):
            if len(told) == APART - 1 and at < len(changed) - 1:
                break
            reached = after_columns(self._scorer, self._then, self._now, changed[: at + 1])
            if reached.score.features_sha256 != last.score.features_sha256:
                told.append((self._said(name, last, reached), reached))
                last = reached
        if last.score.features_sha256 != after.score.features_sha256:
            return [*told, (self._words.text("other_columns"), after)]
        return [*told[:-1], (told[-1][0], after)]

    def _changed(self) -> list[str]:
        """Return the columns that the model reads and whose cells differ."""
        names = expected_columns(self._scorer.spec.columns)
        return [name for name in names if _cell(self._then, name) != _cell(self._now, name)]

    def _said(self, name: str, before: Station, after: Station) -> str:
        """Say what a column's change did to the group that is about it or, where to none, to another."""
        first, last = before.score.vector, after.score.vector
        groups = [group for group in groups_of(self._scorer.spec) if group.is_of_column]
        for group in sorted(groups, key=lambda group: group.about != name):
            at = list(group.positions)
            if first is not None and last is not None and first[at].tobytes() != last[at].tobytes():
                return self._words.of_field(group, first[at].tolist(), last[at].tolist())
        return self._words.text("other_columns")


def happened(
    before: Station, apart: Sequence[tuple[str, Station]], log_odds: float | None
) -> tuple[Happened, ...]:
    """Return what each thing did, from the station before all of them. The last takes the rest of `log_odds`.

    Effects are differences of whole scores, so they add up exactly.
    """
    told: list[Happened] = []
    score = before.score.score
    for at, (text, reached) in enumerate(apart):
        held = [one.log_odds for one in told if one.log_odds is not None]
        total = log_odds if at == len(apart) - 1 else _moved(before, reached)
        amount = None if log_odds is None or total is None else remainder(held, total)
        told.append(Happened(text, float(reached.score.score - score), amount))
        score = reached.score.score
    return tuple(told)


def _moved(before: Station, after: Station) -> float | None:
    start, end = before.score.margin, after.score.margin
    return None if start is None or end is None else end - start


def _cell(lead: LeadBatch, name: str) -> object:
    return next(iter(lead.cells.get(name, [None])))
