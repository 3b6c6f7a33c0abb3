"""The time and memory of `leadlens score` on a prepared history, beside plain `predict` on the same vectors.

    python benchmarks/bench_batch.py --leads 100_000 --events 1_000_000 --folder /tmp/bench-batch

The history is generated and prepared once into --folder, and so is a model of 150 trees x 15 leaves that is
trained on 20,000 other leads of the same world. The command is timed as a process, from its start to its end,
with the memory of all its processes. `predict` gets the vectors ready-made, and gives no reasons, words or
files.

Promised, of 1,000,000 leads with 10,000,000 events on 2 processors: under 3 minutes, and never more than 2
GiB in all processes together. Exit code 1 where such a run breaks it.
"""

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from peak_memory import PeakOfAll

from features.bucketed import BucketedHistory
from features.mapping import read_mapping
from features.prepared import Prepared
from features.prepared.write import prepare
from features.processors import usable_processors
from features.reading import read_tables
from models.artifact import load_model, save_scorer
from models.boosting import Boosting
from models.champion import champion_folder, point_to
from training.examples import cut_examples
from training.fitting.fit import fit_scorer
from training.fitting.recipe import Recipe
from training.synthetic import History, generate

PROMISED_LEADS, PROMISED_SECONDS, PROMISED_MEBIBYTES = 1_000_000, 180.0, 2_048.0


def made_home(folder: Path) -> Path:
    """Train the model, unless it is there."""
    home = folder / "home"
    if not home.exists():
        made = generate(History(leads=20_000, seed=3), folder / "learned", format="parquet")
        mapping = read_mapping(made.mapping)
        examples = cut_examples(read_tables(mapping, made.mapping.parent), mapping)
        recipe = Recipe(boosting=Boosting(num_trees=150, num_leaves=15))
        scorer = fit_scorer(examples.history, examples.learned, examples.census, recipe)
        save_scorer(scorer, champion_folder(home, 1))
        point_to(home, name=scorer.name, version=1)
    return home


def made_history(folder: Path, leads: int, events: int) -> Path:
    """Generate and prepare the history, unless it is there. Of the generated events an even share stays."""
    out = folder / f"prepared-{leads}-{events}"
    if not out.exists():
        data = folder / f"data-{leads}"
        made = generate(History(leads=leads), data, format="parquet")
        share = events / made.events.rows
        thinned = made.events.path.with_suffix(".some")
        with pq.ParquetFile(made.events.path) as file, pq.ParquetWriter(thinned, file.schema_arrow) as writer:
            random = np.random.default_rng(1)
            for batch in file.iter_batches():
                writer.write_batch(batch.filter(pa.array(random.random(len(batch)) < share)))
        thinned.replace(made.events.path)
        prepare(read_mapping(made.mapping), data, out)
        shutil.rmtree(data)
    return out


def scored(prepared: Path, home: Path, out: Path, workers: int) -> tuple[float, float]:
    """Run the command, and return its seconds and the peak of its memory in MiB."""
    words = ["score", "--prepared", prepared, "--home", home, "--out", out, "--workers", workers, "--again"]
    began = time.perf_counter()
    with (
        subprocess.Popen(
            [sys.executable, "-m", "leadlens", *map(str, words)], stdout=subprocess.DEVNULL
        ) as process,
        PeakOfAll(process.pid) as peak,
    ):
        code = process.wait()
    if code:
        sys.exit("the command failed")
    return time.perf_counter() - began, peak.mebibytes


def predicted(prepared: Path, home: Path, rows: int) -> dict[str, float]:
    """Return the seconds that plain `predict` takes for so many rows, by one thread and by LightGBM's own."""
    scorer = load_model(champion_folder(home, 1))
    history = BucketedHistory(Prepared.open(prepared), scorer.mapping)
    some = np.arange(min(rows, len(history), 100_000))
    vectors = history.vectors(scorer.spec, some, np.full(len(some), history.extract_at)).values
    seconds = {}
    for name, threads in (("predict, 1 thread", 1), ("predict, its own threads", 0)):
        began = time.perf_counter()
        scorer.booster.predict(vectors, raw_score=True, num_threads=threads)
        seconds[name] = (time.perf_counter() - began) * rows / len(some)
    began = time.perf_counter()
    part = vectors[:2_000]
    scorer.booster.predict(part, pred_contrib=True)
    seconds["predict with pred_contrib, its own threads"] = (time.perf_counter() - began) * rows / len(part)
    return seconds


def main() -> int:
    """Measure, print, and return 1 where a run of the promised size breaks the promise."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--events", type=int, help="Default: ten a lead.")
    parser.add_argument("--workers", type=int, default=usable_processors())
    parser.add_argument("--folder", type=Path, required=True, help="Where what is generated is kept.")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    home = made_home(chosen.folder)
    prepared = made_history(chosen.folder, chosen.leads, chosen.events or 10 * chosen.leads)
    tables = Prepared.open(prepared).manifest.tables
    out = chosen.folder / "scores.parquet"
    seconds, mebibytes = scored(prepared, home, out, chosen.workers)
    rows = pq.read_metadata(out).num_rows
    told = pq.read_table(out, columns=["reason_1"]).column(0)
    print(
        f"{rows:,} leads, {sum(tables['events'].rows):,} events, {chosen.workers} processes: "
        f"{seconds:.1f} s, {seconds / rows * 1e6:.0f} us a lead, peak {mebibytes:,.0f} MiB in all processes, "
        f"{out.stat().st_size / 2**20:,.0f} MiB written, "
        f"{pc.count_distinct(told).as_py():,} different first reasons"
    )
    for name, theirs in predicted(prepared, home, rows).items():
        print(f"    {name}: {theirs:.1f} s (ours takes {seconds / theirs:.2f} times as long)")
    if rows < 0.95 * PROMISED_LEADS:
        print("The promise is of 1,000,000 leads.")
        return 0
    is_kept = seconds < PROMISED_SECONDS and mebibytes < PROMISED_MEBIBYTES
    print("The promise is kept." if is_kept else "The promise is broken.")
    return int(not is_kept)


if __name__ == "__main__":
    sys.exit(main())
