"""Outcomes as requests under /v1 describe them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast, get_args

from features.cells import CellRules, cell_rules
from features.mapping import Constant
from features.times import TimeRules
from serving.history.outcomes import Outcome, OutcomeSent
from serving.wire.values import Faults, either, moment_at, number_at, object_at, shown, text_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from features.mapping import Mapping

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
FIELDS = ("lead_id", "outcome", "occurred_at", "outcome_id", "value")


@dataclass(frozen=True, slots=True)
class OutcomeFields:
    """Reads outcomes, under the canonical names and words or the company's own."""

    named: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    constant: str | None = None
    rules: TimeRules = field(default_factory=TimeRules)
    numbers: CellRules = field(default_factory=cell_rules)

    def read(self, outcome: Any, now: int, faults: Faults) -> OutcomeSent | None:
        """Return one outcome, or None where faults were added. `now` in microseconds UTC."""
        before = len(faults)
        members = object_at("outcome", outcome, faults)
        if members is None:
            return None
        name, value = self._sent(members, "lead_id", faults)
        lead_id = text_at(name, value, faults)
        said = self._outcome(members, faults)
        name, value = self._sent(members, "occurred_at", faults)
        occurred_at = moment_at(name, value, self.rules, now, faults, day_end=True)
        outcome_id = members.get("outcome_id")
        outcome_id = None if outcome_id is None else text_at("outcome_id", outcome_id, faults)
        name, value = self._sent(members, "value", faults)
        amount = number_at(name, value, self.numbers, faults)
        if lead_id is None or said is None or occurred_at is None or len(faults) > before:
            return None
        return OutcomeSent(lead_id, said, occurred_at, outcome_id, amount)

    def ignored(self, outcomes: Iterable[Any]) -> Iterator[str]:
        """Say which fields of outcomes nothing is made of."""
        names = {name for outcome in outcomes if isinstance(outcome, dict) for name in outcome}
        for name in sorted(names - {*FIELDS, *self.named.values()})[:20]:
            yield f"The outcomes' field {shown(name)} is not known, and is ignored."

    def _sent(self, members: dict[str, Any], name: str, faults: Faults) -> tuple[str, Any]:
        return either("", members, name, self.named.get(name), faults)

    def _outcome(self, members: dict[str, Any], faults: Faults) -> Outcome | None:
        name, value = self._sent(members, "outcome", faults)
        value = self.constant if value is None and self.constant else value
        word = self.words.get(value, value) if isinstance(value, str) else value
        if word in OUTCOMES:
            return cast("Outcome", word)
        own = [word for word in self.words if word not in OUTCOMES][:10]
        faults.say(name, f"one of {', '.join([*OUTCOMES, *own])}", value, "Send one of these words.")
        return None


def outcome_fields(mapping: Mapping | None) -> OutcomeFields:
    """Return the reader of outcomes under a champion's mapping, or under the canonical names alone."""
    if mapping is None:
        return OutcomeFields()
    zone, numbers = mapping.training.time_zone, cell_rules(decimal=mapping.leads.decimal)
    outcomes = mapping.outcomes
    if outcomes is None or outcomes.kind != "table":
        return OutcomeFields(rules=TimeRules(zone=zone), numbers=numbers)
    named: dict[str, Any] = {
        "lead_id": outcomes.lead_id,
        "occurred_at": outcomes.occurred_at,
        "outcome": outcomes.outcome,
        "value": outcomes.value,
    }
    return OutcomeFields(
        named={name: column for name, column in named.items() if isinstance(column, str)},
        words=dict(outcomes.outcomes),
        constant=outcomes.outcome.constant if isinstance(outcomes.outcome, Constant) else None,
        rules=TimeRules(outcomes.time_format, zone),
        numbers=numbers,
    )
