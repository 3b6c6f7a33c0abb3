"""From what is known of a lead to one decision, with its trace: pure, by rules that were compiled once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from decisions.conditions import Bundle
from decisions.deciding.attributes import unknown_values
from decisions.deciding.bant import PREFIX, answers_of, met, to_ask
from decisions.deciding.decision import Decision, Fired
from decisions.deciding.handoff import over_threshold, value_of
from decisions.deciding.settling import Asked, Settling
from decisions.deciding.stages import stage_of
from decisions.deciding.temperature import temperature_of
from decisions.policy.attributes import QUESTIONS
from decisions.policy.checking import conditions_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from decisions.deciding.facts import Facts
    from decisions.deciding.settling import Settled
    from decisions.deciding.stages import Staged
    from decisions.policy import Policy
    from decisions.policy.checking import Place
    from decisions.policy.rules import Stage

__all__ = ["Decider"]

MICROSECONDS_A_DAY = 86_400_000_000
HAND_RAISED = "signals.hand_raised.when"
CONTACT_ENDED = "contact.ended_when"
HOT = "temperature.hot_when"


class Decider:
    """Decides by one policy. `needs` are the names of attributes that its conditions and segments ask for.

    The same facts give the same decision. Several threads may use it.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        first, later, last = conditions_of(policy)
        constants: dict[str, Any] = {**policy.lists, **policy.numbers}
        unknown = unknown_values(policy)
        self._first = Bundle(_named(first), constants, unknown)
        self._later = Bundle(_named(later), constants, unknown)
        self._settling = Settling(policy, _named(last), constants, unknown)
        self._segments = tuple((name, one) for name, one in policy.segments.items() if not one.off)
        self._signals = tuple(name for name, one in policy.signals.items() if not one.off)
        self._off_signals = {name: False for name, one in policy.signals.items() if one.off}
        self._disqualifiers = tuple(name for name, one in policy.disqualifiers.items() if not one.off)
        asked = {*self._first.needs, *self._later.needs, *self._settling.needs, "deal_value"}
        asked |= {one.by for _, one in self._segments if one.by is not None} | {*policy.required.fields}
        self.needs = tuple(name for name in policy.attributes if name in asked)

    def decide(self, facts: Facts) -> Decision:
        """Return the decision about a lead."""
        policy, held = self.policy, facts.held
        value = value_of(facts, policy)
        bant = answers_of(facts.attributes, held.bant)
        missing = self._missing(facts.attributes)
        values = self._values(facts, value, bant, len(missing))
        true, unknown = self._first.ask(values)
        segments = self._segments_of(true, facts.attributes)
        fits = facts.fit_score is not None and facts.fit_score >= policy.handoff.fit
        over = over_threshold(facts, policy, segments, value)
        qualified = fits and met(bant) >= policy.qualification.answers
        ruled = [name for name in self._disqualifiers if f"disqualifiers.{name}.when" in true]
        ruled = [name for name in ruled if name not in held.lifted]
        values |= self._off_signals
        values |= {name: f"signals.{name}.when" in true for name in self._signals}
        values |= {f"segment_{name}": value for name, value in segments.items()}
        values |= {
            "fit_ok": fits, "over_threshold": over.holds, "qualified": qualified,
            "contact_ended": CONTACT_ENDED in true, "disqualified": bool(ruled), "temperature": "warm",
        }  # fmt: skip
        later, unanswered = self._later.ask(values)
        temperature, warm = temperature_of(facts.acts, facts.days_since_act, HOT in later, policy.temperature)
        if held.override is not None and held.override.temperature and facts.as_of < held.override.until:
            temperature = held.override.temperature  # type: ignore[assignment]  # checked when it was sent
        is_raised = HAND_RAISED in true
        staged = stage_of(held, self._entered(later, fits or is_raised), _left(later), policy.stages)
        values |= {"temperature": temperature, "stage": staged.stage or ""}
        asked = Asked(facts, values, true, tuple(ruled), missing, over.said, staged)
        settled = self._settling.settle(asked)
        return Decision(
            action=settled.action,
            stage=settled.stage,
            substage=settled.substage,
            kind="customer" if held.standing == "won" else "prospect" if qualified else "lead",
            team=self._team(settled),
            temperature=temperature,
            segments=segments,
            queue=settled.queue,
            track=settled.track,
            priority=_priority(settled, facts.grade, temperature, is_raised),
            rule=settled.rule,
            why=settled.why,
            trace=self._trace(true, unknown | unanswered, warm, over.said, staged, settled),
            asks=(*settled.asks, *(to_ask(bant, policy) if settled.action == "route" else ())),
            closed=self._closed(true),
            category=settled.category,
            look_again_at=settled.look_again_at,
            value=value,
            over_threshold=over.holds,
            hand_raised=is_raised,
            qualified=qualified,
            bant=bant,
        )

    def _values(
        self, facts: Facts, value: float | None, bant: dict[str, str], missing: int
    ) -> dict[str, Any]:
        held = facts.held
        days = 0.0 if held.since is None else (facts.as_of - held.since) / MICROSECONDS_A_DAY
        values = {**facts.attributes, **facts.history}
        values |= {
            "score": facts.score, "probability": facts.probability, "fit_score": facts.fit_score,
            "engagement_score": facts.engagement_score, "grade": facts.grade or "", "rung": facts.rung or "",
            "confidence": facts.confidence or "", "base_rate": facts.base_rate, "value": value,
            "age_days": facts.age_days, "standing": held.standing, "stage_before": held.stage or "",
            "days_in_stage": days, "owner": held.owner, "returns": held.returns, "bant_met": met(bant),
            "missing_fields": missing, "acts": facts.acts, "days_since_act": facts.days_since_act,
        }  # fmt: skip
        for question in QUESTIONS:
            values[PREFIX + question] = bant[question]
        return values

    def _missing(self, attributes: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(
            name
            for name in self.policy.required.fields
            if attributes.get(name) in {None, "", "unknown", False}
        )

    def _segments_of(self, true: frozenset[str], attributes: Mapping[str, Any]) -> dict[str, str]:
        """Return the segment of each dimension; '' where none holds, or the attribute is not known."""
        found: dict[str, str] = {}
        for name, one in self._segments:
            if one.by is not None:
                value = attributes.get(one.by)
                found[name] = "" if value is None else str(value)
                continue
            found[name] = next((case for case in one.cases if f"segments.{name}.cases.{case}" in true), "")
        return found

    def _entered(self, later: frozenset[str], may_be_sql: bool) -> frozenset[Stage]:
        """Return the stages that are entered. Without fit nothing but a raised hand makes an SQL."""
        entered = {stage for stage in self.policy.stages if f"stages.{stage}.enter" in later}
        return frozenset(entered if may_be_sql else entered - {"SQL"})

    def _team(self, settled: Settled) -> str:
        return "marketing" if settled.stage is None else self.policy.stages[settled.stage].team

    def _closed(self, true: frozenset[str]) -> tuple[str, ...]:
        if CONTACT_ENDED in true:
            return tuple(self.policy.channels)
        return tuple(name for name in self.policy.channels if f"channels.{name}.closed_when" in true)

    def _trace(
        self,
        true: frozenset[str],
        unknown: frozenset[str],
        warm: str,
        over: str,
        staged: Staged,
        settled: Settled,
    ) -> tuple[Fired, ...]:
        """Return the rules that fired, in the order in which they are asked."""
        policy = self.policy
        fired = [
            Fired(f"disqualifiers.{name}", f"It {policy.disqualifiers[name].words}.")
            for name in self._disqualifiers
            if f"disqualifiers.{name}.when" in true
        ]
        if CONTACT_ENDED in true:
            fired.append(Fired("contact", f"It {policy.contact.words}."))
        for name, channel in policy.channels.items():
            if f"channels.{name}.closed_when" in true:
                fired.append(Fired(f"channels.{name}", _sentence(channel.words)))
            if f"channels.{name}.repair_when" in true:
                fired.append(Fired(f"channels.{name}", channel.repair))
        fired += [
            Fired(f"signals.{name}", f"It {policy.signals[name].words}.")
            for name in self._signals
            if f"signals.{name}.when" in true
        ]
        fired += [
            Fired("temperature", warm),
            Fired("handoff", over),
            Fired(staged.rule, _sentence(staged.said)),
        ]
        fired += [
            Fired(name, "Could not be answered: something it asks for is not known.")
            for name in sorted(unknown)
        ]
        return (*fired, Fired(settled.rule, settled.why))


def _named(conditions: Mapping[Place, str]) -> dict[str, str]:
    return {".".join(map(str, place)): text for place, text in conditions.items()}


def _left(later: frozenset[str]) -> frozenset[Any]:
    return frozenset(name.split(".")[1] for name in later if name.endswith(".leave"))


def _sentence(words: str) -> str:
    said = words.rstrip(".") + "."
    return said[:1].upper() + said[1:] if said[:3] not in {"IQL", "MQL", "PQL", "SQL"} else said


def _priority(settled: Settled, grade: str | None, temperature: str, is_raised: bool) -> int | None:
    """Return who is served first: A1, then who raised a hand or is hot, then the others for sales."""
    if settled.action != "route":
        return None
    if grade == "A1":
        return 1
    return 2 if is_raised or temperature == "hot" else 3
