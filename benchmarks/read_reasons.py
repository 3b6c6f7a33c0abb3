"""Reasons read by rules, and printed to be read by eye: every shape of sentence, and how often it came.

    python benchmarks/read_reasons.py
    python benchmarks/read_reasons.py --data FOLDER --leads 200 relax

Of each real data set leads of the census are picked at random, and all their reasons are held against
the tables that they were made from: grammar, numbers, windows, values. The rules stand in
`tests/support/read_reasons.py` and `read_columns.py`. Exit code 1 where one is broken.
"""

import argparse
import sys
from pathlib import Path

from real_examples import FOLDER, real_tables

from training.fitting.recipe import Recipe

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))
from reading_leads import read_leads


def main() -> int:
    """Read each data set."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=["xeducation", "olist", "relax", "hillstrom"])
    parser.add_argument("--data", type=Path, default=FOLDER)
    parser.add_argument("--leads", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    wrong = 0
    for name, tables, mapping in real_tables(chosen.data, chosen.names):
        found = read_leads(tables, mapping, Recipe(), leads=chosen.leads, seed=chosen.seed)
        print(f"== {name}: {found.leads} leads, {found.sentences} sentences, {len(found.faults)} faults")
        print("\n".join(found.faults[:50]))
        for shape, times in found.shapes.most_common():
            print(f"{times:6d}  {shape}")
        for pair, times in found.overlaps.most_common():
            print(f"{times:6d}  one fact told twice: {pair}")
        wrong += len(found.faults)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
