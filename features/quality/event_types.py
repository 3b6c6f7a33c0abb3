"""Types of events that nobody has words for, and types that stop or begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from features.quality.finding import Finding, some
from features.vocabulary import VOCABULARY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from features.tables import Tables

FACTOR = 4.0
"""A type changed its volume where the newest whole month has so many times more, or less, than is usual."""

FEWEST = 50
"""The larger of the two volumes compared must be at least this: fewer come and go by chance."""

MONTHS = 4
"""So many whole months are needed: the newest, and three that say what is usual."""


def type_findings(tables: Tables) -> Iterator[Finding]:
    """Yield types that the vocabulary does not know, with how often each occurs."""
    if tables.events is None or tables.events.empty:
        return
    counts = tables.events["type"].value_counts()
    unknown = {str(name): int(count) for name, count in counts.items() if count and name not in VOCABULARY}
    if unknown:
        total = sum(unknown.values())
        yield Finding(
            topic="events",
            name="unknown_types",
            severity="note",
            text=f"{total:,} events are of {len(unknown):,} types that the vocabulary does not know: they "
            "are used, and said by their own names; map them under [events.types] if they have another",
            count=total,
            of=len(tables.events),
            examples=some(f"{name} ({count:,})" for name, count in unknown.items()),
            more=tuple((name, float(count)) for name, count in unknown.items()),
        )


def volume_findings(tables: Tables) -> Iterator[Finding]:
    """Yield types whose newest whole month holds far more or far fewer events than those before it."""
    events = tables.events
    if events is None or events.empty:
        return
    month = events["occurred_at"].dt.tz_localize(None).to_numpy("datetime64[M]").astype(np.int64)
    newest = np.datetime64(tables.extract_at.tz_localize(None), "M").astype(np.int64) - 1
    first = int(month.min()) + 1
    if newest - first + 1 < MONTHS:
        return
    inside = (month >= first) & (month <= newest)
    codes = events["type"].cat.codes.to_numpy()[inside]
    table = np.zeros((len(events["type"].cat.categories), newest - first + 1))
    np.add.at(table, (codes, month[inside] - first), 1.0)
    for name, volume in zip(events["type"].cat.categories, table, strict=True):
        usual, now = float(np.median(volume[:-1])), float(volume[-1])
        if max(usual, now) >= FEWEST and (now * FACTOR <= usual or usual * FACTOR <= now):
            said = "stopped" if now == 0 else "began" if usual == 0 else "changed its volume"
            yield Finding(
                topic="drift",
                name="event_volume",
                severity="warn",
                text=f"'{name}' {said}: {now:,.0f} events in the newest whole month, usually {usual:,.0f}",
                count=int(now),
                of=int(volume.sum()),
                examples=(str(name),),
                more=(("usual_a_month", usual), ("newest_month", now)),
            )
