"""The hash of an id: which bucket a lead is in, and which fold."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

HASH = "crc32 of the id of the lead, or of that it is a duplicate of, in UTF-8, modulo the number of buckets"
"""As it stands in the manifest; who is a duplicate of whom stands in `aliases.parquet`.

CRC-32 (ISO 3309, the one of gzip and PNG) is the same on every machine and in every version of Python; numpy,
pandas and DuckDB promise that of none of their own hashes."""


def lead_hashes(ids: pd.Series[str]) -> NDArray[np.uint32]:
    """Return the hash of each lead id (none missing); its bucket is this modulo the number of buckets.

    >>> lead_hashes(pd.Series(["L-1", "L-2"], dtype="str")).tolist()
    [4147509091, 1849468633]
    """
    codes, distinct = pd.factorize(ids)
    hashes = (zlib.crc32(str(text).encode("utf-8", "surrogatepass")) for text in distinct)
    return np.fromiter(hashes, np.uint32, len(distinct))[codes]


def buckets_of(ids: pd.Series[str], buckets: int) -> NDArray[np.int64]:
    """Return the bucket of each lead id, from 0 on, of leads that are nobody's duplicate."""
    return (lead_hashes(ids) % np.uint32(buckets)).astype(np.int64)
