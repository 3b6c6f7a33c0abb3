"""Where a lead goes: queues and tracks; and what sales may answer, and what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisions.agreement.content import Table, Written
from decisions.agreement.lengths import calendar_time

if TYPE_CHECKING:
    from decisions.agreement.content import Part
    from decisions.policy import Policy


def ways(policy: Policy) -> tuple[Part, ...]:
    """Return the routes and tracks, each the first that holds."""
    parts: list[Part] = ["A lead for sales goes to the queue of the first of these that holds:"]
    for name, route in policy.routes.items():
        if not route.off:
            said = f" ({route.words})" if route.words else ""
            parts.append(Written(f"{name}, to the queue '{route.queue}'{said}, where", route.when))
    parts.append("A lead that is nurtured takes the first of these tracks that holds:")
    for name, track in policy.tracks.items():
        if not track.off:
            parts.append(Written(f"{name.replace('_', ' ')}: it {track.words}, where", track.when))
    return tuple(parts)


def feedback(policy: Policy) -> tuple[Part, ...]:
    """Return the reasons for which sales may return a lead, and what follows."""
    rows = tuple(
        (
            name.replace("_", " "),
            "it is recycled" if answer.then == "recycle" else "it is disqualified",
            "" if answer.look_again is None else f"after {calendar_time(answer.look_again)}",
        )
        for name, answer in policy.feedback.reasons.items()
    )
    return (
        (
            "Sales accepts a lead, or returns it with one of these reasons. It may say that a score is "
            "wrong, "
            "and why, and decide otherwise for a time. All of it is kept and counted; none of it changes "
            "what is "
            "learned from."
        ),
        Table(("Reason", "What follows", "Looked at again"), rows),
    )
