"""Whether the parts of a policy fit together: names that are known, conditions that answer yes or no."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

import cel
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from decisions.conditions import names_in
from decisions.conditions.condition import RESERVED
from decisions.policy.attributes import QUESTIONS
from decisions.policy.compared import never_so
from decisions.policy.names import first_names, last_names, later_names
from decisions.policy.rules import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from decisions.policy.policy import Policy

Place = tuple[str | int, ...]
Fault = tuple[Place, Any, str]
"""Where it is, what was found, and the sentence about it."""

HAND_RAISED = "hand_raised"
DEAL_VALUE = "deal_value"
"""The attribute that says what a deal with a lead would be worth."""


def check_names(policy: Policy) -> None:
    """Raise ValidationError naming each place where a policy asks for what there is not."""
    faults = [
        InitErrorDetails(type=PydanticCustomError("policy", "{said}", {"said": said}), loc=place, input=found)
        for place, found, said in _faults(policy)
    ]
    if faults:
        raise ValidationError.from_exception_data("Policy", faults)


def conditions_of(policy: Policy) -> tuple[dict[Place, str], dict[Place, str], dict[Place, str]]:
    """Return the conditions by place: those asked first, those of temperature and stages, the last."""
    first = _whens(policy, "disqualifiers") | {("contact", "ended_when"): policy.contact.ended_when}
    for name, channel in policy.channels.items():
        first |= _texts(channel, ("channels", name), ("closed_when", "repair_when"))
    first |= _whens(policy, "signals")
    for name, segment in policy.segments.items():
        if not segment.off:
            first |= {("segments", name, "cases", case): text for case, text in segment.cases.items()}
    later: dict[Place, str] = {("temperature", "hot_when"): policy.temperature.hot_when}
    for stage, rules in policy.stages.items():
        if not rules.off:
            later |= _texts(rules, ("stages", stage), ("enter", "leave"))
    return first, later, _whens(policy, "routes") | _whens(policy, "tracks")


def _whens(policy: Policy, section: str) -> dict[Place, str]:
    rules = getattr(policy, section).items()
    return {(section, name, "when"): one.when for name, one in rules if not one.off}


def _texts(rules: Any, place: Place, keys: tuple[str, ...]) -> dict[Place, str]:
    texts = {(*place, key): getattr(rules, key) for key in keys}
    return {where: text for where, text in texts.items() if text is not None}


def _faults(policy: Policy) -> Iterator[Fault]:
    known = first_names(policy), later_names(policy), last_names(policy)
    for conditions, names in zip(conditions_of(policy), known, strict=True):
        for where, text in conditions.items():
            if said := _fault_in(text, names) or never_so(text, policy):
                yield where, text, said
    yield from _doubles(policy)
    yield from _strangers(policy)
    if policy.handoff.by == "capacity" and policy.handoff.a_day is None:
        yield ("handoff", "by"), "capacity", "expected a_day beside it: how many leads sales takes a day"
    if HAND_RAISED not in policy.signals:
        yield ("signals",), "", "expected a signal hand_raised: who raises a hand is handed over at once"
    for stage in get_args(Stage):
        if stage not in policy.stages:
            yield ("stages",), "", f"expected the stage {stage}, which off = true leaves out"
    for question in QUESTIONS:
        if question not in policy.bant:
            yield ("bant",), "", f"expected the question {question}; without columns reps alone are asked"


def _strangers(policy: Policy) -> Iterator[Fault]:
    """Yield what names an attribute or a segment that there is not, or one that cannot be reckoned with."""
    deal = policy.attributes.get(DEAL_VALUE)
    if deal is not None and deal.kind != "number":
        yield ("attributes", DEAL_VALUE, "kind"), deal.kind, "expected the kind number: it is reckoned with"
    for name, segment in policy.segments.items():
        if segment.by is not None and segment.by not in policy.attributes:
            yield ("segments", name, "by"), segment.by, _unknown(segment.by, policy.attributes)
    for at, field in enumerate(policy.required.fields):
        if field not in policy.attributes:
            yield ("required", "fields", at), field, _unknown(field, policy.attributes)
    for at, other in enumerate(policy.handoff.segments):
        if other.dimension not in policy.segments:
            found = other.dimension
            yield ("handoff", "segments", at, "dimension"), found, _unknown(found, policy.segments)


def _doubles(policy: Policy) -> Iterator[Fault]:
    """Yield names that mean two things."""
    seen = {*last_names(policy.model_copy(update={section: {} for section in _NAMED}))}
    for section in _NAMED:
        for name in getattr(policy, section):
            said = f"segment_{name}" if section == "segments" else name
            if said in seen or said.casefold() in RESERVED:
                yield (section, name), name, "expected a name that means nothing else yet: choose another"
            seen.add(said)


_NAMED = ("attributes", "history", "lists", "numbers", "signals", "segments")


def _fault_in(text: str, names: dict[str, Any]) -> str | None:
    asked = names_in(text)
    for name in sorted(asked - names.keys()):
        return _unknown(name, names)
    try:
        found = cel.compile(text).execute({name: names[name] for name in asked})
    except (ValueError, ArithmeticError, LookupError):
        return None  # with other values it may be answered
    except (TypeError, RuntimeError) as problem:
        return f"expected what can be answered, found that it cannot: {str(problem).splitlines()[0][:120]}"
    return None if isinstance(found, bool) else f"expected yes or no, found {found!r:.40}"


def _unknown(name: str, names: Any) -> str:
    near = get_close_matches(name, list(names), n=1)
    return f"nothing here is called {name!r}" + (f": do you mean {near[0]!r}?" if near else "")
