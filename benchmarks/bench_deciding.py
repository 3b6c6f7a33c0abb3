"""How long a decision takes, beside its peer: the same conditions asked by cel one by one.

    python benchmarks/bench_deciding.py

Leads are generated; nothing of a real company is in them. One thread, the best of several runs.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import cel
import numpy as np

from decisions.advise import Advisor
from decisions.policy import Policy
from decisions.policy.checking import conditions_of
from decisions.policy.names import later_names
from features.batch import LeadBatch
from features.cells import CellRules
from features.durations import DAY_US
from features.events import event_log_of_rows
from features.lead_log import FIELDS, VALUE, LeadLog
from features.one_lead import OneLead
from models.score import Score

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from decisions.deciding import Facts

NOW = 1_795_253_400_000_000
LEADS = 10_000
EVENTS = 20
RUNS = 5
COUNTRIES, TITLES = ("DE", "US", "France", None), ("VP Sales", "Student", "Head of IT", "Buyer", None)
TYPES = (("page_view", "pricing"), ("page_view", "blog"), ("email_opened", None), ("demo_requested", None),
         ("feature_used", "export"), ("email_bounced", None), ("email_sent", None))  # fmt: skip
TOUCHES = frozenset({"email_bounced", "email_sent"})


def generated(count: int) -> tuple[LeadBatch, list[Score]]:
    """Return leads with 15 columns and 20 events each, and scores for them."""
    random = np.random.default_rng(1)
    rows = [
        [
            {"type": kind, "detail": detail, "occurred_at": at, "known_at": at, "value": None}
            for at, (kind, detail) in (
                (NOW - int(random.integers(120 * DAY_US)), TYPES[min(int(random.exponential(2)), 6)])
                for _ in range(EVENTS)
            )
        ]
        for _ in range(count)
    ]
    moments = np.full(count, NOW)
    cells: dict[str, list[Any]] = {
        "email": [f"a{at}@company{at % 700}.example" for at in range(count)],
        "job_title": random.choice(np.asarray(TITLES, object), count).tolist(),
        "country": random.choice(np.asarray(COUNTRIES, object), count).tolist(),
        "employees": [None if at % 5 == 0 else int(random.integers(5_000)) for at in range(count)],
        "source": [("google", "partner", "fair")[at % 3] for at in range(count)],
        **{f"column {place}": list(range(count)) for place in range(10)},
    }
    batch = LeadBatch(
        lead_ids=[f"L-{at}" for at in range(count)],
        created_at=moments - 30 * DAY_US,
        as_of=moments,
        cells=cells,
        events=event_log_of_rows(rows, TOUCHES),
        owner=np.arange(count),
    )
    return batch, [a_score(int(figure)) for figure in random.integers(0, 100, count)]


def a_score(figure: int) -> Score:
    """Return a score that nobody was given."""
    return Score(
        lead_id="L", as_of=NOW, score=figure, probability=figure / 200, probability_low=0.0,
        probability_high=1.0, horizon_days=90.0, fit_score=figure, engagement_score=figure, grade="B2",
        rung="model", confidence="high", baseline_score=50, baseline_probability=0.05, base_rate=0.05,
        reasons=(), model_name="m", model_version=1, features_sha256="", warnings=(), margin=0.0,
        expected_margin=0.0,
    )  # fmt: skip


def alone(batch: LeadBatch, at: int) -> OneLead:
    """Return a lead of a batch as a request brings it."""
    log = batch.events.of(np.asarray([at]))
    held = np.zeros((FIELDS + 1, len(log.occurred_at)), np.int64)
    held[:5] = [log.occurred_at, log.known_at, log.key, log.detail_key, log.is_touch]
    held[VALUE].view(np.float64)[:] = log.value
    cells = {name: column[at] for name, column in batch.cells.items()}
    events = LeadLog(held, len(log.occurred_at), log.keys)
    return OneLead(str(batch.lead_ids[at]), int(batch.created_at[at]), NOW, cells, events)


def best(work: Callable[[Advisor], object]) -> float:
    """Return the seconds of the best of several runs, each given an advisor that has advised nobody yet."""
    taken = []
    for _ in range(RUNS):
        advisor = Advisor(Policy(), CellRules())
        advisor.facts.warm_up()
        began = time.perf_counter()
        work(advisor)
        taken.append(time.perf_counter() - began)
    return min(taken)


def asked_one_by_one(policy: Policy, facts: Sequence[Facts]) -> float:
    """Return the seconds in which cel alone answers the policy's conditions, each by itself."""
    first, later, _ = conditions_of(policy)
    programs = [cel.compile(text) for text in [*first.values(), *later.values()]]
    values = [{**later_names(policy), **one.attributes, **one.history, "score": one.score} for one in facts]

    def work(_: Advisor) -> None:
        for one in values:
            for program in programs:
                try:
                    program.execute(one)
                except TypeError:
                    continue

    return best(work)


def main() -> None:
    """Print the figures."""
    policy = Policy()
    advisor = Advisor(policy, CellRules())
    batch, scores = generated(LEADS)
    decided = advisor.decisions(batch, scores)
    facts = [one for one, _ in decided]
    conditions = sum(map(len, conditions_of(policy)))
    # Answers of conditions are remembered: each run begins without any, but for the one that says so.
    whole = best(lambda fresh: fresh.decisions(batch, scores))
    pure = best(lambda fresh: [fresh.decider.decide(one) for one in facts])
    again = best(lambda _: [advisor.decider.decide(one) for one in facts])
    some = [alone(batch, at) for at in range(LEADS)]
    pairs = list(zip(some, scores, strict=True))
    advice = best(lambda fresh: [fresh.of_each([lead], [score]) for lead, score in pairs])
    peer = asked_one_by_one(policy, facts[:200])
    actions = [decision.action for _, decision in decided]
    said = ", ".join(f"{actions.count(action):,} {action}" for action in sorted(set(actions)))
    each, of_peer = pure / LEADS * 1e6, peer / 200 * 1e6
    print(f"{LEADS:,} leads, {EVENTS} events each, {conditions} conditions of the default policy, one thread")
    print(f"  decided, facts and decisions: {whole:.2f} s ({said})")
    alike = again / LEADS * 1e6
    print(f"  one decision of facts that are there: {each:.0f} us; once more: {alike:.0f} us")
    print(f"  advice about a lead in a request, facts included: {advice / LEADS * 1e6:.0f} us")
    print(f"  peer: cel, the conditions one by one: {of_peer:.0f} us, {of_peer / each:.1f} x as long")


if __name__ == "__main__":
    main()
