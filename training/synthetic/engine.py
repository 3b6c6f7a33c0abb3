"""From a recipe to files."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from training.synthetic.columns import coded, moments
from training.synthetic.mapping import mapping_text
from training.synthetic.recipe import History
from training.synthetic.records import records
from training.synthetic.tables import (
    accounts_table,
    changes_table,
    events_tables,
    lead_ids,
    leads_table,
    outcomes_table,
)
from training.synthetic.truth import censuses
from training.synthetic.world import World
from training.synthetic.write import Format, Written, write_csv, write_parquet


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What was written, and where."""

    mapping: Path
    leads: Written
    events: Written
    changes: Written
    outcomes: Written
    accounts: Written
    truth: Written | None
    """None unless asked for."""
    extract_at: datetime


def generate(
    history: History,
    out: Path,
    *,
    format: Format = "parquet",  # noqa: A002 - the public name of the choice
    truth: bool = False,
) -> Generated:
    """Write the tables of a recipe and their mapping into the folder `out`, made where it is missing.

    Files of the same names are replaced. With `truth`, `out/truth/truth.parquet` holds the true probability
    of a win within the horizon for each open lead on each census date: `lead_id`, `as_of`, `probability`.
    Without, one that an earlier recipe left there is removed: it would speak of other leads.
    """
    out.mkdir(parents=True, exist_ok=True)
    world = World.of(history)
    recorded = records(world)
    write = write_csv if format == "csv" else write_parquet

    def table(name: str, parts: Iterator[pa.Table]) -> Written:
        return write(out / f"{name}.{format}", parts)

    mapping = out / "leadlens.toml"
    mapping.write_text(mapping_text(history, format), encoding="utf-8")
    truth_path = out / "truth" / "truth.parquet"
    truth_path.unlink(missing_ok=True)
    if truth:
        truth_path.parent.mkdir(exist_ok=True)
    return Generated(
        mapping=mapping,
        leads=table("leads", iter([leads_table(world, recorded)])),
        events=table("events", events_tables(world)),
        changes=table("changes", iter([changes_table(world, recorded)])),
        outcomes=table("outcomes", iter([outcomes_table(world)])),
        accounts=table("accounts", iter([accounts_table(world)])),
        truth=write_parquet(truth_path, _truth_tables(world)) if truth else None,
        extract_at=history.extract_at,
    )


def _truth_tables(world: World) -> Iterator[pa.Table]:
    number = np.concatenate(world.lead_numbers())
    ids = lead_ids(np.arange(1, len(number) + 1))
    for census in censuses(world):
        as_of = np.full(len(census.lead), census.as_of_us)
        yield pa.table(
            {
                "lead_id": coded(number[census.lead] - 1, ids),
                "as_of": moments(as_of),
                "probability": pa.array(census.probability),
            }
        )
