"""Time and memory of the features from 1 to 50 million events: seconds a million, and the peak.

    python benchmarks/bench_linear.py --millions 1 2 5 10 20 50

A generated history in buckets of about a million events, as `leadlens prepare` chooses them, is measured
bucket by bucket, and each bucket's vectors are let go as soon as they are there, as when files are scored.
The smaller histories are the first buckets of the largest. Each run is a process of its own; its peak is that
of the whole process. The best of the repeats stands for each size.

Promised: a million events cost the largest history at most 1.25 times what they cost the one of 10 million
(or the size next to it), and its peak is at most 1.25 times that one's. Exit code 1 where that is not kept.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from peak_memory import peak_mebibytes

_LEADS_A_MILLION = 50_000
_BUCKETS_A_MILLION = 1


def main() -> int:
    """Write the largest history, run every size, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--millions", type=int, nargs="+", default=[1, 2, 5, 10, 20, 50])
    parser.add_argument("--leads-a-million", type=int, default=_LEADS_A_MILLION, help="fewer for a trial")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.run:
        print(json.dumps(run(chosen.run)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return _all_sizes(Path(folder), sorted(chosen.millions), chosen.leads_a_million, chosen.repeats)


def _all_sizes(folder: Path, millions: list[int], leads: int, repeats: int) -> int:
    from made_events import first_buckets, write_history  # noqa: PLC0415 - the runs measure their own imports

    write_history(folder / "whole", millions[-1] * leads, bucket_size=max(1, leads // _BUCKETS_A_MILLION))
    found: dict[int, tuple[float, float]] = {}
    print("events (generated)  seconds  seconds a million  peak MiB", flush=True)
    for count in millions:
        first_buckets(folder / "whole", folder / str(count), count * _BUCKETS_A_MILLION)
        runs = [_in_own_process(folder / str(count)) for _ in range(repeats)]
        events = count * leads * 20
        seconds, peak = min(run[0] for run in runs), min(run[1] for run in runs)
        found[count] = seconds / events * 1e6, peak
        print(f"{events:18,} {seconds:8.2f} {seconds / events * 1e6:18.3f} {peak:9.0f}", flush=True)
    middle = min(millions, key=lambda count: abs(count - 10))
    largest = millions[-1]
    ratio = found[largest][0] / found[middle][0]
    growth = found[largest][1] / found[middle][1]
    print(f"a million of {largest} million costs {ratio:.2f} x what one of {middle} million costs")
    print(f"the peak is {growth:.2f} x where the events are {largest / middle:.0f} x")
    kept = ratio <= 1.25 and growth <= 1.25
    print("promise kept" if kept else "promise NOT kept")
    return int(not kept)


def _in_own_process(folder: Path) -> tuple[float, float]:
    command = [sys.executable, __file__, "--run", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return found["seconds"], found["peak"]


def run(folder: Path) -> dict[str, float]:
    """Measure a history bucket by bucket in this process: seconds, and the peak in MiB."""
    import numpy as np  # noqa: PLC0415 - part of what is measured
    from made_events import AS_OF, SPEC  # noqa: PLC0415

    from features.bucketed import BucketedHistory  # noqa: PLC0415
    from features.prepared import Prepared  # noqa: PLC0415

    prepared = Prepared.open(folder)
    first = BucketedHistory(prepared, prepared.mapping)
    first.vectors(SPEC, np.arange(1), np.full(1, AS_OF))
    del first
    began = time.perf_counter()
    history = BucketedHistory(prepared, prepared.mapping)
    for start, stop in zip(history.starts[:-1], history.starts[1:], strict=True):
        leads = np.arange(start, stop)
        history.vectors(SPEC, leads, np.full(len(leads), AS_OF))
    return {"seconds": time.perf_counter() - began, "peak": peak_mebibytes()}


if __name__ == "__main__":
    sys.exit(main())
