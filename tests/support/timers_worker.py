"""Fires all that is due by a moment, and ends. Arguments: home, URL of the store or '', microseconds UTC."""

import sys
from pathlib import Path

from fake_assigning import RULES

from decisions.policy import Policy
from serving.jobs.clocks import Clocks
from serving.selling.clocks.timer_acts import TimerActs
from serving.selling.clocks.timers import leads_with_due_timers
from serving.store.database import Store, open_store

POLICY = Policy(clocks=RULES)


def clocks_of(store: Store) -> Clocks:
    return Clocks(store, lambda: RULES, TimerActs(lambda: POLICY).acts)


if __name__ == "__main__":
    store = open_store(Path(sys.argv[1]), sys.argv[2] or None)
    now = int(sys.argv[3])
    job = clocks_of(store)
    print("working", flush=True)  # noqa: T201 - the test waits for it
    while True:
        job.step(now)
        with store.reading() as connection:
            if not leads_with_due_timers(connection, now, 1):
                break
