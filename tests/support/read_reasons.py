"""Reads reasons as somebody does who knows nothing of the model: are they English, and are they true?

`faults_of` says what is wrong with one reason. Each sentence is told by its shape, and the numbers, windows
and values that it states are looked up in the lead's `raw_record.Record`. A sentence of no known shape is a
fault too: nobody could check it. `features` of the reason only say which type of event or column is meant.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import pandas as pd

from features.vocabulary import CHANNELS, STEPS, channel_of, step_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from raw_record import Record

    from models.score import Reason

LONGEST = 200
_MACHINE = re.compile(r"\b(nan|None|inf|null|NaT|True|False)\b|[{}]|_|\.(count|decayed|days_since)\b")
_COUNTED = re.compile(r"(?<![\d.,])(\d[\d,]*) (days?|times|e-mails?|forms?|touches)\b")
_BLANKS = re.compile(r"\s{2,}|^\s|\s$|\s[,;.)]|\(\s")
_QUOTES = "\u2018\u2019"
_PAIRS = ("()", "[]", _QUOTES)
_AGO = re.compile(r"(?:(?P<less>less than a day)|(?P<days>[\d,]+) days?) ago$")
_TIMES = r"(?P<times>once|twice|[\d,]+ times)"
_WINDOW = r"in the last (?:day|(?P<window>[\d,]+) days)"


def grammar_faults(text: str, own_words: Iterable[str] = ()) -> list[str]:
    """Return what is wrong with the English of a sentence. `own_words`: what the company wrote itself."""
    faults = []
    if not (text[:1].isupper() or text[:1].isdigit() or text.startswith(_QUOTES[0])):
        faults.append("does not begin with a capital")
    if len(text) > LONGEST:
        faults.append("is too long")
    if text.endswith("."):
        faults.append("ends with a full stop")
    ours = text
    for word in sorted(filter(None, own_words), key=len, reverse=True):
        ours = ours.replace(word, "X")
    faults += [f"is not for people: {found[0]}" for found in _MACHINE.finditer(ours)]
    faults += ["has blanks in odd places"] * bool(_BLANKS.search(ours))
    for opening, closing in _PAIRS:
        faults += [f"{opening}{closing} do not match"] * (ours.count(opening) != ours.count(closing))
    for number, noun in _COUNTED.findall(ours):
        if (number == "1") != (not noun.endswith("s")):
            faults.append(f"'{number} {noun}' is not in number")
    return faults


def about_of(reason: Reason) -> str:
    """Return what a reason's events are: 'page_view.pricing', 'channel.web', 'activity', 'touches'."""
    return re.sub(r"\.(count|active_days|decayed)\.\w+$", "", reason.features[0])


def event_faults(text: str, about: str, record: Record) -> list[str] | None:
    """Return what the record says against a sentence about events, None where it is no such sentence."""
    told = _without_worth(text)
    own = _events_about(about, record)
    if (found := re.search(_TIMES + " " + _WINDOW + "$", told)) is not None:
        held = len(_within(own, record, _number(found["window"] or "1")))
        return _differs("times", _times(found["times"]), held) + _worth_faults(text, own)
    if (found := re.fullmatch(r"Active on (?P<n>[\d,]+) days? " + _WINDOW, told)) is not None:
        held = _days(_within(own, record, _number(found["window"] or "1")))
        return _differs("days", _number(found["n"]), held)
    if (found := re.fullmatch("Active (?:every day )?" + _WINDOW, told)) is not None:
        window = _number(found["window"] or "1")
        return [] if _days(_within(own, record, window)) > window else ["was not active every day"]
    if (found := re.fullmatch(r"Active on (?P<n>[\d,]+) days?, most recently .*", told)) is not None:
        return _differs("days", _number(found["n"]), _days(own)) + _ago_faults(told, own, record)
    if (found := re.search(_TIMES + ", most recently ", told)) is not None:
        return (
            _differs("times", _times(found["times"]), len(own))
            + _ago_faults(told, own, record)
            + _worth_faults(text, own)
        )
    if _AGO.search(told) is not None:
        return _differs("times", 1, len(own)) + _ago_faults(told, own, record) + _worth_faults(text, own)
    if re.search(r"^(Has not|We have not|Has shown no|No activity)|: never", told):
        return _differs("times", 0, len(own))
    return None


def special_faults(text: str, record: Record) -> list[str] | None:
    """Return what the record says against a sentence about steps, channels and answers, else None."""
    if "no step towards buying" in text.casefold():
        return _differs("step", 0, _step(record)[0])
    if (found := re.match(r"Reached the (\w+) step", text)) is not None:
        step, since = _step(record)
        faults = _differs("step", STEPS.index(found[1]) + 1, step)
        return faults or _ago_faults(text, since, record)
    if (found := re.fullmatch(r"(First|Latest) channel: (.*)", text)) is not None:
        acts = record.acts[record.acts["type"].map(lambda kind: channel_of(str(kind)) is not None)]
        at = acts["occurred_at"].min() if found[1] == "First" else acts["occurred_at"].max()
        there = {channel_of(str(kind)) for kind in acts.loc[acts["occurred_at"] == at, "type"]}
        return [] if any(_SAID_OF[channel] == found[2] for channel in there) else [f"it was {there}"]
    return _answer_faults(text, record)


_SAID_OF = dict(
    zip(
        CHANNELS,
        (
            "the website", "e-mail", "calls and meetings", "SMS", "chat", "social media", "ads", "events",
            "the product", "support tickets",
        ),
        strict=True,
    )
)  # fmt: skip


def _answer_faults(text: str, record: Record) -> list[str] | None:
    share, touched, unanswered = _answers(record)
    if "othing of ours to answer yet" in text:
        return _differs("touches", 0, touched)
    if (
        re.search(r"answered (none|each|[\d.]+.%|under)|has not answered our last", text, re.IGNORECASE)
        is None
    ):
        return None
    faults = []
    last = re.search(r"not (?:answered )?our last (?:touch|(\d+) touches)$", text)
    if last is not None or "within a week" not in text:
        faults += _differs("unanswered touches", _number(last[1] or "1") if last else -1, unanswered)
    if "none" in text or text.startswith("Has not answered"):
        faults += _differs("share answered", 0, share)
    elif "each" in text:
        faults += _differs("share answered", 1, share)
    elif (found := re.search(r"([\d.]+)", text)) is not None and abs(float(found[1]) - 100 * share) > 0.51:
        faults.append(f"answered {100 * share:.1f} %")
    return faults


def _answers(record: Record) -> tuple[float, int, int]:
    """Return the share of touches whose next event is an act within a week, how many, and those since."""
    kinds, times = record.events["is_touch"].tolist(), record.events["occurred_at"].tolist()
    touched = sum(kinds)
    answered = sum(
        kinds[at] and not kinds[at + 1] and times[at + 1] - times[at] <= pd.Timedelta(days=7)
        for at in range(len(kinds) - 1)
    )
    since = next((n for n, is_touch in enumerate(reversed(kinds)) if not is_touch), len(kinds))
    return (answered / touched if touched else math.nan), touched, since


def _events_about(about: str, record: Record) -> pd.DataFrame:
    if about == "activity":
        return record.acts
    if about == "touches":
        return record.touches
    events = record.events
    if about.startswith("channel."):
        of_channel = record.acts["type"].map(lambda kind: channel_of(str(kind)) == about[8:]).astype(bool)
        return record.acts[of_channel]
    kind, detail = events["type"].astype(str), events["detail"].astype(str)
    return events[(kind == about) | (kind + "." + detail == about)]


def _step(record: Record) -> tuple[int, pd.DataFrame]:
    """Return the furthest step, and the act that reached it first."""
    acts = record.acts
    keys = zip(acts["type"].astype(str), acts["detail"].astype(str), strict=True)
    steps = [max(step_of(kind), step_of(f"{kind}.{detail}")) for kind, detail in keys]
    furthest = max(steps, default=0)
    return furthest, acts.iloc[[steps.index(furthest)]] if furthest else acts.iloc[:0]


def _within(events: pd.DataFrame, record: Record, days: int) -> pd.DataFrame:
    return events[events["occurred_at"] > record.as_of - pd.Timedelta(days=days)]


def _days(events: pd.DataFrame) -> int:
    return int(events["occurred_at"].dt.floor("D").nunique())


def _ago_faults(text: str, events: pd.DataFrame, record: Record) -> list[str]:
    found = _AGO.search(text)
    if found is None or not len(events):
        return ["nothing happened, or no time is said"]
    held = (record.as_of - events["occurred_at"].max()) // pd.Timedelta(days=1)
    return _differs("days ago", 0 if found["less"] else _number(found["days"]), held)


def _without_worth(text: str) -> str:
    text = re.sub(
        r"; (?:with )?most leads .*$|, unlike most leads$| \((?:with |to )?most leads [^)]*\)$", "", text
    )
    return re.sub(r" \(value [^)]*\)", "", text)


def _worth_faults(text: str, events: pd.DataFrame) -> list[str]:
    found = re.search(r"\(value (\S+) in all(?: so far)?(?:, (\S+) at most)?\)", text)
    if found is None:
        return []
    held, most = events["value"].sum(), events["value"].max()
    return _near("in all", found[1], held) + _near("at most", found[2] or found[1], most)


def _differs(what: str, told: float, held: float) -> list[str]:
    return [] if told == held else [f"{what}: told {told}, the record has {held}"]


def _near(what: str, told: str, held: float) -> list[str]:
    number = float(told.replace(",", ""))
    return [] if math.isclose(number, held, rel_tol=1e-8) else [f"{what}: told {told}, the record has {held}"]


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _times(text: str) -> int:
    return {"once": 1, "twice": 2}.get(text) or _number(text.removesuffix(" times"))


def overlaps(reasons: Sequence[Reason], record: Record) -> list[tuple[str, str]]:
    """Return pairs of sentences of a lead that rest on the very same events: one fact told twice."""
    resting: dict[tuple[int, ...], str] = {}
    pairs = []
    for reason in reasons:
        about = about_of(reason) if reason.features else ""
        if reason.family is None or ".count." not in reason.features[0]:
            continue
        events = tuple(_events_about(about, record).index)
        if events in resting:
            pairs.append((resting[events], reason.text))
        resting[events] = reason.text
    return pairs
