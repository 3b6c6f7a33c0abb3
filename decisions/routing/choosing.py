"""Who of several reps gets a lead: by turn, load, quickness, or past wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisions.routing.case import TraceStep
from decisions.routing.names import listed
from decisions.routing.rep import NO_LOAD
from decisions.routing.taking import room_of
from decisions.routing.track_records import response_times_us, win_rates
from decisions.routing.turns import take_turn, tie_break

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from decisions.routing.case import Case
    from decisions.routing.policy import QueueRules, Routing
    from decisions.routing.rep import Load, Rep
    from decisions.routing.turns import Turns

UNLIMITED_AS = 100
"""Load is counted relative to how many may be open; of who has no limit, to so many."""

MINUTE_US = 60_000_000


def chosen_by_rule(
    case: Case,
    queue: str,
    group: Sequence[Rep],
    able: Sequence[Rep],
    loads: Mapping[str, Load],
    turns: Turns,
    *,
    policy: Routing,
) -> tuple[Rep, TraceStep, Turns]:
    """Return one of the `able`, why, and the turns after it. `group`: whom the steps left, able or not."""
    rules = policy.queues[queue]
    by_id = {rep.rep_id: rep for rep in able}
    among = f"among {listed(able)}" if len(able) > 1 else "the only one who can take it"
    if rules.choose == "weighted_round_robin":
        weights = {rep.rep_id: rep.queues[queue] for rep in able}
        rep_id, after = take_turn(turns, queue, {rep.rep_id: rep.queues[queue] for rep in group}, weights)
        pool_words = f"It is the turn of {by_id[rep_id].name}, {among}."
        return by_id[rep_id], TraceStep("choice", pool_words, (rep_id,)), after
    worth = _worth(rules, case, able, {rep_id: loads.get(rep_id, NO_LOAD) for rep_id in by_id}, policy)
    rounds = turns.of(queue).rounds
    rep_id = min(worth, key=lambda one: (worth[one][0], tie_break(queue, rounds, one)))
    words = f"{by_id[rep_id].name} {worth[rep_id][1]}, {among}."
    return by_id[rep_id], TraceStep("choice", words, (rep_id,)), turns.counted(queue)


def _worth(
    rules: QueueRules, case: Case, able: Sequence[Rep], loads: Mapping[str, Load], policy: Routing
) -> dict[str, tuple[float, str]]:
    """Return for each rep a number, of which the smallest is best, and what it means in words."""
    if rules.choose == "least_loaded":
        full = {rep.rep_id: room_of(rep, policy).open or UNLIMITED_AS for rep in able}
        return {
            rep_id: (
                load.open_now / full[rep_id],
                f"has the least to do for his or her capacity ({load.open_now} open)",
            )
            for rep_id, load in loads.items()
        }
    if rules.choose == "fastest":
        times = response_times_us(loads)
        return {
            rep_id: (us, f"answers first (in about {max(1, round(us / MINUTE_US))} minutes)")
            for rep_id, us in times.items()
        }
    kind = rules.best_fit_by
    value = case.segments.get(kind)
    rates = win_rates(loads, f"{kind}={value}" if value else "")
    of_what = f"of {kind} {value}" if value else "of all kinds"
    return {
        rep_id: (-rate, f"wins such leads most often ({of_what}, about {rate:.0%})")
        for rep_id, rate in rates.items()
    }
