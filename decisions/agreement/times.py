"""How soon sales answers a lead, and how often it tries again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisions.agreement.content import Table
from decisions.agreement.lengths import calendar_time, hours_at_most

if TYPE_CHECKING:
    from decisions.agreement.content import Part
    from decisions.clocks.policy import CountedIn, FollowUp, Sla
    from decisions.policy import Policy

COUNTED: dict[CountedIn, str] = {"working": "working time", "wall": "all time"}


def times(policy: Policy) -> tuple[Part, ...]:
    """Return the response times and the schedules of what follows."""
    clocks = policy.clocks
    parts: list[Part] = []
    if clocks.sla:
        parts.append(
            "The first of these that fits a lead holds for it. All count from when a rep got the lead."
        )
        parts.append(_answers(dict(clocks.sla)))
    else:
        parts.append("No response times are agreed on.")
    if clocks.follow_up:
        parts.append("Where nobody was reached at the first contact, more attempts follow.")
        parts.append(_follow_ups(dict(clocks.follow_up)))
    return tuple(parts)


def _answers(rules: dict[str, Sla]) -> Table:
    columns = (
        "For", "Counted in", "Acknowledged", "Reminded", "Manager told", "Another rep", "First contact",
        "Accepted or rejected",
    )  # fmt: skip
    return Table(
        columns,
        tuple(
            (
                f"{name}: {_for_whom(one)}",
                COUNTED[one.hours],
                _within(one.acknowledge),
                "" if one.warn_before is None else f"{hours_at_most(one.warn_before)} before",
                _after(one.escalate_after),
                "" if one.reassign_after is None else f"{_after(one.reassign_after)}, {_times(one.hops)}",
                _within(one.first_contact),
                _within(one.accept),
            )
            for name, one in rules.items()
        ),
    )


def _for_whom(one: Sla) -> str:
    said = [f"{' or '.join(one.temperature)} leads"] if one.temperature else []
    said += [f"in {' or '.join(one.stage)}"] if one.stage else []
    said += [f"{name} {' or '.join(values)}" for name, values in one.segments.items()]
    return ", ".join(said) or "all others"


def _follow_ups(rules: dict[str, FollowUp]) -> Table:
    return Table(
        ("Stage", "Counted in", "Attempts after", "Reminded", "It ends"),
        tuple(
            (
                stage,
                COUNTED[one.hours],
                ", ".join(map(calendar_time, one.attempts)) or "none",
                "" if one.remind_before is None else f"{calendar_time(one.remind_before)} before",
                "never" if one.end_after is None else f"after {calendar_time(one.end_after)}: {one.end}",
            )
            for stage, one in rules.items()
        ),
    )


def _within(length: int | None) -> str:
    return "" if length is None else f"within {hours_at_most(length)}"


def _after(length: int | None) -> str:
    return "" if length is None else f"after {hours_at_most(length)}"


def _times(hops: int) -> str:
    return "never more than once" if hops == 1 else f"at most {hops} times"
