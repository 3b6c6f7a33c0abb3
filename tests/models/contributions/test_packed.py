from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.contributions.packed import (
    bytes_at,
    doubles_at,
    packed,
    shorts_at,
    sizes_at,
    wholes_at,
    words_at,
)

READERS: dict[type, Any] = {
    np.int64: wholes_at, np.float64: doubles_at, np.uint64: sizes_at,
    np.uint32: words_at, np.uint16: shorts_at, np.uint8: bytes_at,
}  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(list(READERS)), st.integers(0, 9)), min_size=1, max_size=8))
def test_what_is_packed_is_read_as_it_was(of: list[tuple[type, int]]) -> None:
    rng = np.random.default_rng(len(of))
    arrays: list[Any] = [rng.integers(0, 200, size).astype(kind) for kind, size in of]
    held = packed(arrays)
    assert not held.flags.writeable
    for place, ((kind, _), array) in enumerate(zip(of, arrays, strict=True)):
        read = READERS[kind].py_func(held, place)
        assert read.dtype == array.dtype
        assert read.tolist() == array.tolist()


def test_an_array_of_several_dimensions_is_packed_row_by_row() -> None:
    table = np.arange(6.0).reshape(2, 3)
    assert doubles_at.py_func(packed([np.ones(2), table.T]), 1).tolist() == table.T.ravel().tolist()
