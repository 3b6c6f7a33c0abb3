"""From where on a lead is for sales, who qualifies, what has to be known, and what comes before all that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisions.agreement.content import Points, Written
from decisions.agreement.lengths import calendar_time

if TYPE_CHECKING:
    from decisions.agreement.content import Part
    from decisions.policy import Policy
    from decisions.policy.handoff import Handoff, SegmentThreshold
    from models.score import Rung


def handing_over(policy: Policy) -> tuple[Part, ...]:
    """Return the thresholds, in words."""
    handoff, value = policy.handoff, policy.handoff.value
    said = [
        f"By score, inclusive: {_by_score(policy)}.",
        (
            f"A lead that was over stays over until it falls {handoff.hysteresis} points below; of a "
            "probability, "
            "so many hundredths of the threshold."
        ),
        f"Below a fit score of {handoff.fit} it is not handed over, unless it raises its hand.",
        (
            "A lead's value is its probability x the deal value - the cost of a touch, "
            f"{value.touch_cost:,.10g}. "
            f"The deal value is its own, or {value.deal:,.10g} where it says none."
        ),
        *(_of_segment(one) for one in handoff.segments),
    ]
    return (_what_tells(handoff), Points(tuple(said)), *_not_used(handoff))


def _by_score(policy: Policy) -> str:
    rungs: dict[Rung, str] = {
        "model": "a score by a model",
        "blend": "one by a blend of model and scorecard",
        "points": "one by the points scorecard",
    }
    return ", ".join(f"{policy.threshold(rung)} on {said}" for rung, said in rungs.items())


def _what_tells(handoff: Handoff) -> str:
    a_day = _a_day(handoff)
    return {
        "score": "It is told by the score.",
        "probability": f"It is told by the probability: {handoff.probability:.10g} or more. {_NO_CHANCE}",
        "capacity": f"It is told by what sales has room for: {a_day}, by score. Where nobody counts leads, "
        "as in "
        "a score that is not stored, the score tells it.",
        "value": f"It is told by the value: {handoff.value.least:,.10g} or more, {a_day}. {_NO_CHANCE}",
    }[handoff.by]


def _not_used(handoff: Handoff) -> tuple[str, ...]:
    """Return what is stated and tells nothing as long as something else does."""
    said = {"probability": f"a probability of {handoff.probability:.10g}"}
    said |= {"value": f"a value of {handoff.value.least:,.10g}"}
    unused = [what for by, what in said.items() if by != handoff.by]
    if handoff.by not in {"capacity", "value"} and handoff.a_day is not None:
        unused.append(_a_day(handoff))
    return (f"Stated, but not what tells it: {', '.join(unused)}.",)


def _a_day(handoff: Handoff) -> str:
    return "as many as there are" if handoff.a_day is None else f"the best {handoff.a_day} a day"


_NO_CHANCE = "Where there is no probability, as from the points scorecard, the score tells it."


def _of_segment(one: SegmentThreshold) -> str:
    own = [f"a score of {one.score}"] if one.score is not None else []
    own += [f"a probability of {one.probability:.10g}"] if one.probability is not None else []
    return f"Where {one.dimension} is {one.value}: {' or '.join(own) or 'as for all'}."


def qualification(policy: Policy) -> tuple[Part, ...]:
    """Return who is a lead, a prospect, and qualified; and which columns answer."""
    needed = policy.qualification.answers
    said = (
        f"A lead is a prospect once it is qualified: its fit score is {policy.handoff.fit} or more, and "
        f"{needed} "
        "of the four answers are known and yes. Who has bought is a customer. What is not known is asked "
        "for, "
        "and never counted as no. What a rep answers stands before what a column says."
    )
    rows = []
    for question, columns in policy.bant.items():
        where = ", ".join(columns.columns) or "reps alone"
        words = [f"yes also as {', '.join(columns.yes)}"] if columns.yes else []
        words += [f"no also as {', '.join(columns.no)}"] if columns.no else []
        rows.append(f"{question.capitalize()}: {where}" + (f" ({'; '.join(words)})" if words else ""))
    return (said, Points(tuple(rows)))


def required(policy: Policy) -> tuple[Part, ...]:
    """Return what has to be known before a handover."""
    fields = policy.required.fields
    if not fields:
        return ("Nothing has to be known of a lead before sales gets it.",)
    named = ", ".join(name.replace("_", " ") for name in fields)
    return (
        (
            f"Before a handover these are known: {named}. A lead that lacks one takes the track that asks "
            "for "
            "it; one that raised its hand goes to sales at once, with the gap named."
        ),
    )


def temperature(policy: Policy) -> tuple[Part, ...]:
    """Return when a lead is cold, warm or hot."""
    rules = policy.temperature
    return (
        Points(
            (
                "Cold: it has done nothing itself, whatever its score.",
                f"Hot: {rules.hot}.",
                (
                    f"Warm: else. Its warmth halves every {calendar_time(rules.half_life)} since its last "
                    "own act; "
                    f"below {rules.cold_below:.10g} of it the lead is cold."
                ),
            )
        ),
        Written("Hot where", rules.hot_when),
        *(
            Written(f"{name.replace('_', ' ').capitalize()}: it {one.words}, where", one.when)
            for name, one in policy.signals.items()
            if name != "hand_raised" and not one.off
        ),
    )


def before_all(policy: Policy) -> tuple[Part, ...]:
    """Return disqualifiers, the end of contact, and closed channels."""
    parts: list[Part] = [
        (
            "A lead is ruled out where one of these holds. Each can be lifted for a lead. None of them "
            "buries a "
            "lead that raises its hand: that one goes to a person."
        )
    ]
    for name, one in policy.disqualifiers.items():
        again = "" if one.look_again is None else f"; looked at again after {calendar_time(one.look_again)}"
        label = f"{name.replace('_', ' ').capitalize()}: it {one.words} ({one.category}{again}), where"
        if not one.off:
            parts.append(Written(label, one.when))
    parts.append(Written(f"All contact ends: it {policy.contact.words}, where", policy.contact.ended_when))
    for name, channel in policy.channels.items():
        if channel.closed_when:
            parts.append(Written(f"No {name}: {channel.words}, where", channel.closed_when))
        if channel.repair_when:
            parts.append(Written(f"{channel.repair.rstrip('.')}, where", channel.repair_when))
    return tuple(parts)
