"""The real data sets as examples, for benchmarks that need them."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from features.mapping import Mapping, mapping_from, read_mapping
from features.reading.company_files import read_tables
from features.tables import Tables
from training.examples import Examples, cut_examples

_ROOT = Path(__file__).parent.parent
_MAPPINGS = _ROOT / "examples"

FOLDER = Path(os.environ.get("LEADLENS_DATA") or _ROOT.parent / "shared" / "data")
"""Where the real data sets are unless told otherwise."""


def real_examples(folder: Path, names: list[str]) -> Iterator[tuple[str, Examples]]:
    """Yield those of the named data sets that are in the folder, cut into examples."""
    for name, tables, mapping in real_tables(folder, names):
        yield name, cut_examples(tables, mapping)


def real_tables(folder: Path, names: list[str]) -> Iterator[tuple[str, Tables, Mapping]]:
    """Yield those of the named data sets that are in the folder, as tables with their mapping."""
    for name in names:
        if not (folder / name).is_dir():
            print(f"{name}: not here")
        elif name == "hillstrom":
            yield name, *_hillstrom(folder / name / "email_test.csv")
        else:
            mapping = read_mapping(_MAPPINGS / name / "leadlens.toml")
            yield name, read_tables(mapping, folder), mapping


def _hillstrom(path: Path) -> tuple[Tables, Mapping]:
    """Return customers of a shop: who visited within two weeks after an e-mail. They come without ids."""
    customers = pd.read_csv(path).drop(columns=["conversion", "spend"])
    customers.insert(0, "id", [f"C-{row:05d}" for row in range(len(customers))])
    mapping = mapping_from(
        {"leads": {"path": "leads.csv", "id": "id"}, "outcomes": {"label": "visit", "positive": 1}}
    )
    with TemporaryDirectory() as made:
        customers.to_csv(Path(made) / "leads.csv", index=False)
        return read_tables(mapping, Path(made)), mapping
