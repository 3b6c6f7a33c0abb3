"""Time and memory of generating a history: seconds, peak memory, rows and the size of the files.

    python benchmarks/bench_generate.py --leads 500000

Promised: 500,000 leads and 10,000,000 events within 60 seconds and 4 GiB, the truth not counted. Peak memory
is the process's largest resident set, interpreter and libraries included. Exit code 1 where a promise is not
kept.
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

from training.synthetic import History, generate

_PROMISED_SECONDS = 60.0
_PROMISED_GIB = 4.0


def main() -> int:
    """Generate once and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leads", type=int, default=500_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--format", choices=("parquet", "csv"), default="parquet")
    parser.add_argument("--truth", action="store_true", help="write the truth too")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        made = generate(
            History(leads=chosen.leads, seed=chosen.seed),
            Path(folder),
            format=chosen.format,
            truth=chosen.truth,
        )
        seconds = time.perf_counter() - began
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    # Linux counts in KiB, macOS in bytes.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(f"leads {made.leads.rows:,}  events {made.events.rows:,}  changes {made.changes.rows:,}")
    print(f"outcomes {made.outcomes.rows:,}  accounts {made.accounts.rows:,}  files {size / 2**20:,.0f} MiB")
    if made.truth is not None:
        print(f"truth {made.truth.rows:,} (counted in the seconds below)")
    share = seconds / _PROMISED_SECONDS
    print(f"{seconds:.1f} s ({share:.2f} of the promised {_PROMISED_SECONDS:.0f})")
    print(f"{peak / 2**30:.2f} GiB at the peak ({peak / 2**30 / _PROMISED_GIB:.2f} of {_PROMISED_GIB:.0f})")
    return int(seconds > _PROMISED_SECONDS or peak > _PROMISED_GIB * 2**30)


if __name__ == "__main__":
    sys.exit(main())
