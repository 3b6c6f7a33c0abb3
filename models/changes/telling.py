"""From stations to steps: what time, events, fields and the model did to a lead's score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.changes.apart import Apart, happened
from models.changes.news import news
from models.changes.parting import parts_across, parts_within
from models.changes.stations import station, stations
from models.changes.step import Changes, Happened, Step, rest_of
from models.changes.words import ChangeWords, listed, of_time
from models.reasons.rest import remainder

if TYPE_CHECKING:
    from features.batch import LeadBatch
    from features.words import Phrasebook
    from models.changes.news import News
    from models.changes.parting import Say
    from models.changes.stations import Station, TellingScorer
    from models.changes.step import Kind
    from models.reasons.groups import Group


A_SECOND_US = 1_000_000
"""Less is not told where it moved nothing: a store dates what it writes apart by microseconds."""


def changes_between(
    scorer: TellingScorer,
    then: LeadBatch,
    now: LeadBatch,
    anew: tuple[TellingScorer, LeadBatch] | None = None,
    *,
    words: Phrasebook | None = None,
) -> Changes:
    """Return how the score of one lead became another, between the moments of two batches of it alone.

    `then` and `now` are the lead as `scorer` reads it; `anew` is the model that scores it now with the lead
    as that reads it, None where it is the same. In this order: time passes, events become visible, cells
    change, the model changes; a step is there where its kind of change took place. It is told in `words`,
    those of `scorer` where None. Raises UnreadableError
    where the lead cannot be read.

    The steps' effects add up to the difference of the scores, and the parts' of each step to its own. The
    steps' log-odds add up in their order to the difference of the margins: to the bit, but for the cases
    that `models.reasons.rest.remainder` names.
    """
    return _Telling(scorer, then, now, words or scorer.words).told(anew)


class _Telling:
    """One lead's stations, and what is said of the steps between them."""

    def __init__(self, scorer: TellingScorer, then: LeadBatch, now: LeadBatch, book: Phrasebook) -> None:
        self._book = book
        self._words = ChangeWords(book)
        self._apart = Apart(scorer, self._words, then, now)
        since, until = int(then.as_of[0]), int(now.as_of[0])
        self._passed = until - since
        self._news: News = news(now.events, int(now.owner[0]), since, until)
        self._stations = stations(scorer, then, now)
        self._steps: list[Step] = []

    def told(self, anew: tuple[TellingScorer, LeadBatch] | None) -> Changes:
        start, passed, acted, now = self._stations
        if self._passed >= A_SECOND_US or _moved(start, passed):
            self._time(start, passed)
        if self._news.types or _differ(passed, acted):
            self._events(passed, acted)
        if _differ(acted, now):
            self._fields(acted, now)
        end = now
        if anew is not None:
            end = station(*anew)
            if end.model != now.model:
                self._model(now, end)
        return Changes(since=start.score, until=end.score, steps=tuple(self._steps))

    def _time(self, before: Station, after: Station) -> None:
        def say(group: Group, *_: list[float]) -> str:
            return self._words.name(group)

        text = of_time(self._passed, is_quiet=not self._news.types, book=self._book)
        self._within("time", (before, after), say, [(text, after)])

    def _events(self, before: Station, after: Station) -> None:
        def say(group: Group, _before: list[float], now: list[float]) -> str | None:
            return self._words.of_events(group, now, self._news)

        self._within("events", (before, after), say, self._apart.events(self._news, after))

    def _fields(self, before: Station, after: Station) -> None:
        apart = self._apart.fields(before, after)
        self._within("fields", (before, after), self._words.of_field, apart)

    def _model(self, before: Station, after: Station) -> None:
        parts = parts_across(before, after, self._words.name)
        effect = float(after.score.score - before.score.score)
        shortly = self._words.model_shortly(before.scorer, after.scorer)
        step = Step(
            kind="model",
            text=self._words.model(before.scorer, after.scorer),
            score=after.score.score,
            effect=effect,
            log_odds=None,
            happened=(Happened(shortly, effect, None),),
            parts=(*parts, rest_of(parts, self._words.text("not_shared"), effect=effect, log_odds=None)),
        )
        self._steps.append(step)

    def _within(
        self, kind: Kind, ends: tuple[Station, Station], say: Say, apart: list[tuple[str, Station]]
    ) -> None:
        before, after = ends
        parts = parts_within(before, after, say, self._words.beside)
        effect = float(after.score.score - before.score.score)
        log_odds = self._log_odds(after)
        took_place = happened(before, apart, log_odds)
        largest = sorted(took_place, key=lambda one: -abs(one.effect))
        step = Step(
            kind=kind,
            text=listed([one.text for one in largest], self._book),
            score=after.score.score,
            effect=effect,
            log_odds=log_odds,
            happened=took_place,
            parts=(*parts, rest_of(parts, self._words.text("rounding"), effect=effect, log_odds=log_odds)),
        )
        self._steps.append(step)

    def _log_odds(self, after: Station) -> float | None:
        """Return what, added to the steps so far, gives the difference of the margins since the start."""
        start, end = self._stations[0].score.margin, after.score.margin
        if start is None or end is None:
            return None
        return remainder([step.log_odds for step in self._steps if step.log_odds is not None], end - start)


def _moved(before: Station, after: Station) -> bool:
    return (before.score.margin, before.score.score) != (after.score.margin, after.score.score)


def _differ(before: Station, after: Station) -> bool:
    return before.score.features_sha256 != after.score.features_sha256
