"""Which column of flat leads says how they ended, and which of its values means a conversion."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from features.guessing.guess import Guess
from features.reading.ends import end_of
from features.reading.labels import label_spelling, positive_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from features.guessing.profiles import ColumnProfile, FileProfile

_PLAIN_NAME = re.compile(
    r"^(is[\W_]?|has[\W_]?|was[\W_]?)?(converted|conversion|won|win|outcome|label|target|y|customer|closed[\W_]?won|"
    r"deal[\W_]?won|purchased|bought|subscribed|adopted|gewonnen|kunde|abschluss)(\d?)$",
    re.IGNORECASE,
)
_LIKELY_NAME = re.compile(
    r"conver|(^|\W|_)(won|outcome|label|target|status|stage|result|customer|response|success|deposit|purchase\w*|"
    r"bought|class|abschluss|ergebnis|erfolg)(\W|_|$)",
    re.IGNORECASE,
)


_MOST_ENDS = 100


def label_guess(leads: FileProfile, used: set[str], wanted: str | None) -> Iterator[Guess]:
    """Guess the label column and its positive value."""
    column = leads.columns[wanted] if wanted is not None else _likeliest(leads, used)
    if column is None:
        why = "no column says plainly how leads ended: set label = and positive =, or give a file of outcomes"
        yield Guess(section="outcomes", why=why, form="hint")
        return
    values = [f"{text!r} ({count:,})" for text, count in column.counts.most_common(6)]
    why = "as asked for" if wanted else f"named like an outcome; its values: {', '.join(values)}"
    yield Guess(section="outcomes", key="label", value=column.name, why=why)
    if _needs_a_table(column):
        yield from _ends(column)
        return
    positive, reason = _positive(column)
    if positive is not None:
        yield Guess(section="outcomes", key="positive", value=positive, why=reason)


def _likeliest(leads: FileProfile, used: set[str]) -> ColumnProfile | None:
    scores = {column.name: _score(column) for column in leads.columns.values() if column.name not in used}
    best = max(scores, key=lambda name: scores[name], default=None)
    return leads.columns[best] if best is not None and scores[best] >= 3 else None


def likely_status(column: ColumnProfile) -> float:
    """Return how much a column speaks for saying how leads ended (0: not at all)."""
    named = 4.0 * bool(_PLAIN_NAME.search(column.name)) or 2.0 * bool(_LIKELY_NAME.search(column.name))
    ends = {end_of(text) for text in column.counts}
    wordy = all(not text.isdecimal() for text in column.counts)
    return named + 1.5 * (wordy and "won" in ends and bool(ends & {"lost", "disqualified", "open"}))


def _score(column: ColumnProfile) -> float:
    if not 2 <= len(column.counts) <= 12 or column.time is not None:
        return 0.0
    score = 4.0 * bool(_PLAIN_NAME.search(column.name)) or 2.0 * bool(_LIKELY_NAME.search(column.name))
    if not score:
        return 0.0
    score += 1.0 * (len(column.counts) == 2)
    words = {text.casefold() for text in column.counts}
    score += 2.0 * bool(words & {"won", "closed won", "converted", "customer", "gewonnen"})
    plain = _plain_positive(column) is not None or all(end_of(text) is not None for text in column.counts)
    return score + 1.0 * plain - 1.0 * (len(column.counts) > 3)


def _plain_positive(column: ColumnProfile) -> str | None:
    spelled = {text: label_spelling(text) for text in column.counts}
    words = positive_words([word for word in spelled.values() if word is not None])
    if words is None:
        return None
    return next((text for text, word in spelled.items() if word in words), None)


def _needs_a_table(column: ColumnProfile) -> bool:
    """Whether one positive value does not say it all: more than two values, or one for open leads."""
    undecided = any(end_of(text) == "open" for text in column.counts)
    return (len(column.counts) > 2 or undecided) and len(column.counts) <= _MOST_ENDS


def _ends(column: ColumnProfile) -> Iterator[Guess]:
    """Say what each value of a label means; what no list of words knows is a guess to check."""
    known = {text: end_of(text) for text in column.counts}
    unknown = [text for text, end in known.items() if end is None]
    won = [text for text, end in known.items() if end == "won"]
    if not won and unknown:
        rarest = min(unknown, key=lambda text: (column.counts[text], text))
        unknown.remove(rarest)
        won = [rarest]
    decided = {"lost", "disqualified"} & set(known.values())
    for text, count in column.counts.most_common():
        end, why = known[text], "a usual word for it"
        if end is None and text in won:
            end, why = "won", "no value is a usual word for a conversion: the rarest was taken; check it"
        elif end is None and decided:
            end, why = "open", "no usual word, so taken as not decided yet, and left out; check it"
        elif end is None:
            end, why = "lost", "no usual word, and no other value says who was lost; check it"
        elif end == "open":
            why = "sounds undecided: such leads are left out, because they may still convert"
        why = f"{count:,} rows; {why}"
        yield Guess(section="outcomes", key="outcomes", name=text, value=end, why=why, form="entry")


def _positive(column: ColumnProfile) -> tuple[str | None, str]:
    plain = _plain_positive(column)
    if plain is not None:
        share = column.counts[plain] / column.filled
        return plain, f"a usual word for a conversion; {share:.1%} of the labelled rows"
    if not column.counts:
        return None, ""
    rarest = min(column.counts, key=lambda text: (column.counts[text], text))
    return rarest, "no value is a usual word for a conversion: the rarest was taken; check it"
