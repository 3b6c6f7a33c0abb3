"""What a record of the ledger takes in bytes and in time, with a real model of generated history.

    python benchmarks/bench_ledger.py --records 20000

Leads of a generated history are scored by a model that was fitted to it; the answers, vectors and
contributions are appended to a SQLite store in transactions of 256, as the worker writes them, and sealed.
Each record is written with another moment, so that none is like another. Bytes are those of the values, and
those by which the store's file grew. Beside it, as the measure: how long it took to make the scores.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from msgspec.structs import replace

from decisions.advise import Advice
from decisions.policy import Policy
from features.mapping import read_mapping
from features.reading import read_tables
from models.boosting import Boosting
from models.score import Score
from serving.ledger.chain import Record, append, seal
from serving.ledger.check import verify
from serving.scoring.answers import score_document
from serving.store.database import FILE, Store, open_store
from serving.store.schema import LEDGER_HEADERS, LEDGER_PAYLOADS
from serving.wire.encoding import to_json
from training.examples import cut_examples
from training.fitting.fit import fit_scorer
from training.fitting.recipe import Recipe
from training.synthetic.engine import generate
from training.synthetic.recipe import History

AT_ONCE = 256
POLICY = Policy()


def main() -> None:
    """Make records, append, seal and check them, and print what that took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--leads", type=int, default=2_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        records, seconds, features = made_records(Path(name) / "data", asked.leads, asked.records)
        print(f"{len(records):,} records (generated), {features} features")
        print(f"scored    {len(records) / seconds:9,.0f}/s")
        store = open_store(Path(name))
        before = size_of(store, Path(name))
        appending = timed(store, records)
        sealing = time.perf_counter()
        while store.write(lambda connection: seal(connection, 0)):
            pass
        sealing, checking = time.perf_counter() - sealing, time.perf_counter()
        verify(store)
        checking = time.perf_counter() - checking
        grown = size_of(store, Path(name)) - before
        for what, took in (("appended", appending), ("sealed", sealing), ("verified", checking)):
            print(
                f"{what:9} {len(records) / took:9,.0f}/s   {took / seconds:.2f} of the time that scoring took"
            )
        print_bytes(store, grown, len(records))
        store.close()


def made_records(folder: Path, leads: int, count: int) -> tuple[list[Record], float, int]:
    """Return records of scores, the seconds that making the scores took, and the number of features."""
    made = generate(History(leads=leads, seed=7), folder)
    mapping = read_mapping(made.mapping)
    examples = cut_examples(read_tables(mapping, made.mapping.parent), mapping)
    scorer = fit_scorer(
        examples.history, examples.learned, examples.census, Recipe(boosting=Boosting(num_trees=300))
    )
    scorer.warm_up()
    records: list[Record] = []
    began = time.perf_counter()
    for start in range(0, count, AT_ONCE):
        chosen = np.arange(start, min(start + AT_ONCE, count)) % len(examples.census)
        batch = examples.history.at(examples.census.lead[chosen], examples.census.as_of[chosen])
        for at, score in enumerate(scorer.score(batch, shown=None)):
            if isinstance(score, Score):
                records.append(record_of(replace(score, as_of=score.as_of + start + at)))
    return records, time.perf_counter() - began, len(scorer.spec.features)


ADVICE = Advice(
    action="nurture",
    stage="MQL",
    temperature="warm",
    queue=None,
    track="prove",
    rule="stages.MQL.enter",
    why="-",
)


def record_of(score: Score) -> Record:
    """Return the record of a score."""
    nothing = np.zeros(0)
    return Record(
        lead=1,
        as_of=score.as_of,
        model_name=score.model_name,
        model_version=1,
        model_sha256="0" * 64,
        policy_sha256=POLICY.sha256,
        answer=to_json(score_document(score, ADVICE)).decode(),
        vector=nothing if score.vector is None else score.vector,
        contributions=nothing if score.contributions is None else score.contributions,
        margin=score.margin,
        expected_margin=score.expected_margin,
    )


def timed(store: Store, records: list[Record]) -> float:
    """Return the seconds that appending the records took."""
    began = time.perf_counter()
    for start in range(0, len(records), AT_ONCE):
        part = records[start : start + AT_ONCE]
        store.write(lambda connection, part=part, now=start: append(connection, part, now))
    return time.perf_counter() - began


def size_of(store: Store, home: Path) -> int:
    """Return the bytes of the store's file, all that was written in it."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return (home / FILE).stat().st_size


def print_bytes(store: Store, grown: int, count: int) -> None:
    """Print the mean bytes of each part of a record, and of all of it in the file."""
    with store.reading() as connection:
        for table in (LEDGER_HEADERS, LEDGER_PAYLOADS):
            lengths = [
                sa.func.avg(sa.func.length(sa.cast(column, sa.LargeBinary))).label(column.name)
                for column in table.c
            ]
            means = connection.execute(sa.select(*lengths)).one()._asdict()
            parts = ", ".join(f"{name} {mean:.0f}" for name, mean in means.items() if mean >= 100)
            print(f"{table.name:16} {sum(means.values()):7,.0f} bytes{f' ({parts})' if parts else ''}")
    print(f"in the file      {grown / count:7,.0f} bytes a record, with indexes and seals")


if __name__ == "__main__":
    main()
