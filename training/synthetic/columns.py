"""Arrow columns from numbers, without a Python string a row."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def numbered(prefix: str, numbers: npt.NDArray[np.int64], digits: int) -> pa.Array:
    """Return the strings of `prefix` and each number, with leading zeros to `digits`."""
    start = len(prefix)
    width = start + digits
    letters = np.empty((len(numbers), width), dtype=np.uint8)
    letters[:, :start] = np.frombuffer(prefix.encode("ascii"), dtype=np.uint8)
    rest = numbers.astype(np.int64)
    for place in range(width - 1, start - 1, -1):
        rest, letters[:, place] = np.divmod(rest, 10)
    letters[:, start:] += ord("0")
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * np.int32(width)
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(letters))


def coded(codes: npt.NDArray[np.int64], words: Sequence[str] | pa.Array) -> pa.DictionaryArray:
    """Return the words that the codes index, dictionary-encoded; a negative code is null."""
    dictionary = words if isinstance(words, pa.Array) else pa.array(words, pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=codes < 0), dictionary)


def moments(time_us: npt.NDArray[np.int64]) -> pa.Array:
    """Return microseconds since 1970 as timestamps in UTC."""
    return pa.array(time_us).cast(pa.timestamp("us", tz="UTC"))
