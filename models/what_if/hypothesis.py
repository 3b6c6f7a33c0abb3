"""Hypotheses: what might come next of a lead, as events at the moment of its score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from features.durations import DAY_US
from features.vocabulary import TOUCH_TYPES
from models.next_acts import WINDOW_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.mapping import Mapping
    from features.spec import FeatureSpec

    Row = dict[str, Any]
    """An event as `features.events.event_log_of_rows` takes it."""

Kind = Literal["act", "touch", "nothing", "together"]
"""What the lead does, what we do, that nothing comes for the window, or several events at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One thing that might come: `events` that are added, and how much later it is then, `later_us`.

    `key`: the type, or the type with its detail, where it is one event; else None. `sent`: which of a
    caller's own events they are, by their places; empty for what is plausible of itself.
    """

    kind: Kind
    key: str | None
    events: tuple[Row, ...]
    later_us: int = 0
    sent: tuple[int, ...] = ()


NOTHING = Hypothesis(kind="nothing", key=None, events=(), later_us=WINDOW_DAYS * DAY_US)
"""Nothing comes for the window. Time alone moves scores, and for most leads this is what comes next."""


def touch_types(mapping: Mapping) -> frozenset[str]:
    """Return the types of events that are touches by us."""
    return TOUCH_TYPES if mapping.events is None else TOUCH_TYPES | frozenset(mapping.events.touches)


def plausible(spec: FeatureSpec, touches: frozenset[str], as_of: int) -> list[Hypothesis]:
    """Return that nothing comes, and each event that the model counts, at a moment (microseconds UTC)."""
    types = [key for key in spec.event_keys if key not in spec.detail_keys]
    hypotheses = [NOTHING]
    for key in spec.event_keys:
        kind, detail = _parted(key, types) if key in spec.detail_keys else (key, None)
        row: Row = {"type": kind, "detail": detail, "occurred_at": as_of, "known_at": as_of}
        hypotheses.append(Hypothesis(kind=_kind(kind, touches), key=key, events=(row,)))
    return hypotheses


def sent_events(
    rows: Sequence[Row], spec: FeatureSpec, touches: frozenset[str], *, together: bool = False
) -> list[Hypothesis]:
    """Return a hypothesis for each event of a caller's own, in order, and last all of them `together`."""
    hypotheses = []
    for place, row in enumerate(rows):
        detailed = f"{row['type']}.{row['detail']}"
        key = detailed if row["detail"] is not None and detailed in spec.event_keys else row["type"]
        kind = _kind(row["type"], touches)
        hypotheses.append(Hypothesis(kind=kind, key=key, events=(row,), sent=(place,)))
    if together and rows:
        places = tuple(range(len(rows)))
        hypotheses.append(Hypothesis(kind="together", key=None, events=tuple(rows), sent=places))
    return hypotheses


def _kind(kind: str, touches: frozenset[str]) -> Kind:
    return "touch" if kind in touches else "act"


def _parted(key: str, types: Sequence[str]) -> tuple[str, str]:
    """Return type and detail of a key; a type may have a full stop in it, and then it is one of `types`."""
    begins = [kind for kind in types if key.startswith(f"{kind}.")]
    kind = max(begins, key=len) if begins else key.partition(".")[0]
    return kind, key.removeprefix(f"{kind}.")
