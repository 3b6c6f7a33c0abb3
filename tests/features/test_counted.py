"""A count agrees with its noun."""

import doctest

from features import counted as module


def test_one_is_one_and_none_and_many_are_many() -> None:
    result = doctest.testmod(module)
    assert (result.failed, result.attempted) == (0, 1)
