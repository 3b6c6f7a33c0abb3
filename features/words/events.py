"""Features of events in words: what a lead did, and what we did, as one sentence about one thing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from features.event_features import channel_subject
from features.feature import ACTIVITY, TOUCHES
from features.vocabulary import CHANNELS, STEPS, VOCABULARY
from features.words.book import Sayings, whole_days

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from features.feature import Feature
    from features.words.book import Book
    from features.words.deeds import Deed

    Teller = Callable[[Sequence[float], Sequence[float] | None], str]
    """Says the values of a group of features, beside the usual ones, as it is said inside a sentence."""

    Said = Callable[..., str]

EVENT_MEASURES = frozenset({"count", "channel", "step", "answered_share"})
"""What the first feature of a group measures that this page speaks of."""

_CHANNEL_OF = {channel_subject(channel): channel for channel in CHANNELS}


def is_ours(about: str, family: str) -> bool:
    """Return whether what is counted under a key are touches by us."""
    kind = VOCABULARY.get(about.partition(".")[0])
    return family == "context" or (kind is not None and kind.by == "us")


def deed_of(features: Sequence[Feature], book: Book) -> Deed | None:
    """Return the words of what a group counts; None for a type without words."""
    about = features[0].about
    if about == TOUCHES:
        return book.deeds.of_touches()
    channel = _CHANNEL_OF.get(about)
    if channel is not None:
        return book.deeds.of_channel(channel)
    return book.deeds.of(about, by_us=is_ours(about, features[0].family))


def event_teller(features: Sequence[Feature], book: Book) -> Teller:
    """Return what says features of events that are about one thing."""
    match features[0].measure:
        case "channel":
            return _of_channel(features[0].about, book)
        case "step":
            return _of_step(features, book)
        case "answered_share":
            return _of_response(features, book)
    return _of_activity(features, book) if features[0].about == ACTIVITY else _of_counts(features, book)


def places_of(features: Sequence[Feature], measure: str) -> list[tuple[float, int]]:
    """Return windows in days (infinite for all time) and positions of a measure, the narrowest first.

    Of features that were joined to those of one type, and tell the same, the type's own count.
    """
    found: dict[float, int] = {}
    for at, feature in enumerate(features):
        if feature.measure == measure:
            found.setdefault(feature.window or math.inf, at)
    return sorted(found.items())


class _Counts:
    """Where in a group's values the counts, the days since, and the usual count stand."""

    def __init__(self, features: Sequence[Feature], book: Book) -> None:
        self._counts = places_of(features, "count")
        since = places_of(features, "days_since")
        self._since = since[0][1] if since else None
        self.windows = {w: book.counted("window", int(w)) for w, _ in self._counts if w != math.inf}

    def narrowest(self, values: Sequence[float]) -> tuple[float, int]:
        """Return the narrowest window that holds an event, and how many it holds; 0 where none does."""
        for window, at in self._counts:
            if values[at] > 0.0:
                return window, int(values[at])
        return math.inf, 0

    def in_all(self, values: Sequence[float]) -> int:
        """Return how many the widest window holds."""
        return int(values[self._counts[-1][1]])

    def days_told(self, window: float, values: Sequence[float]) -> int | None:
        """Return the whole days since the last; None where they are not known, or a window is told."""
        if window != math.inf or self._since is None or math.isnan(values[self._since]):
            return None
        return whole_days(values[self._since])

    def most_have(self, usual: Sequence[float] | None) -> bool:
        """Return whether more than half of the leads show it at all."""
        return usual is not None and usual[self._counts[-1][1]] >= 1.0


def _of_counts(features: Sequence[Feature], book: Book) -> Teller:
    deed = deed_of(features, book)
    about, counts, worth = features[0].about, _Counts(features, book), _worth(features, book)
    ours = about == TOUCHES or is_ours(about, features[0].family)
    kind = "type" if deed is None else "we_did" if ours else "did"
    said: Mapping[str, str] = {"name": book.naming.key(about)}
    if deed is not None:
        said = {"past": deed.past, "participle": deed.participle}
    parts = {form: book.part(f"{kind}{form}", **said) for form in _FORMS}
    never, unlike_most = parts["_not"](), parts["_not_unlike_most"]()

    def say(window: float, times: int, days: int | None) -> str:
        if window != math.inf:
            return parts[""](times=book.times(times), window=counts.windows[window])
        if days is None:
            return parts["_sometime"](times=book.times(times))
        return parts["_once" if times == 1 else "_often"](times=book.times(times), ago=book.ago(days))

    sayings = Sayings(say)

    def tell(values: Sequence[float], usual: Sequence[float] | None) -> str:
        window, times = counts.narrowest(values)
        if not times:
            return unlike_most if counts.most_have(usual) else never
        told = sayings[window, times, counts.days_told(window, values)]
        if worth is None:
            return told
        return worth(told, values, is_all=window == math.inf or counts.in_all(values) == times)

    return tell


_FORMS = ("", "_once", "_often", "_sometime", "_not", "_not_unlike_most")


def _worth(features: Sequence[Feature], book: Book) -> Said | None:
    """Return what adds the values of events to a sentence, or None where they are not measured.

    Values are of all time: `is_all` says whether the sentence is of all the events too.
    """
    sums = [at for window, at in places_of(features, "value_sum") if window == math.inf]
    most = [at for _, at in places_of(features, "value_max")]
    if not sums or not most:
        return None

    def worth(said: str, values: Sequence[float], *, is_all: bool) -> str:
        total, largest = values[sums[0]], values[most[0]]
        if not (math.isfinite(total) and math.isfinite(largest)):
            return said
        number = book.numerals.number
        if is_all and total == largest:
            return book.text("worth_in_all", said=said, sum=number(total))
        form = "worth" if is_all else "worth_ever"
        return book.text(form, said=said, sum=number(total), most=number(largest))

    return worth


def _of_activity(features: Sequence[Feature], book: Book) -> Teller:
    counts = _Counts(features, book)
    active_at = dict(places_of(features, "active_days"))
    never, unlike_most = book.text("active_not"), book.text("active_not_unlike_most")

    def say(window: float, days: int, since: int | None) -> str:
        # Seven times 24 hours touch eight days of the calendar.
        if days > window:
            return book.counted("every_day", int(window))
        on = book.count("days", days)
        if window != math.inf:
            return book.text("active", days=on, window=counts.windows[window])
        if since is None:
            return book.text("active_sometime", days=on)
        return book.text("active_often", days=on, ago=book.ago(since))

    sayings = Sayings(say)

    def tell(values: Sequence[float], usual: Sequence[float] | None) -> str:
        window, times = counts.narrowest(values)
        if not times:
            return unlike_most if counts.most_have(usual) else never
        at = active_at.get(window)
        days = int(values[at]) if at is not None and values[at] >= 1.0 else 1
        return sayings[window, days, counts.days_told(window, values)]

    return tell


def _of_channel(about: str, book: Book) -> Teller:
    form = "channel_first" if about == channel_subject("first") else "channel_last"
    texts = [book.text(form, channel=book.named("channels", f"{name}.name")) for name in CHANNELS]
    return lambda values, _: texts[int(values[0])]


def _of_step(features: Sequence[Feature], book: Book) -> Teller:
    days_at = [at for _, at in places_of(features, "days_in_step")]
    none = book.text("step_not")

    def say(reached: int, days: int | None) -> str:
        step = book.named("steps", STEPS[reached - 1])
        if days is None:
            return book.text("step_sometime", step=step)
        return book.text("step", step=step, ago=book.ago(days))

    sayings = Sayings(say)

    def tell(values: Sequence[float], _: Sequence[float] | None) -> str:
        if not values[0] >= 1.0:
            return none
        days = values[days_at[0]] if days_at else math.nan
        return sayings[int(values[0]), None if math.isnan(days) else whole_days(days)]

    return tell


def _of_response(features: Sequence[Feature], book: Book) -> Teller:
    unanswered_at = [at for _, at in places_of(features, "unanswered")]
    nothing_asked = book.text("answered_nothing_asked")

    def say(share: float, unanswered: int) -> str:
        if share <= 0.0:
            return book.counted("unanswered", unanswered) if unanswered else book.text("answered_none")
        if share >= 1.0:
            return book.text("answered_each")
        told = book.text("answered_some", share=book.numerals.percent(share))
        return book.counted("not_the_last", unanswered, said=told) if unanswered else told

    sayings = Sayings(say)

    def tell(values: Sequence[float], _: Sequence[float] | None) -> str:
        share = values[0]
        if math.isnan(share):
            return nothing_asked
        held = values[unanswered_at[0]] if unanswered_at else 0.0
        return sayings[share, int(held) if held >= 1.0 else 0]

    return tell
