"""The last step of a decision: to a queue, along a track, or out; and what comes before all rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from decisions.conditions import Bundle
from features.durations import DAY_US

if TYPE_CHECKING:
    from collections.abc import Mapping

    from decisions.deciding.facts import Facts, Override
    from decisions.deciding.stages import Staged
    from decisions.policy import Policy


class Settled(NamedTuple):
    """What is done, by which rule, and why."""

    action: Literal["route", "nurture", "out", "none"]
    stage: Any
    substage: str | None
    queue: str | None
    track: str | None
    rule: str
    why: str
    asks: tuple[str, ...]
    category: str | None = None
    look_again_at: int | None = None


class Asked(NamedTuple):
    """What is known by now: the facts and all that conditions may ask for, and what held of them.

    `ruled` are the disqualifiers that hold and were not lifted, `missing` the required fields that are not
    known, `over` the sentence about the threshold.
    """

    facts: Facts
    values: dict[str, Any]
    true: frozenset[str]
    ruled: tuple[str, ...]
    missing: tuple[str, ...]
    over: str
    staged: Staged


class Settling:
    """Settles by the routes and tracks of a policy; `needs` are the names that these ask for."""

    def __init__(self, policy: Policy, last: Mapping[str, str], constants: Mapping[str, Any]) -> None:
        self._policy = policy
        routes = {name: text for name, text in last.items() if name.startswith("routes.")}
        tracks = {name: text for name, text in last.items() if name.startswith("tracks.")}
        self._routes = Bundle(routes, constants)
        self._tracks = Bundle(tracks, constants)
        self.needs = (*self._routes.needs, *self._tracks.needs)
        self._queue_of = tuple((f"routes.{name}.when", one.queue) for name, one in policy.routes.items())
        self._track_of = tuple((f"tracks.{name}.when", name) for name in policy.tracks)
        self._repair_of = tuple(
            (f"channels.{name}.repair_when", one.repair) for name, one in policy.channels.items()
        )

    def settle(self, asked: Asked) -> Settled:
        """Return what is done about a lead."""
        override = asked.facts.held.override
        settled = self._by_policy(asked)
        if override is None or asked.facts.as_of >= override.until:
            return settled
        if asked.facts.held.standing != "open" or settled.rule == "contact":
            return settled  # an outcome, and an objection to contact, stand above what somebody decided
        return self._overridden(asked, settled, override)

    def _by_policy(self, asked: Asked) -> Settled:
        staged = asked.staged
        is_raised = asked.values["hand_raised"]
        if staged.stage == "customer":
            return Settled("none", "customer", None, None, None, staged.rule, "It is a customer.", ())
        out = self._out(asked)
        if out is not None:
            return self._in_spite(asked, out)
        rules = self._policy.stages
        action = "nurture" if staged.stage is None else rules[staged.stage].action
        if action == "out":
            return Settled("out", staged.stage, None, None, None, staged.rule, _capital(staged.said), ())
        if action != "route":
            return self._nurtured(asked, staged.rule)
        if asked.missing and not is_raised and not _is_with_sales(staged):
            return self._nurtured(asked, "required")
        why = self._raised() if is_raised else self._why_sql(asked)
        rule = "signals.hand_raised" if is_raised and staged.rule == "stages.SQL.enter" else staged.rule
        return self._routed(asked, staged.stage, staged.substage, rule, why)

    def _in_spite(self, asked: Asked, out: Settled) -> Settled:
        """Return what is done about a lead that something rules out.

        Whom sales has taken on stays with sales, unless somebody ruled the lead out; a raised hand goes to a
        person, unless that person has ruled it out since.
        """
        staged = asked.staged
        if _is_with_sales(staged) and out.rule != "feedback":
            why = f"{_capital(staged.said)} It stays there, although: {_lowered(out.why)}"
            return self._routed(asked, staged.stage, staged.substage, staged.rule, why)
        if not asked.values["hand_raised"] or _is_ruled_out_since(asked.facts, out):
            return out
        why = f"{self._raised()} It goes to a person, although: {_lowered(out.why)}"
        return self._routed(asked, "SQL", "offered", "signals.hand_raised", why)

    def _out(self, asked: Asked) -> Settled | None:
        """Return what rules a lead out, None where nothing does."""
        facts, held = asked.facts, asked.facts.held
        if "contact.ended_when" in asked.true:
            why = f"The lead {self._policy.contact.words}."
            return Settled("out", "disqualified", None, None, None, "contact", why, (), "objection")
        ruled = held.ruled_out
        if ruled is not None and (ruled.until is None or facts.as_of < ruled.until):
            why = f"{ruled.by} ruled it out: {ruled.category}."
            return Settled(
                "out", "disqualified", None, None, None, "feedback", why, (), ruled.category, ruled.until
            )
        if not asked.ruled:
            return None
        name = asked.ruled[0]
        one = self._policy.disqualifiers[name]
        again = None if one.look_again is None else _since(facts) + one.look_again
        why = f"The lead {one.words}."
        return Settled(
            "out", "disqualified", None, None, None, f"disqualifiers.{name}", why, (), one.category, again
        )

    def _routed(self, asked: Asked, stage: Any, substage: str | None, rule: str, why: str) -> Settled:
        held = self._routes.ask(asked.values).true
        queue = next(
            (queue for key, queue in self._queue_of if key in held), self._policy.routing.fallback_queue
        )
        gaps = tuple(f"Ask for {_said(name)}, which is missing." for name in asked.missing)
        return Settled("route", stage, substage, queue, None, rule, why, (*gaps, *self._repairs(asked)))

    def _nurtured(self, asked: Asked, rule: str) -> Settled:
        held = self._tracks.ask(asked.values).true
        track = next((name for key, name in self._track_of if key in held), None)
        staged = asked.staged
        if rule == "required":
            missing = ", ".join(map(_said, asked.missing))
            why = f"{asked.over} But {missing} must be known before sales takes over."
        else:
            why = f"{asked.over} {_capital(staged.said)}"
        asks = (
            *(f"Ask for {_said(name)}, which is missing." for name in asked.missing),
            *self._repairs(asked),
        )
        return Settled("nurture", staged.stage, staged.substage, None, track, rule, why, asks)

    def _overridden(self, asked: Asked, settled: Settled, override: Override) -> Settled:
        action: Any = override.action or settled.action
        queue, track = override.queue or settled.queue, override.track or settled.track
        if action == "route" and queue is None:
            queue = self._routed(asked, None, None, "", "").queue
        if action == "nurture" and track is None:
            track = self._nurtured(asked, "").track
        why = f"{override.by} decided so, for now: {override.reason.rstrip('.')}."
        return settled._replace(
            action=action,
            queue=queue if action == "route" else None,
            track=track if action == "nurture" else None,
            rule="override",
            why=why,
        )

    def _repairs(self, asked: Asked) -> tuple[str, ...]:
        return tuple([repair for key, repair in self._repair_of if key in asked.true])

    def _raised(self) -> str:
        return f"The lead {self._policy.signals['hand_raised'].words}."

    def _why_sql(self, asked: Asked) -> str:
        is_over = asked.values["over_threshold"] and asked.staged.rule == "stages.SQL.enter"
        return asked.over if is_over else _capital(asked.staged.said)


def _is_with_sales(staged: Staged) -> bool:
    return staged.stage == "opportunity" or staged.substage == "accepted"


def _is_ruled_out_since(facts: Facts, out: Settled) -> bool:
    """Return whether a person, who knew of the raised hand, ruled the lead out."""
    ruled = facts.held.ruled_out
    if out.rule != "feedback" or ruled is None:
        return False
    return ruled.at is None or facts.as_of - facts.days_since_raise * DAY_US <= ruled.at


def _since(facts: Facts) -> int:
    held = facts.held
    return held.since if held.stage == "disqualified" and held.since is not None else facts.as_of


def _said(name: str) -> str:
    return name.replace("_", " ")


def _lowered(said: str) -> str:
    return said[:1].lower() + said[1:]


def _capital(said: str) -> str:
    return said if said[1:2].isupper() else said[:1].upper() + said[1:]
