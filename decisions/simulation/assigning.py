"""To whom handovers go: each is routed as the service routes it, to reps as they are now."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from decisions.routing.case import Case
from decisions.routing.rep import Load
from decisions.routing.route import route
from decisions.routing.turns import Turns
from features.columns.emails import kind_of_domain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from decisions.deciding import Decision, Facts
    from decisions.policy import Policy
    from decisions.routing.rep import Rep

NEVER = 2**62


class Given(NamedTuple):
    """A handover that is to get a rep. `until`: when the lead is with sales no more, NEVER where it stays.

    `days`: for how many days its round stands.
    """

    lead_id: str
    facts: Facts
    decision: Decision
    until: int
    days: int


class Assigning:
    """Routes handovers in the order of time by one policy, and remembers whose turn it is and who has what.

    A moment of the past is no working hour: all reps who are active are taken to be at work, and have as many
    times the room of a day as the round has days.
    """

    def __init__(self, policy: Policy, reps: Mapping[str, Rep]) -> None:
        self._routing = policy.routing
        self._reps = [replace(rep, hours=None) for rep in reps.values()]
        self._turns = Turns()
        self._open: dict[str, list[int]] = {rep_id: [] for rep_id in reps}
        self._given: Counter[str] = Counter()
        self._round = -1
        self._owners: dict[str, str] = {}
        self._accounts: dict[str, str] = {}

    def give(self, given: Given) -> str | None:
        """Return the rep who gets a lead, None where it waits or is claimed."""
        at = given.facts.as_of
        if at != self._round:
            self._round, self._given = at, Counter()
        case = self._case(given)
        routed = route(case, self._reps, self._loads(at, given.days), self._turns, self._routing, at)
        self._turns = routed.turns
        if routed.rep_id is None:
            return None
        heapq.heappush(self._open[routed.rep_id], given.until)
        self._given[routed.rep_id] += 1
        self._owners[given.lead_id] = routed.rep_id
        if case.account_domain is not None:
            self._accounts[case.account_domain] = routed.rep_id
        return routed.rep_id

    def _loads(self, at: int, days: int) -> dict[str, Load]:
        for ends in self._open.values():
            while ends and ends[0] <= at:
                heapq.heappop(ends)
        return {
            rep_id: Load(open_now=len(ends), given_today=self._given[rep_id] // days)
            for rep_id, ends in self._open.items()
        }

    def _case(self, given: Given) -> Case:
        known, segments = given.facts.attributes, given.decision.segments
        domain = str(known.get("email_domain") or "").casefold()
        account = domain if domain and kind_of_domain(f"x@{domain}") == "company" else None
        products = str(known.get("product") or "").split(";")
        return Case(
            queue=given.decision.queue,
            owner=self._owners.get(given.lead_id),
            account_owner=None if account is None else self._accounts.get(account),
            account_domain=account,
            country=known.get("country") or None,
            state=known.get("state") or None,
            postcode=known.get("postcode") or None,
            products=tuple(part.strip() for part in products if part.strip()),
            language=known.get("language") or None,
            industry=known.get("industry") or segments.get("industry") or None,
            size=segments.get("size") or None,
            seniority=known.get("seniority") or None,
            segments=segments,
        )
