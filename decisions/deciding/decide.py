"""From what is known of a lead to one decision, with its trace: pure, by rules that were compiled once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from decisions.conditions import Bundle, Held
from decisions.deciding.bant import PREFIX, answers_of, met, to_ask
from decisions.deciding.decision import Decision, Fired
from decisions.deciding.handoff import over_threshold, value_of
from decisions.deciding.settling import Asked, Settling
from decisions.deciding.stages import stage_of
from decisions.deciding.temperature import temperature_of
from decisions.policy.attributes import QUESTIONS
from decisions.policy.checking import DEAL_VALUE, conditions_of
from features.durations import DAY_US

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from decisions.deciding.decision import Temperature
    from decisions.deciding.facts import Facts
    from decisions.deciding.handoff import Over
    from decisions.deciding.settling import Settled
    from decisions.deciding.stages import Staged
    from decisions.policy import Policy
    from decisions.policy.checking import Place
    from decisions.policy.rules import Stage

__all__ = ["Decider"]

HAND_RAISED = "signals.hand_raised.when"
CONTACT_ENDED = "contact.ended_when"
HOT = "temperature.hot_when"
_NOTHING = Held(frozenset(), frozenset())
_NOT_ANSWERED = "Could not be answered: something that it asks for is not known."


class Decider:
    """Decides by one policy. `needs` are the names of attributes that its conditions and segments ask for.

    The same facts give the same decision. Several threads may use it.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        first, later, last = conditions_of(policy)
        constants: dict[str, Any] = {**policy.lists, **policy.numbers}
        self._first = Bundle(_named(first), constants)
        leaving = {place: text for place, text in later.items() if place[-1] == "leave"}
        entering = {place: text for place, text in later.items() if place not in leaving}
        self._later = Bundle(_named(entering), constants)
        self._leaving = Bundle(_named(leaving), constants)
        self._settling = Settling(policy, _named(last), constants)
        segments = {name: one for name, one in policy.segments.items() if not one.off}
        self._segments = tuple(
            (name, one.by, tuple((case, f"segments.{name}.cases.{case}") for case in one.cases))
            for name, one in segments.items()
        )
        self._signals = tuple((name, f"signals.{name}.when") for name in policy.signals)
        self._disqualifiers = tuple((name, f"disqualifiers.{name}.when") for name in policy.disqualifiers)
        self._enter = tuple((stage, f"stages.{stage}.enter") for stage in policy.stages)
        self._leave = tuple((stage, f"stages.{stage}.leave") for stage in policy.stages)
        self._closing = tuple((name, f"channels.{name}.closed_when") for name in policy.channels)
        self._fired = tuple(_first_rules(policy))
        bundles = (self._first, self._later, self._leaving, self._settling)
        asked = {DEAL_VALUE}.union(*(bundle.needs for bundle in bundles))
        asked |= {by for _, by, _ in self._segments if by is not None} | {*policy.required.fields}
        self.needs = tuple(name for name in policy.attributes if name in asked)

    def decide(self, facts: Facts) -> Decision:
        """Return the decision about a lead."""
        weighed = self._weighed(facts)
        held, true, settled, bant = facts.held, weighed.true, weighed.settled, weighed.bant
        is_raised = HAND_RAISED in true
        asks = to_ask(bant, self.policy) if settled.action == "route" else ()
        return Decision(
            action=settled.action,
            stage=settled.stage,
            substage=settled.substage,
            kind="customer" if held.standing == "won" else "prospect" if weighed.qualified else "lead",
            team=self._team(settled),
            temperature=weighed.temperature,
            segments=weighed.segments,
            queue=settled.queue,
            track=settled.track,
            priority=_priority(settled, facts.grade, weighed.temperature, is_raised),
            rule=settled.rule,
            why=settled.why,
            trace=self._trace(weighed),
            asks=(*settled.asks, *asks),
            closed=self._closed(true),
            category=settled.category,
            look_again_at=settled.look_again_at,
            value=weighed.value,
            over_threshold=weighed.over.holds,
            hand_raised=is_raised,
            qualified=weighed.qualified,
            bant=bant,
        )

    def settle(self, facts: Facts) -> tuple[Settled, Temperature]:
        """Return what the decision about a lead comes to, and its temperature, without all that led to it."""
        weighed = self._weighed(facts)
        return weighed.settled, weighed.temperature

    def _weighed(self, facts: Facts) -> _Weighed:
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
        ruled = [name for name, key in self._disqualifiers if key in true and name not in held.lifted]
        for name, key in self._signals:
            values[name] = key in true
        for name, segment in segments.items():
            values["segment_" + name] = segment
        values |= {
            "fit_ok": fits, "over_threshold": over.holds, "qualified": qualified,
            "contact_ended": CONTACT_ENDED in true, "disqualified": bool(ruled), "temperature": "warm",
        }  # fmt: skip
        later, unanswered = self._later.ask(values)
        # Who is in no stage leaves none.
        left = _NOTHING if held.stage is None else self._leaving.ask(values)
        temperature, warm = temperature_of(facts.acts, facts.days_since_act, HOT in later, policy.temperature)
        if held.override is not None and held.override.temperature and facts.as_of < held.override.until:
            temperature = held.override.temperature  # type: ignore[assignment]  # checked when it was sent
        is_raised = HAND_RAISED in true
        staged = stage_of(
            held,
            self._entered(later, fits or is_raised),
            frozenset([stage for stage, key in self._leave if key in left.true]),
            policy.stages,
        )
        values |= {"temperature": temperature, "stage": staged.stage or ""}
        asked = Asked(facts, values, true, tuple(ruled), missing, over.said, staged)
        settled = self._settling.settle(asked)
        missed = unknown | unanswered | left.unknown
        return _Weighed(
            true, missed, value, bant, segments, over, qualified, temperature, warm, staged, settled
        )

    def lacks_required(self, facts: Facts) -> bool:
        """Return whether a field is not known that sales has to know."""
        return bool(self._missing(facts.attributes))

    def _values(
        self, facts: Facts, value: float | None, bant: dict[str, str], missing: int
    ) -> dict[str, Any]:
        held = facts.held
        days = 0.0 if held.since is None else (facts.as_of - held.since) / DAY_US
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
        """Return the required fields that are not known."""
        return tuple([name for name in self.policy.required.fields if _is_unknown(attributes.get(name))])

    def _segments_of(self, true: frozenset[str], attributes: Mapping[str, Any]) -> dict[str, str]:
        """Return the segment of each dimension; '' where none holds, or the attribute is not known."""
        found: dict[str, str] = {}
        for name, by, cases in self._segments:
            if by is not None:
                value = attributes.get(by)
                found[name] = "" if value is None else str(value)
                continue
            found[name] = next((case for case, key in cases if key in true), "")
        return found

    def _entered(self, later: frozenset[str], may_be_sql: bool) -> frozenset[Stage]:
        """Return the stages that are entered. Without fit nothing but a raised hand makes an SQL."""
        entered = {stage for stage, key in self._enter if key in later}
        return frozenset(entered if may_be_sql else entered - {"SQL"})

    def _team(self, settled: Settled) -> str:
        return "marketing" if settled.stage is None else self.policy.stages[settled.stage].team

    def _closed(self, true: frozenset[str]) -> tuple[str, ...]:
        if CONTACT_ENDED in true:
            return tuple(self.policy.channels)
        return tuple([name for name, key in self._closing if key in true])

    def _trace(self, weighed: _Weighed) -> tuple[Fired, ...]:
        """Return the rules that fired, in the order in which they are asked."""
        staged, settled = weighed.staged, weighed.settled
        fired = [rule for key, rule in self._fired if key in weighed.true]
        fired += [
            Fired("temperature", weighed.warm),
            Fired("handoff", weighed.over.said),
            Fired(staged.rule, _sentence(staged.said)),
        ]
        fired += [Fired(name, _NOT_ANSWERED) for name in sorted(weighed.unknown)]
        return (*fired, Fired(settled.rule, settled.why))


class _Weighed(NamedTuple):
    """What a decision is told from: which conditions hold, which could not be answered, what follows."""

    true: frozenset[str]
    unknown: frozenset[str]
    value: float | None
    bant: dict[str, str]
    segments: dict[str, str]
    over: Over
    qualified: bool
    temperature: Temperature
    warm: str
    staged: Staged
    settled: Settled


def _is_unknown(value: Any) -> bool:
    """Return whether a value stands for 'not known'; 0 is known."""
    return value is None or value is False or value in ("", "unknown", [])


def _named(conditions: Mapping[Place, str]) -> dict[str, str]:
    return {".".join(map(str, place)): text for place, text in conditions.items()}


def _first_rules(policy: Policy) -> Iterator[tuple[str, Fired]]:
    """Yield what is said where a rule that is asked first holds, by its condition, in a trace's order."""
    for name, one in policy.disqualifiers.items():
        yield f"disqualifiers.{name}.when", Fired(f"disqualifiers.{name}", f"It {one.words}.")
    yield CONTACT_ENDED, Fired("contact", f"It {policy.contact.words}.")
    for name, channel in policy.channels.items():
        yield f"channels.{name}.closed_when", Fired(f"channels.{name}", _sentence(channel.words))
        yield f"channels.{name}.repair_when", Fired(f"channels.{name}", channel.repair)
    for name, signal in policy.signals.items():
        yield f"signals.{name}.when", Fired(f"signals.{name}", f"It {signal.words}.")


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
