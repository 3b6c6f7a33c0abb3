"""One lead with 50 events and 15 cells, from Python objects to its feature vector, beside pandas.

    python benchmarks/bench_one_lead.py --calls 3000

Ours goes the way of a request: dictionaries as `serving.scoring.request_events` hands them on,
`event_log_of_rows`, a `LeadBatch`, and the `Vectoriser` of a spec that was learned once: fit and event
features, warm. pandas gets the same dictionaries and computes nine of the features: a table, masks, sums.
The data are generated.

Promised: under 300 microseconds at the median. Exit code 1 where the promise is not kept.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from made_events import AS_OF, DETAILS, SPEC, TYPES

from features.batch import LeadBatch
from features.durations import DAY_US
from features.events import event_log_of_rows, no_events
from features.learning import learn_spec
from features.mapping import mapping_from
from features.vectors import Vectoriser

TOUCHES = frozenset({"email_sent"})
_PROMISED = 300.0
_MAPPING = mapping_from({"leads": {"path": "leads.csv", "id": "lead_id", "created_at": "created_at"}})


def main() -> int:
    """Time both in turn, and print median, 99th percentile and ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=3_000)
    calls = parser.parse_args().calls
    rng = np.random.default_rng(7)
    vectoriser, cells, events = a_vectoriser(rng), some_cells(rng, 1), some_events(rng, 50)
    width = len(vectoriser.spec.features)
    print(f"1 lead, {len(events)} events, {len(cells)} cells (generated), {width} features, {calls:,} calls")
    ours = _timed(lambda: vector_of(vectoriser, cells, events), calls)
    pandas = _timed(lambda: by_pandas(events), max(calls // 30, 20))
    for name, times in (("leadlens", ours), ("pandas, 9 features", pandas)):
        print(f"{name:20} median {np.median(times):8.0f} us   p99 {np.quantile(times, 0.99):8.0f} us")
    median = float(np.median(ours))
    print(f"pandas takes {np.median(pandas) / median:.0f} x as long")
    verdict = "kept" if median < _PROMISED else "NOT kept"
    print(f"{median / _PROMISED:.2f} of the promised {_PROMISED:.0f} us: {verdict}")
    return int(median >= _PROMISED)


def vector_of(vectoriser: Vectoriser, cells: dict[str, list[Any]], events: list[dict[str, Any]]) -> Any:
    """Return the vector of one lead, float64 (1, features), as a request makes it."""
    batch = LeadBatch(
        lead_ids=["L-1"],
        created_at=np.asarray([AS_OF - 200 * DAY_US], np.int64),
        as_of=np.asarray([AS_OF], np.int64),
        cells=cells,
        events=event_log_of_rows([events], TOUCHES),
        owner=np.zeros(1, np.int64),
    )
    return vectoriser(batch).values


def by_pandas(events: list[dict[str, Any]]) -> dict[str, float]:
    """Return nine of the features as one would write them in pandas, once a lead."""
    table = pd.DataFrame(events)
    seen = table[(table["occurred_at"] <= AS_OF) & (table["known_at"] <= AS_OF)]
    age = (AS_OF - seen["occurred_at"]) / DAY_US
    is_act = ~seen["type"].isin(TOUCHES)
    told = {f"activity.count.{days}d": float((is_act & (age < days)).sum()) for days in (7, 30, 90)}
    told |= {
        f"{kind}.days_since": float(age[seen["type"] == kind].min()) for kind in ("page_view", "email_sent")
    }
    told["activity.active_days.90d"] = float((seen["occurred_at"][is_act & (age < 90)] // DAY_US).nunique())
    told["activity.decayed.7d"] = float((2.0 ** -(age[is_act] / 7)).sum())
    of_forms = seen["value"][seen["type"] == "form_submitted"]
    return told | {
        "form_submitted.value_sum.ever": float(of_forms.sum()),
        "form_submitted.value_max": float(of_forms.max()),
    }


def a_vectoriser(rng: np.random.Generator) -> Vectoriser:
    """Return the vectoriser of a spec with 15 columns, learned from generated leads, and event features."""
    rows = 2_000
    seen = LeadBatch(
        lead_ids=[f"L-{row}" for row in range(rows)],
        created_at=np.full(rows, AS_OF - 200 * DAY_US),
        as_of=np.full(rows, AS_OF),
        cells=some_cells(rng, rows),
        events=no_events(rows),
        owner=np.arange(rows),
    )
    learned = learn_spec(seen, _MAPPING)
    return Vectoriser(replace(SPEC, columns=learned.columns, has_age=True, touch_keys=("email_sent",)))


def some_cells(rng: np.random.Generator, rows: int) -> dict[str, list[Any]]:
    """Return 15 columns of cells: numbers, categories, booleans, a title, an e-mail address, a country."""
    cells: dict[str, list[Any]] = {f"number {i}": rng.integers(1, 5_000, rows).tolist() for i in range(4)}
    cells |= {f"text {i}": [f"value {v}" for v in rng.integers(0, 12, rows)] for i in range(5)}
    cells |= {f"flag {i}": (rng.random(rows) < 0.4).tolist() for i in range(3)}
    titles = ("Head of Sales", "Software Engineer", "Chief Financial Officer", "Marketing Assistant")
    places = ("Germany", "France", "Brazil", "Japan")
    return cells | {
        "job_title": [titles[v] for v in rng.integers(0, 4, rows)],
        "email": [f"someone{v}@company{v}.example" for v in range(rows)],
        "country": [places[v] for v in rng.integers(0, 4, rows)],
    }


def some_events(rng: np.random.Generator, events: int) -> list[dict[str, Any]]:
    """Return events as `serving.scoring.request_events` reads them, in any order."""
    return [
        {
            "type": (kind := TYPES[rng.integers(0, 4)]),
            "occurred_at": (when := int(AS_OF - rng.integers(0, 200 * DAY_US))),
            "known_at": when,
            "detail": DETAILS[rng.integers(0, 3)] if kind == "page_view" else None,
            "value": float(rng.integers(1, 500)) if kind == "form_submitted" else None,
            "event_id": f"e-{number}",
        }
        for number in range(events)
    ]


def _timed(call: Callable[[], object], calls: int) -> np.ndarray[Any, Any]:
    """Return the microseconds of each of so many calls, after some that warm it."""
    for _ in range(min(calls, 50)):
        call()
    times = np.empty(calls)
    for number in range(calls):
        began = time.perf_counter_ns()
        call()
        times[number] = (time.perf_counter_ns() - began) / 1_000
    return times


if __name__ == "__main__":
    sys.exit(main())
