"""What changed, in words: time, events, fields, the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.durations import DAY_US
from features.event_features import channel_subject
from features.feature import ACTIVITY, RESPONSE, STEP, TOUCHES
from features.vocabulary import CHANNEL_NAMES, CHANNELS
from features.words import ENGLISH, is_known
from models.score import BUILT_IN_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.words import Phrasebook
    from models.changes.news import News
    from models.changes.stations import TellingScorer
    from models.reasons.groups import Group

HOUR_US = DAY_US // 24
ROUNDING = "Small, and rounding to whole points"
NOT_SHARED = "Small, and what only one of the models weighs"
_OTHER_MODEL, _NEW_MODEL = "another model", "new model"
_CHANNEL_OF = {channel_subject(channel): CHANNEL_NAMES[channel] for channel in CHANNELS}


class ChangeWords:
    """Says what a step is about, and what it moved. `book` knows how things are called."""

    def __init__(self, book: Phrasebook = ENGLISH) -> None:
        self._book = book

    def name(self, group: Group) -> str:
        """Return what a group is called: 'Company size'."""
        return "Age of the lead" if group.features[0].measure == "age" else self._book.name(group.features)

    def beside(self, group: Group) -> str:
        """Say of a group whose values are the same that its contribution is another."""
        return f"{self.name(group)}, weighed differently"

    def deed(self, key: str, news: News) -> str:
        """Say what was done, and how often: 'asked for a demo', 'we called the lead twice'."""
        done = self._book.did(key, news.times[key])
        return f"we {done}" if key.partition(".")[0] in news.touches or key in news.touches else done

    def of_events(self, group: Group, after: Sequence[float], news: News) -> str | None:
        """Say what new events did to a group whose values they changed."""
        if group.is_of_column:
            return None
        if group.about in news.times:
            return self.deed(group.about, news)
        general = {
            ACTIVITY: "more activity",
            TOUCHES: "more contact by us",
            STEP: "where the lead stands on its way to buying",
            RESPONSE: "how the lead answers us",
        }
        if group.about in general:
            return general[group.about]
        if group.about in _CHANNEL_OF:
            return f"more activity through {_CHANNEL_OF[group.about]}"
        if group.features[0].measure == "channel" and is_known(after):
            which = "first" if group.about == channel_subject("first") else "latest"
            return f"the {which} act through {CHANNEL_NAMES[CHANNELS[int(after[0])]]}"
        return None

    def of_field(self, group: Group, before: list[float], after: list[float]) -> str:
        """Say how what is known of a column changed: 'Company size: 35 → 420'."""
        name = self.name(group)
        if not is_known(after):
            return f"{name} is no longer known"
        new = self._value(group, after)
        if not is_known(before):
            return f"{name} is now known: {new}"
        old = self._value(group, before)
        if old == new:
            return f"{name} is another"
        return f"{name}: {old} → {new}"

    def _value(self, group: Group, values: list[float]) -> str:
        """Return what a column holds, without its name where that is said before it."""
        said = self._book.say(group.features, values)
        return said.removeprefix(f"{self._book.name(group.features)}: ")

    def model(self, before: TellingScorer, after: TellingScorer) -> str:
        """Say which model followed which: 'version 6 → 7'."""
        old, new = _version(before), _version(after)
        if before.name != after.name:
            return f"{before.name}, {old} → {after.name}, {new}"
        return f"{old} → {new.removeprefix('version ') if old.startswith('version') else new}"

    def model_shortly(self, before: TellingScorer, after: TellingScorer) -> str:
        """Say that the model is a newer one, or another."""
        is_newer = before.name == after.name and (before.version or 0) < (after.version or 0)
        return _NEW_MODEL if is_newer else _OTHER_MODEL


def of_time(length_us: int, *, is_quiet: bool) -> str:
    """Say that time passed.

    >>> of_time(7 * DAY_US, is_quiet=True), of_time(9 * DAY_US, is_quiet=False)
    ('a quiet week', '9 days passed')
    >>> of_time(3 * HOUR_US, is_quiet=True), of_time(1, is_quiet=False)
    ('3 quiet hours', 'less than an hour passed')
    """
    hours, days = length_us // HOUR_US, round(length_us / DAY_US)
    if hours < 1:
        return "less than a quiet hour" if is_quiet else "less than an hour passed"
    if hours < 24:
        count, one = int(hours), "hour"
    else:
        count, one = (1, "week") if days == 7 else (days, "day")
    if is_quiet:
        return f"a quiet {one}" if count == 1 else f"{count} quiet {one}s"
    article = "an" if one == "hour" else "a"
    return f"{article} {one} passed" if count == 1 else f"{count} {one}s passed"


LISTED = 5
"""So many things are named where there are more; the others are counted."""


def listed(texts: Sequence[str]) -> str:
    """Return texts as one.

    >>> listed(["asked for a demo"]), listed(["a", "b", "c"]), listed([*"abcdefg"])
    ('asked for a demo', 'a, b and c', 'a, b, c, d and 3 more')
    """
    more = len(texts) - LISTED + 1
    *first, last = [*texts[: LISTED - 1], f"{more} more"] if len(texts) > LISTED else texts
    return f"{', '.join(first)} and {last}" if first else last


def _version(scorer: TellingScorer) -> str:
    if scorer.version == BUILT_IN_VERSION:
        return "the scorecard that comes with LeadLens"
    return "a version without a number" if scorer.version is None else f"version {scorer.version}"
