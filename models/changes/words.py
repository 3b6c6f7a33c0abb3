"""What changed, in words: time, events, fields, the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.durations import DAY_US
from features.event_features import channel_subject
from features.feature import ACTIVITY, RESPONSE, STEP, TOUCHES
from features.vocabulary import CHANNELS
from features.words import ENGLISH, is_known
from models.score import BUILT_IN_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.words import Phrasebook
    from models.changes.news import News
    from models.changes.stations import TellingScorer
    from models.reasons.groups import Group

HOUR_US = DAY_US // 24
_GENERAL = {ACTIVITY: "activity", TOUCHES: "touches", STEP: "step", RESPONSE: "response"} | {
    channel_subject(channel): f"channels.{channel}" for channel in CHANNELS
}
"""The words for groups that are of many types of events at once."""


class ChangeWords:
    """Says what a step is about, and what it moved. `book` knows how things are called."""

    def __init__(self, book: Phrasebook = ENGLISH) -> None:
        self._book = book

    def text(self, key: str) -> str:
        """Return a text about changes that has no places."""
        return self._book.text(f"changes.{key}")

    def name(self, group: Group) -> str:
        """Return what a group is called: 'Company size'."""
        return self.text("age") if group.features[0].measure == "age" else self._book.name(group.features)

    def beside(self, group: Group) -> str:
        """Say of a group whose values are the same that its contribution is another."""
        return self._book.text("changes.weighed_differently", name=self.name(group))

    def deed(self, key: str, news: News) -> str:
        """Say what was done, and how often: 'asked for a demo', 'we called the lead twice'."""
        return self._book.acted(key, news.times[key], by_us=key in news.touches)

    def kinds(self, count: int) -> str:
        """Say that events of so many more types came."""
        return self._book.counted("changes.kinds.many", count)

    def of_events(self, group: Group, after: Sequence[float], news: News) -> str | None:
        """Say what new events did to a group whose values they changed."""
        if group.is_of_column:
            return None
        if group.about in news.times:
            return self.deed(group.about, news)
        if group.about in _GENERAL:
            return self.text(_GENERAL[group.about])
        if group.features[0].measure == "channel" and is_known(after):
            return self._book.phraser(group.features)(after, None)
        return None

    def of_field(self, group: Group, before: list[float], after: list[float]) -> str:
        """Say how what is known of a column changed: 'Company size: 35 → 420'."""
        name = self.name(group)
        if not is_known(after):
            return self._book.text("changes.known_no_more", name=name)
        new = self._value(group, after)
        if not is_known(before):
            return self._book.text("changes.known_now", name=name, value=new)
        old = self._value(group, before)
        if old == new:
            return self._book.text("changes.changed", name=name)
        return self._book.text("changes.turned", name=name, before=old, after=new)

    def _value(self, group: Group, values: list[float]) -> str:
        """Return what a column holds, without its name where that stands first: 'Opted in? yes' is 'yes'."""
        said = self._book.say(group.features, values)
        name = self._book.name(group.features)
        return said.removeprefix(name).lstrip(": ") or said

    def model(self, before: TellingScorer, after: TellingScorer) -> str:
        """Say which model followed which: 'version 6 → 7'."""
        old, new = self._version(before), self._version(after)
        if before.name != after.name:
            first = self._book.text("changes.model_named", name=before.name, version=old)
            last = self._book.text("changes.model_named", name=after.name, version=new)
            return self._book.text("changes.model", before=first, after=last)
        numbers = [str(scorer.version) for scorer in (before, after) if scorer.version]
        if len(numbers) == 2:
            return self._book.text("changes.versions", before=numbers[0], after=numbers[1])
        return self._book.text("changes.model", before=old, after=new)

    def model_shortly(self, before: TellingScorer, after: TellingScorer) -> str:
        """Say that the model is a newer one, or another."""
        is_newer = before.name == after.name and (before.version or 0) < (after.version or 0)
        return self.text("new_model" if is_newer else "another_model")

    def _version(self, scorer: TellingScorer) -> str:
        if scorer.version == BUILT_IN_VERSION:
            return self.text("built_in")
        if scorer.version is None:
            return self.text("no_version")
        return self._book.text("changes.version", number=str(scorer.version))


def of_time(length_us: int, *, is_quiet: bool, book: Phrasebook = ENGLISH) -> str:
    """Say that time passed.

    >>> of_time(7 * DAY_US, is_quiet=True), of_time(9 * DAY_US, is_quiet=False)
    ('a quiet week', '9 days passed')
    >>> of_time(3 * HOUR_US, is_quiet=True), of_time(1, is_quiet=False)
    ('3 quiet hours', 'less than an hour passed')
    """
    hours, days = length_us // HOUR_US, round(length_us / DAY_US)
    if hours < 1:
        return book.text(f"changes.less_than_{'a_quiet' if is_quiet else 'an'}_hour")
    count, unit = (hours, "hours") if hours < 24 else (days, "days")
    return book.counted(f"changes.{'quiet_' if is_quiet else ''}{unit}.many", int(count))


LISTED = 5
"""So many things are named where there are more; the others are counted."""


def listed(texts: Sequence[str], book: Phrasebook = ENGLISH) -> str:
    """Return texts as one.

    >>> listed(["asked for a demo"]), listed(["a", "b", "c"]), listed([*"abcdefg"])
    ('asked for a demo', 'a, b and c', 'a, b, c, d and 3 more')
    """
    if len(texts) > LISTED:
        more = book.counted("changes.more.many", len(texts) - LISTED + 1)
        texts = [*texts[: LISTED - 1], more]
    *first, last = texts
    if not first:
        return last
    return book.text(
        "explanation.and", first=book.catalogue.marks["values.separator"].join(first), second=last
    )
