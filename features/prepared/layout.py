"""The folder of a prepared history.

prepared.json               the manifest: written last, so a folder without it is none
leads/bucket=0000.parquet   canonical leads with their place in the file (`leadlens.row`) and, in flat
                            data, their label (`leadlens.label`), sorted by lead
events/…  changes/…  outcomes/…   sorted by lead and time
accounts-0.parquet …        whole, one for each table: companies are not leads
aliases.parquet             the leads that are duplicates (`lead_id`), each with the lead that it is merged
                            into and whose bucket it is in (`survivor`), sorted by lead
placeholders.parquet        values that too many leads share to tell who is who: `number` and `kind` of the
                            value, `lead_id` of each that holds it
rejects.csv                 rows that could not be read, where they were left out
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from features.errors import Fault, InputError
from features.mapping import Mapping, mapping_from

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = "prepared.json"
REJECTS = "rejects.csv"
ALIASES = "aliases.parquet"
PLACEHOLDERS = "placeholders.parquet"
ROW = "leadlens.row"
LABEL = "leadlens.label"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PreparedTable(_Part):
    """A table in buckets: `columns` and their types in order, and `rows` and `bytes` of each bucket."""

    columns: dict[str, str]
    rows: tuple[int, ...]
    bytes: tuple[int, ...]


class PreparedAccounts(_Part):
    """A table of accounts: `columns` and their types in order, and its size in `bytes`."""

    columns: dict[str, str]
    bytes: int


class PreparedIdentity(_Part):
    """Who is who over all buckets: how many `aliases`, leads left `apart`, and the two files' sizes."""

    aliases: int
    apart: int
    aliases_bytes: int
    placeholders_bytes: int


class Manifest(_Part):
    """What `prepared.json` says. `extract_at_us`: microseconds since 1970 UTC."""

    format: Literal["leadlens-prepared-2"] = "leadlens-prepared-2"
    mapping: dict[str, Any]
    extract_at_us: int
    buckets: int
    hash: str
    tables: dict[str, PreparedTable]
    identity: PreparedIdentity
    accounts: tuple[PreparedAccounts, ...] = ()
    is_labelled: bool = False
    notes: tuple[str, ...] = ()

    @property
    def extract_at(self) -> pd.Timestamp:
        """The moment of the extract."""
        return pd.Timestamp(self.extract_at_us, unit="us", tz="UTC")

    def company_mapping(self) -> Mapping:
        """Return the mapping that the history was read with."""
        return mapping_from(self.mapping, said_of=f"{MANIFEST}, mapping")


def accounts_file(folder: Path, number: int) -> Path:
    """Return the file of one table of accounts."""
    return folder / f"accounts-{number}.parquet"


def bucket_file(folder: Path, table: str, bucket: int) -> Path:
    """Return the file of one table's bucket."""
    return folder / table / f"bucket={bucket:04}.parquet"


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest, and check that the files are there and as long as it says.

    Raises InputError where the folder is no prepared history, or is torn.
    """
    remedy = "Make it with: leadlens prepare --out FOLDER"
    try:
        manifest = Manifest.model_validate(json.loads((folder / MANIFEST).read_text("utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        fault = Fault(str(folder), "a prepared history", f"no {MANIFEST} in it", remedy)
        raise InputError(fault) from None
    except (ValueError, ValidationError) as problem:
        found = " ".join(str(problem).split())[:200]
        raise InputError(Fault(f"{folder / MANIFEST}", "a manifest of this version", found, remedy)) from None
    expected = {
        bucket_file(folder, name, bucket): size
        for name, table in manifest.tables.items()
        for bucket, size in enumerate(table.bytes)
    }
    expected |= {accounts_file(folder, n): table.bytes for n, table in enumerate(manifest.accounts)}
    expected[folder / ALIASES] = manifest.identity.aliases_bytes
    expected[folder / PLACEHOLDERS] = manifest.identity.placeholders_bytes
    for path, size in expected.items():
        found = f"{path.stat().st_size:,} bytes" if path.is_file() else "no such file"
        if found != f"{size:,} bytes":
            raise InputError(Fault(str(path), f"{size:,} bytes", found, f"It is damaged. {remedy}"))
    return manifest
