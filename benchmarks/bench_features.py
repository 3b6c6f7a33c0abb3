"""64 event features of 500,000 leads with 10,000,000 events at one moment, beside polars and DuckDB.

    python benchmarks/bench_features.py --leads 500000 --repeats 3

All read the same Parquet, sorted by lead and time in buckets as `leadlens prepare` writes it; the data are
generated. Ours is `BucketedHistory.vectors`, as training and scoring call it. Each run is a process of its
own: seconds are from opening the files to the features in memory as float64 (imports, and for ours
the loading of compiled kernels, are not counted: a first small run warms each), memory is the largest
resident set of the process, all imports included.
The median of the repeats stands for each.

Promised: less time and less memory than one query of either peer. `by bucket` is the same query file by file,
which whoever knows that each file holds whole leads may write. Exit code 1 where the promise is not kept.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from peak_memory import peak_mebibytes

OURS = "leadlens"
PEERS = {
    "polars": ("features_in_polars", "in_one_query"),
    "polars by bucket": ("features_in_polars", "by_bucket"),
    "DuckDB": ("features_in_duckdb", "in_one_query"),
    "DuckDB by bucket": ("features_in_duckdb", "by_bucket"),
}
_SMALL = 200


def main() -> int:
    """Write the history, check that all count alike, run everybody in turn, and print the ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leads", type=int, default=500_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--run", choices=(OURS, *PEERS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.run:
        print(json.dumps(run(chosen.run, chosen.folder)))
        return 0
    with tempfile.TemporaryDirectory() as made:
        return _compared(Path(made), chosen.leads, chosen.repeats)


def _compared(folder: Path, leads: int, repeats: int) -> int:
    from made_events import SPEC, write_history  # noqa: PLC0415 - peers run without LeadLens in memory

    write_history(folder / "small", _SMALL, bucket_size=_SMALL // 2)
    (folder / "names.json").write_text(json.dumps(SPEC.names))
    gap = largest_gap(folder / "small", SPEC.names)
    print(f"{_SMALL} leads: the largest relative difference between any two is {gap:.1e}")
    events = write_history(folder / "whole", leads)
    print(f"{events:,} events of {leads:,} leads (generated), {len(SPEC.names)} features")
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in (OURS, *PEERS)}
    for _ in range(repeats):
        for name, found in runs.items():
            found.append(_in_own_process(name, folder))
    usual = {
        name: (median(seconds for seconds, _ in found), median(peak for _, peak in found))
        for name, found in runs.items()
    }
    ours = usual[OURS]
    print(f"{'':18}  seconds    MiB   time of ours   memory of ours")
    for name, (seconds, peak) in usual.items():
        print(f"{name:18} {seconds:8.2f} {peak:6.0f} {seconds / ours[0]:12.2f} x {peak / ours[1]:14.2f} x")
    kept = all(ours[0] < usual[peer][0] and ours[1] < usual[peer][1] for peer in ("polars", "DuckDB"))
    print("promise kept" if kept else "promise NOT kept")
    return int(gap > 1e-9 or not kept)


def _in_own_process(name: str, folder: Path) -> tuple[float, float]:
    command = [sys.executable, __file__, "--run", name, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return found["seconds"], found["mebibytes"]


def run(name: str, folder: Path) -> dict[str, float]:
    """Run one of them in this process, and return its seconds and its peak memory."""
    os.environ.setdefault("POLARS_MAX_THREADS", "2")
    names = json.loads((folder / "names.json").read_text())
    features = _function(name)
    features(folder / "small", names)
    began = time.perf_counter()
    features(folder / "whole", names)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "mebibytes": peak_mebibytes()}


def _function(name: str) -> Any:
    if name == OURS:
        return importlib.import_module("features_in_leadlens").in_parts
    module, function = PEERS[name]
    return getattr(importlib.import_module(module), function)


def largest_gap(folder: Path, names: list[str]) -> float:
    """Return the largest relative difference between our values and a peer's, over all leads and features.

    A lead without visible events is in no peer's answer: it must have nothing but zeros and gaps in ours.
    """
    import numpy as np  # noqa: PLC0415 - peers run without it
    from features_in_leadlens import in_parts, lead_ids  # noqa: PLC0415 - and without LeadLens in memory

    ours, ids = in_parts(folder, names), lead_ids(folder)
    gaps = []
    for peer in PEERS:
        found = _function(peer)(folder, names)
        at = {str(lead): row for row, lead in enumerate(found["lead_id"].to_numpy())}
        theirs = np.zeros_like(ours)
        rows = np.asarray([at.get(lead, -1) for lead in ids])
        for place, name in enumerate(names):
            column = np.asarray(found[name].to_numpy(), np.float64)
            theirs[:, place] = np.where(rows >= 0, column[rows], np.nan)
        mine = np.where((rows < 0)[:, None] & (ours == 0.0), np.nan, ours)
        if (np.isnan(mine) != np.isnan(theirs)).any():
            return float("inf")
        gaps.append(np.nanmax(np.abs(mine - theirs) / np.maximum(1.0, np.abs(mine))))
    return float(max(gaps))


if __name__ == "__main__":
    sys.exit(main())
