"""Where a lead goes: queues and tracks; and what sales may answer, and what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisions.agreement.content import Points, Table, Written
from decisions.agreement.lengths import calendar_time

if TYPE_CHECKING:
    from decisions.agreement.content import Part
    from decisions.policy import Policy
    from decisions.routing.policy import Choice, Routing

CHOICES: dict[Choice, str] = {
    "weighted_round_robin": "in turn, by weight",
    "least_loaded": "who has least to do",
    "fastest": "who answers first",
    "best_fit": "who wins such leads most often, by {by}",
}


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
    return (*parts, *_routing(policy.routing))


def _routing(routing: Routing) -> tuple[Part, ...]:
    """Return how a rep is found for a lead in its queue."""
    steps = ", ".join(step.replace("_", " ") for step in routing.steps)
    limits = [
        f"{number} {what}"
        for number, what in ((routing.capacity_a_day, "a day"), (routing.capacity_open, "open at once"))
        if number is not None
    ]
    said = [
        (
            f"A rep is found by these steps, in their order: {steps or 'none'}. Who remains, is at work and "
            "has room "
            "may get it."
        ),
        f"An owner who is not at work keeps what comes, if back within {routing.owner_waits_hours} hours.",
        f"A lead whose queue is not known, or where nobody can take it, goes to '{routing.fallback_queue}'.",
        f"Of reps who state no limit of their own: {', '.join(limits) or 'no limit'}.",
        *(f"{account} is promised to {to}." for account, to in routing.named_accounts.items()),
        *(
            f"A lead that is {seniority} is for reps who are {' or '.join(reps)}."
            for seniority, reps in routing.seniority.items()
        ),
    ]
    queues = tuple(
        (
            name,
            "reps claim" if rules.claim else CHOICES[rules.choose].format(by=rules.best_fit_by),
            ", ".join(rules.nobody_at_work),
        )
        for name, rules in routing.queues.items()
    )
    return (Points(tuple(said)), Table(("Queue", "Who gets a lead", "Where nobody is at work"), queues))


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
