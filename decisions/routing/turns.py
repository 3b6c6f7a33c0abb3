"""Whose turn it is: a weighted round robin in which nobody is ever a whole lead from his or her share.

A *pool* is a set of members of a queue among whom leads of one kind are shared: those that the steps of
routing leave, whoever of them is there. Of a pool, its *eligible* reps are there and have room. From the
last change of the eligible set or of its weights on, after any n leads, a rep of weight w among weights
that sum to W has been given x of them with |x - n·w/W| < 1: strictly, always, whatever n.

That such turns exist is the chairman assignment problem (R. Tijdeman, "The chairman assignment problem",
Discrete Mathematics 32, 1980, 323-330). The j-th lead of a rep may come as lead ⌊(j-1)·W/w⌋ + 1 of the pool
at the earliest and must come as lead ⌈j·W/w⌉ at the latest; whoever takes those that may come in the order
in which they must keeps every deadline (Baruah, Cohen, Plaxton and Varvel, "Proportionate progress",
Algorithmica 15, 1996, 600-625, of which this is one processor). Any choice that leaves the others'
deadlines feasible is as good. With n leads given, let T be the first lead by which as many deadlines end as
there are leads from n + 1 to T: all those are spoken for. So exactly those who may have the next lead, and
whose next deadline is T or before, can be given it. (A choice lowers what is due from its own deadline on,
and a place is used up: before that deadline there must have been one to spare.)

Among these the *carried* deficit decides: the sum, over all leads that a rep could have had by turn, of
what was due (w/W), less those that were given. It is carried through changes of the eligible set and over
all pools, so who was passed over in one pool comes first in the next; giving to the largest deficit is what
keeps it bounded where sets change at will (Ajtai, Aspnes, Naor, Rabani, Schulman and Waarts, "Fairness in
scheduling", Journal of Algorithms 29, 1998, 306-357). While somebody is away nothing is due to him or her,
and who comes back brings one lead at most, either way: neither flood nor penalty.

Ties go by a hash of queue, round and rep, so over rounds they favour nobody.
"""

from __future__ import annotations

import hashlib
import heapq
from dataclasses import dataclass, field, replace
from math import gcd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LEAD = 1_000_000_000
"""Deficits that are carried count in billionths of a lead, so that they can be kept as whole numbers."""

_ALIKE = LEAD // 1000
"""Deficits that differ by less than about this are a tie: sums of rounded shares are not exact."""

POOLS_KEPT = 100
"""So many pools a queue remembers, those that had a lead last. One that is forgotten begins anew."""


@dataclass(frozen=True, slots=True)
class Pool:
    """What was given in a pool since its eligible reps or their weights changed last.

    `weights`: of those who are eligible; `given`: how many each was given, of `leads`. `last_round`: the
    queue's round in which it had its last lead.
    """

    weights: Mapping[str, int]
    given: Mapping[str, int]
    leads: int
    last_round: int

    def deficit(self, rep_id: str) -> float:
        """Return how many leads a rep is short of its share: below 1 in size, negative where it is ahead."""
        share = self.weights[rep_id] / sum(self.weights.values())
        return self.leads * share - self.given.get(rep_id, 0)


@dataclass(frozen=True, slots=True)
class QueueTurns:
    """The pools of a queue, by `pool_key`, and how many choices it has seen."""

    rounds: int = 0
    pools: Mapping[str, Pool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turns:
    """All that is to be remembered of turns: queues by name, and the carried deficits by rep, in LEAD."""

    queues: Mapping[str, QueueTurns] = field(default_factory=dict)
    carried: Mapping[str, int] = field(default_factory=dict)

    def of(self, queue: str) -> QueueTurns:
        """Return what is remembered of a queue."""
        return self.queues.get(queue, QueueTurns())

    def counted(self, queue: str) -> Turns:
        """Return the turns after a choice that no turn made: the round is another one."""
        old = self.of(queue)
        return replace(self, queues={**self.queues, queue: replace(old, rounds=old.rounds + 1)})


def pool_key(group: Mapping[str, int]) -> str:
    """Return the short name of a pool: it is the same for the same reps, whatever their weights and order."""
    return hashlib.sha256("\n".join(sorted(group)).encode()).hexdigest()[:16]


def take_turn(
    turns: Turns, queue: str, group: Mapping[str, int], eligible: Mapping[str, int]
) -> tuple[str, Turns]:
    """Return who of the `eligible` gets the next lead of a pool, and what is to be remembered then.

    `group`: the pool, all whom the steps of routing left; `eligible`: those of them who are there and have
    room, at least one. Both with weights, whole numbers of at least 1.
    """
    known, key = turns.of(queue), pool_key(group)
    old = known.pools.get(key)
    pool, carried = _current(old, eligible), dict(turns.carried)
    if old is not None:
        for newcomer in eligible.keys() - old.weights.keys():
            carried[newcomer] = max(-LEAD, min(LEAD, carried.get(newcomer, 0)))
    total = sum(eligible.values())
    for rep_id, weight in eligible.items():
        carried[rep_id] = carried.get(rep_id, 0) + round(LEAD * weight / total)
    chosen = min(
        safe_choices(pool),
        key=lambda rep_id: (-round(carried[rep_id] / _ALIKE), tie_break(queue, known.rounds, rep_id)),
    )
    carried[chosen] -= LEAD
    given = {**pool.given, chosen: pool.given.get(chosen, 0) + 1}
    now = replace(pool, given=given, leads=pool.leads + 1, last_round=known.rounds)
    pools = _newest({**known.pools, key: now})
    after = QueueTurns(known.rounds + 1, pools)
    return chosen, Turns({**turns.queues, queue: after}, carried)


def safe_choices(pool: Pool) -> list[str]:
    """Return whom the next lead can be given so that every share can still be kept, in order of their ids."""
    divisor = gcd(*pool.weights.values())
    weights = {rep_id: weight // divisor for rep_id, weight in pool.weights.items()}
    total = sum(weights.values())
    cycles, lead = divmod(pool.leads, total)  # after a whole cycle everybody has exactly the share
    given = {rep_id: pool.given.get(rep_id, 0) - cycles * weight for rep_id, weight in weights.items()}
    due = {
        rep_id: -(-(given[rep_id] + 1) * total // weight)  # rounded up
        for rep_id, weight in weights.items()
    }
    spoken_for = _spoken_for(due, given, weights, lead)
    return sorted(
        rep_id
        for rep_id, weight in weights.items()
        if given[rep_id] * total < (lead + 1) * weight and due[rep_id] <= spoken_for
    )


def tie_break(queue: str, rounds: int, rep_id: str) -> str:
    """Return what orders those between whom nothing else decides: another order in each round."""
    return hashlib.sha256(f"{queue}\n{rounds}\n{rep_id}".encode()).hexdigest()


def _current(old: Pool | None, eligible: Mapping[str, int]) -> Pool:
    if old is not None and old.weights == eligible:
        return old
    return Pool(dict(sorted(eligible.items())), {}, 0, 0)


def _spoken_for(
    due: Mapping[str, int], given: Mapping[str, int], weights: Mapping[str, int], lead: int
) -> int:
    """Return the first lead up to which every lead after `lead` is somebody's by a deadline."""
    total = sum(weights.values())
    deadlines = [(deadline, rep_id, given[rep_id] + 1) for rep_id, deadline in due.items()]
    heapq.heapify(deadlines)
    ended = 0
    while True:
        deadline, rep_id, place = deadlines[0]
        heapq.heapreplace(deadlines, (-(-(place + 1) * total // weights[rep_id]), rep_id, place + 1))
        ended += 1
        if deadlines[0][0] > deadline and ended == deadline - lead:
            return deadline


def _newest(pools: dict[str, Pool]) -> dict[str, Pool]:
    if len(pools) <= POOLS_KEPT:
        return pools
    newest = heapq.nlargest(POOLS_KEPT, pools, key=lambda key: pools[key].last_round)
    return {key: pools[key] for key in newest}
