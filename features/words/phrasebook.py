"""The phrasebook: how things are called, what a lead did, and what is known of it, in one language."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from features.event_features import channel_subject
from features.feature import ACTIVITY, RESPONSE, STEP, TOUCHES
from features.words.book import book_of
from features.words.catalogue import english
from features.words.columns import column_teller
from features.words.events import EVENT_MEASURES, deed_of, event_teller
from features.words.plain import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from features.feature import Feature
    from features.words.catalogue import Catalogue
    from features.words.events import Teller
    from features.words.naming import OwnColumn
    from features.words.numerals import Numerals

MOST_KEPT = 5_000
"""So many phrasers are kept, of all models that a process has at a time."""


def is_known(values: Sequence[float]) -> bool:
    """Return whether anything is known of a group: one value that is not missing."""
    return any(not math.isnan(value) for value in values)


class Phrasebook:
    """Says what features tell of a lead. It claims nothing beyond their values.

    `columns`: what a company says of its columns, by their names. `source`: the JSON of the file that states
    the words, None for those that come with LeadLens.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        columns: Mapping[str, OwnColumn] | None = None,
        source: str | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.source = source
        self.columns = dict(columns or {})
        self._book = book_of(catalogue, self.columns)
        self._phrasers: dict[tuple[Feature, ...], Teller] = {}

    @property
    def language(self) -> str:
        """The language as BCP 47 names it: 'en'."""
        return self.catalogue.language

    @property
    def numerals(self) -> Numerals:
        """How numbers, percentages and dates are written: `.number(420)`, `.percent(0.05)`, `.day(us)`."""
        return self._book.numerals

    def say(
        self, features: Sequence[Feature], values: Sequence[float], usual: Sequence[float] | None = None
    ) -> str:
        """Say what is known, for features that are about one thing and their values (at least one known).

        `usual` are the values that are usual in the population, NaN where none is. It praises or blames
        nothing: whether the values raised or lowered the score stands beside it.
        """
        return sentence(self.phraser(features)(values, usual))

    def phraser(self, features: Sequence[Feature]) -> Teller:
        """Return what says values of these features inside a sentence: 'visited the website twice, …'.

        `plain.sentence` makes a whole one of it. For who says the same features again and again.
        """
        key = tuple(features)
        known = self._phrasers.get(key)
        if known is None:
            of_events = key[0].measure in EVENT_MEASURES
            known = event_teller(key, self._book) if of_events else column_teller(key, self._book)
            if len(self._phrasers) >= MOST_KEPT:
                self._phrasers.clear()
            self._phrasers[key] = known
        return known

    def name(self, features: Sequence[Feature]) -> str:
        """Return what features about one thing are called, without any lead's values: 'Company size'."""
        first = features[0]
        noun = (_OF_COLUMNS if first.is_of_column else _OF_EVENTS).get(
            (first.measure, first.part if first.is_of_column else first.about)
        )
        if noun is not None:
            return sentence(self._book.named("nouns", noun))
        if first.is_of_column:
            return self._book.naming.column(first.about)
        deed = deed_of(features, self._book)
        return sentence(deed.noun) if deed is not None and deed.noun else self._book.naming.key(first.about)

    def did(self, key: str, times: int = 1, *, by_us: bool = False) -> str:
        """Return what was done, as said after the doer: 'asked for a demo', 'opened two e-mails'.

        `key` is a type of event, or a type with its detail ('page_view.pricing'). `by_us`: whether it was our
        act, for types that can be either's.
        """
        deed = self._book.deeds.of(key, by_us=by_us)
        if deed is not None:
            return self._book.text("did_alone", past=deed.past if times == 1 else deed.several(times))
        name = self._book.naming.key(key)
        if times == 1:
            return name
        return self._book.text("name_alone", name=name, times=self._book.deeds.times(times))

    def acted(self, key: str, times: int = 1, *, by_us: bool) -> str:
        """Return what was done as `did` does, and of a touch that it was ours: 'we called the lead twice'."""
        deed = self._book.deeds.of(key, by_us=by_us)
        if deed is None or not by_us:
            return self.did(key, times)
        return self.text("changes.we_did", past=deed.past if times == 1 else deed.several(times))

    def text(self, key: str, **said: str) -> str:
        """Return a text of the catalogue by its whole key ('explanation.for'), its places filled."""
        return self.catalogue.templates[key].fill(**said)

    def counted(self, key: str, count: int, **said: str) -> str:
        """Return the form of a text that a count takes, by its whole key ('counts.days')."""
        form = self.catalogue.counted(key, count)
        return form.fill(count=self.numerals.number(count), **said)

    def has(self, key: str, *, by_us: bool = False) -> str:
        """Return that something has happened, as a clause: 'the lead has asked for a demo'.

        `key` is as in `did`; `by_us`: a touch, 'we have called the lead'.
        """
        deed = self._book.deeds.of(key, by_us=by_us)
        if deed is None:
            return self._book.text("has_been_recorded", name=self._book.naming.key(key))
        return self._book.text("we_have_done" if by_us else "has_done", participle=deed.participle)


_OF_EVENTS: dict[tuple[str, str | None], str] = {
    ("age", "lead.age"): "age",
    ("count", ACTIVITY): "activity",
    ("count", TOUCHES): "touches",
    ("answered_share", RESPONSE): "response",
    ("step", STEP): "step",
    ("channel", channel_subject("first")): "channel_first",
    ("channel", channel_subject("last")): "channel_last",
}
"""The nouns of groups by the measure of their first feature and what it is about."""

_OF_COLUMNS: dict[tuple[str, str | None], str] = {
    ("category", "source"): "source",
    ("number", "completeness"): "completeness",
}
"""The same of derived columns, by the part that they are."""

ENGLISH = Phrasebook(english())
"""The words that come with LeadLens."""
