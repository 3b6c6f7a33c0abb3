"""The past as the service recorded it: what was known of leads whenever they were scored or decided about."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa
from msgspec import convert
from msgspec.structs import replace

from decisions.deciding import Decider, Facts
from decisions.deciding.attributes import unknown_values
from decisions.deciding.facts import facts_of
from decisions.policy.attributes import ROUTED_BY
from decisions.simulation import LeadPast, Past
from features.summaries import NEVER_DAYS
from serving.history.identity import IS_SHOWN
from serving.store.dialects import in_batches
from serving.store.schema import LEADS, LEDGER_HEADERS, LEDGER_PAYLOADS, OUTCOMES
from serving.store.schema_selling import DECISIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from decisions.policy import Policy

LEADS_AT_ONCE = 50
SEED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which past is asked for: from `since` until before `until`, microseconds UTC, as known `now`.

    What was recorded up to one horizon before `since` tells who was with sales already. `most`: at most so
    many moments are read; where there are more, leads are taken at random.
    """

    since: int
    until: int
    now: int
    horizon: int
    most: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded of some leads, and of how many of all these are (0-1)."""

    asked: Asked
    leads: tuple[LeadPast, ...]
    share: float

    def under(self, policy: Policy) -> Past:
        """Return the past with all that a policy asks for; what was not recorded stands as not known."""
        completing = _Completing(policy)
        leads = tuple(
            LeadPast(
                lead_id=lead.lead_id,
                facts=tuple(map(completing.of, lead.facts)),
                won_at=lead.won_at,
                won_value=lead.won_value,
            )
            for lead in self.leads
        )
        return Past(
            leads=leads,
            horizon=self.asked.horizon,
            known_until=self.asked.now,
            since=self.asked.since,
            share=self.share,
            cautions=(RECORDED, *completing.cautions()),
        )


RECORDED = (
    "Leads are looked at when they were scored or decided about: scores are those that were given then, "
    "before "
    "anybody knew how the leads would end."
)


def recorded_past(connection: Connection, asked: Asked) -> Recorded:
    """Return what was recorded of leads, in an order that has nothing to do with them, the same each time."""
    numbers = np.asarray(
        connection.execute(sa.select(LEADS.c.number).where(IS_SHOWN).order_by(LEADS.c.number))
        .scalars()
        .all(),
        np.int64,
    )
    order = np.random.default_rng(SEED).permutation(numbers).tolist()
    leads: list[LeadPast] = []
    looked_at = moments = 0
    for batch in in_batches(order, LEADS_AT_ONCE):
        found = _leads(connection, batch, asked)
        moments += sum(len(lead.facts) for lead in found)
        if moments > asked.most:
            if leads:
                return Recorded(asked, tuple(leads), looked_at / len(order))
            some = _first_of(found, asked.most)
            return Recorded(asked, some, len(some) / len(found) * len(batch) / len(order))
        leads += found
        looked_at += len(batch)
    return Recorded(asked, tuple(leads), 1.0)


def _first_of(leads: Sequence[LeadPast], most: int) -> tuple[LeadPast, ...]:
    """Return the first leads with at most so many moments together, and at least one lead."""
    ends = accumulate(len(lead.facts) for lead in leads)
    return tuple(leads[: max(1, sum(end <= most for end in ends))])


def _leads(connection: Connection, numbers: Sequence[int], asked: Asked) -> list[LeadPast]:
    """Return those of the leads that have a moment since the beginning, in the order of their numbers."""
    moments: dict[int, dict[int, Facts]] = {}
    begins = asked.since - asked.horizon
    scored = (
        sa.select(LEDGER_PAYLOADS.c.lead, LEDGER_PAYLOADS.c.facts)
        .join(LEDGER_HEADERS, LEDGER_HEADERS.c.id == LEDGER_PAYLOADS.c.id)
        .where(LEDGER_PAYLOADS.c.lead.in_(numbers), LEDGER_PAYLOADS.c.facts.is_not(None))
        .where(LEDGER_HEADERS.c.as_of >= begins, LEDGER_HEADERS.c.as_of < asked.until)
    )
    for row in connection.execute(scored):
        _keep(moments, row.lead, facts_of(row.facts))
    decided = sa.select(DECISIONS.c.lead, DECISIONS.c.facts).where(
        DECISIONS.c.lead.in_(numbers), DECISIONS.c.decided_at >= begins, DECISIONS.c.decided_at < asked.until
    )
    for row in connection.execute(decided):
        # Of the moment of a score it says the same, and how the lead stood.
        _keep(moments, row.lead, convert(row.facts, Facts))
    named = sa.select(LEADS.c.number, LEADS.c.lead_id).where(LEADS.c.number.in_(numbers))
    ids = {row.number: row.lead_id for row in connection.execute(named)}
    wins = _first_wins(connection, numbers, asked.now)
    found = []
    for number in sorted(moments):
        times = sorted(moments[number])
        if times[-1] >= asked.since:
            won_at, value = wins.get(number, (None, None))
            facts = tuple(moments[number][at] for at in times)
            found.append(LeadPast(lead_id=ids[number], facts=facts, won_at=won_at, won_value=value))
    return found


def _keep(moments: dict[int, dict[int, Facts]], lead: int, facts: Facts) -> None:
    moments.setdefault(lead, {})[facts.as_of] = facts


def _first_wins(
    connection: Connection, numbers: Sequence[int], now: int
) -> dict[int, tuple[int, float | None]]:
    """Return when each lead won first, as far as that is known and stands, and what it was worth."""
    asked = (
        sa.select(OUTCOMES.c.lead, OUTCOMES.c.occurred_at, OUTCOMES.c.value)
        .where(OUTCOMES.c.lead.in_(numbers), OUTCOMES.c.outcome == "won", OUTCOMES.c.ended_at.is_(None))
        .where(OUTCOMES.c.known_at <= now, OUTCOMES.c.occurred_at <= now)
        .order_by(OUTCOMES.c.occurred_at.desc(), OUTCOMES.c.number.desc())
    )
    return {row.lead: (row.occurred_at, row.value) for row in connection.execute(asked)}


class _Completing:
    """Completes recorded facts by what a policy asks for beside them."""

    def __init__(self, policy: Policy) -> None:
        unknown = unknown_values(policy)
        wanted = dict.fromkeys((*Decider(policy).needs, *ROUTED_BY))
        self._attributes: dict[str, Any] = {name: unknown[name] for name in wanted if name in unknown}
        self._history = {
            name: NEVER_DAYS if one.gives == "days_since" else 0.0 for name, one in policy.history.items()
        }
        self._missing: set[str] = set()

    def of(self, facts: Facts) -> Facts:
        """Return facts that have a value for all that is asked for."""
        lacks = (self._attributes.keys() - facts.attributes.keys()) | (
            self._history.keys() - facts.history.keys()
        )
        if not lacks:
            return facts
        self._missing |= lacks
        return replace(
            facts,
            attributes={**self._attributes, **facts.attributes},
            history={**self._history, **facts.history},
        )

    def cautions(self) -> tuple[str, ...]:
        """Return what a reader has to know of what was not recorded."""
        if not self._missing:
            return ()
        named = ", ".join(sorted(self._missing))
        said = (
            f"Not recorded with every lead, and taken as not known or as never: {named}. All of it can be "
            "told from the company's own data: leadlens simulate"
        )
        return (said,)
