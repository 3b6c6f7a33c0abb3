"""Time and memory of preparing a history in buckets, beside pandas and polars that sort it in memory.

    python benchmarks/bench_prepare.py --events 1 5 20

Each number of events (millions) is generated once as Parquet and once as CSV; each step runs in a process of
its own, whose largest resident set is its peak memory, interpreter and libraries included. The peers only
read the file of events and sort it by lead and time: they parse no times, apply no rules and know no buckets.

Promised: peak memory is bounded by the bucket and the limit, not by the file. Exit code 1 where it more than
doubles from the smallest size to the largest.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

_EVENTS_A_LEAD = 22
_PROGRAM = """
import json, resource, sys, time
from pathlib import Path
way, folder = sys.argv[1], Path(sys.argv[2])
events = next(folder.glob("events.*"), folder)
csv = events.suffix == ".csv"
began = time.perf_counter()
if way == "generate":
    from training.synthetic import History, generate
    leads = History(leads=int(sys.argv[3]))
    rows = generate(leads, folder, format=sys.argv[4]).events.rows
elif way == "leadlens":
    from features.mapping import read_mapping
    from features.prepared.write import prepare
    prepared = prepare(
        read_mapping(folder / "leadlens.toml"), folder, folder / "prepared", memory_limit=sys.argv[3]
    )
    rows = sum(sum(table.rows) for table in prepared.manifest.tables.values())
elif way == "polars":
    import polars
    frame = polars.read_csv(events) if csv else polars.read_parquet(events)
    rows = len(frame)
    frame.sort(["lead_id", "occurred_at"]).write_parquet(folder / "sorted.parquet")
else:
    import pandas
    frame = pandas.read_csv(events) if csv else pandas.read_parquet(events)
    rows = len(frame)
    frame.sort_values(["lead_id", "occurred_at"]).to_parquet(folder / "sorted.parquet")
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps({"seconds": seconds, "peak": peak, "rows": rows}))
"""


def _run(way: str, folder: Path, *words: object) -> dict[str, float]:
    # A child's peak is at least what its parent holds when it starts: this process must stay small.
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _PROGRAM, way, str(folder), *map(str, words)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> int:
    """Run all sizes and print the figures; return 1 where memory grows with the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=float, nargs="+", default=[1, 5, 20], help="millions")
    parser.add_argument("--formats", nargs="+", default=["parquet", "csv"])
    parser.add_argument("--peers", nargs="*", default=["polars", "pandas"])
    parser.add_argument("--memory-limit", default="500MB")
    chosen = parser.parse_args()
    grew = False
    for kind in chosen.formats:
        peaks = []
        for millions in chosen.events:
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                _run("generate", folder, round(millions * 1e6 / _EVENTS_A_LEAD), kind)
                size = sum(path.stat().st_size for path in folder.iterdir())
                ours = _run("leadlens", folder, chosen.memory_limit)
                peaks.append(ours["peak"])
                print(
                    f"{kind} {millions:g} M events, files {size / 2**20:,.0f} MiB: prepared {ours['rows']:,} "
                    f"rows in {ours['seconds']:.1f} s ({ours['rows'] / ours['seconds']:,.0f} rows/s), peak "
                    f"{ours['peak'] / 2**20:,.0f} MiB ({ours['peak'] / size:.2f} of the files)"
                )
                for peer in chosen.peers:
                    theirs = _run(peer, folder, chosen.memory_limit)
                    print(
                        f"    {peer}: {theirs['seconds']:.1f} s (ours takes "
                        f"{ours['seconds'] / theirs['seconds']:.1f} times as long), peak "
                        f"{theirs['peak'] / 2**20:,.0f} MiB (ours "
                        f"{ours['peak'] / theirs['peak']:.2f} of it)",
                        flush=True,
                    )
        grew |= max(peaks) > 2 * min(peaks)
    return int(grew)


if __name__ == "__main__":
    sys.exit(main())
