"""What is decided about a lead, as its page shows it: what to do, why, and each rule that fired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from decisions.deciding import Decision
from serving.history.identity import find_lead
from serving.selling.standing.told import state_of_lead
from serving.web.words import moment

if TYPE_CHECKING:
    from features.batch import LeadBatch
    from models.score import Score
    from serving.scoring.answers import Answerer
    from serving.store.database import Store

HEADINGS = {
    "route": "Route to sales",
    "nurture": "Nurture",
    "out": "Leave alone",
    "none": "A customer",
}


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision in words. `told` are terms with what they are, `rules` what each rule that fired says."""

    action: str
    heading: str
    why: str
    rule: str
    told: tuple[tuple[str, str], ...]
    rules: tuple[str, ...]
    asks: tuple[str, ...]


def decided(answerer: Answerer, batch: LeadBatch, score: Score, store: Store) -> Decided:
    """Return what is decided about a lead: what is kept of it, else what the policy says of what is known."""
    if batch.is_stored:
        with store.reading() as connection:
            lead = find_lead(connection, str(batch.lead_ids[0]))
            kept = None if lead is None else state_of_lead(connection, lead.number)
        if kept is not None:
            decision = msgspec.convert(kept.decision.content, Decision)
            return _shown(decision, kept.state.owner, f"decided {moment(kept.state.decided_at)}")
    return _shown(answerer.judged_of(batch, [score])[0].decision, None, "advice")


def _shown(decision: Decision, owner: str | None, how: str) -> Decided:
    fired = [rule.said for rule in decision.trace[:-1]]
    return Decided(
        action=decision.action,
        heading=HEADINGS[decision.action],
        why=decision.why,
        rule=f"{decision.rule}, {how}",
        told=tuple((term, text) for term, text in _terms(decision, owner) if text),
        rules=tuple(dict.fromkeys(said for said in fired if said != decision.why)),
        asks=decision.asks,
    )


def _terms(decision: Decision, owner: str | None) -> tuple[tuple[str, Any], ...]:
    part = f", {decision.substage}" if decision.substage else ""
    return (
        ("Stage", f"{decision.stage}{part}" if decision.stage else "none yet"),
        ("Temperature", decision.temperature),
        ("Owned by", f"{decision.team}{f': {owner}' if owner else ''}"),
        ("Queue", decision.queue),
        ("Track", decision.track and decision.track.replace("_", " ")),
        ("Not to be used", ", ".join(decision.closed)),
    )
