"""The laws of contributions, over boosters of every configuration that LightGBM knows."""

from collections.abc import Callable
from functools import partial
from typing import Any

import lightgbm
import numpy as np
import pytest
from contributions_by_definition import contributions_by_definition
from numpy.typing import NDArray
from random_boosters import MODES, Grown, grown
from threads import in_threads

from models.contributions import Attributions

Array = NDArray[np.float64]
MANY_ROWS = 2_500
"""Enough for several blocks of a kernel, and for several threads."""


def raw_score(case: Grown) -> Array:
    return np.asarray(case.booster.predict(case.rows, raw_score=True, num_threads=1))


def size_of(contributions: Array) -> Array:
    return np.maximum(1.0, np.abs(contributions).sum(axis=1))


def same(one: Array, other: Array) -> bool:
    return one.shape == other.shape and one.tobytes() == other.tobytes()


def are_lightgbms(case: Grown, _asked: Attributions, found: Array) -> None:
    """Within 1e-9 of the sum of sizes.

    Rows for which LightGBM's own do not add up are no measure: of these a few, for it is slow, are compared
    with the definition.
    """
    expected = np.asarray(case.booster.predict(case.rows, pred_contrib=True, num_threads=1))
    lost = np.abs(expected.sum(axis=1) - raw_score(case)) > 1e-12 * size_of(expected)
    off = np.abs(found - expected).max(axis=1) / size_of(expected)
    assert off[~lost].max(initial=0.0) <= 1e-9
    few = np.flatnonzero(lost)[:2]
    if not len(few):
        return
    trees = case.booster.best_iteration if case.booster.best_iteration > 0 else case.booster.num_trees()
    defined = contributions_by_definition(case.booster, case.rows[few], trees)
    off = np.abs(found[few] - defined).max(axis=1) / size_of(defined)
    assert off.max() <= 1e-9


def come_from_tables(_case: Grown, asked: Attributions, _found: Array) -> None:
    """Nothing that LightGBM can write needs the fallback."""
    assert asked.method == "tables"


def add_up_to_the_margin(case: Grown, _asked: Attributions, found: Array) -> None:
    """Within 1e-12 of the sum of sizes, added up in whatever order."""
    off = np.abs(found.sum(axis=1) - raw_score(case)) / size_of(found)
    assert off.max() <= 1e-12


def have_the_expected_margin_last(_case: Grown, asked: Attributions, found: Array) -> None:
    assert found.dtype == np.float64
    assert np.isfinite(found).all()
    assert (found[:, -1] == asked.expected).all()


def are_a_rows_own(case: Grown, asked: Attributions, found: Array) -> None:
    """To the bit the same alone, among some and among many, in any order."""
    for row in range(0, len(found), 6):
        assert same(asked.values(case.rows[row : row + 1]), found[row : row + 1])
    order = np.random.default_rng(case.number).permutation(len(found))
    for few in (order, order[:17], order[:2]):
        assert same(asked.values(case.rows[few]), found[few])
    if case.number % 6 == 0:
        many = np.resize(np.arange(len(found)), MANY_ROWS)
        for threads in (1, 2, 3):
            assert same(asked.values(case.rows[many], threads=threads), found[many])


def do_not_depend_on_how_rows_lie_in_memory(case: Grown, asked: Attributions, found: Array) -> None:
    rows, (n, features) = case.rows, case.rows.shape
    wider = np.full((2 * n, features + 2), np.nan)
    wider[::2, 1:-1] = rows
    backwards = rows[::-1, ::-1].copy()[::-1, ::-1]
    unwritable = rows.copy()
    unwritable.flags.writeable = False
    for given in (np.asfortranarray(rows), wider[::2, 1:-1], backwards, unwritable):
        assert same(asked.values(given), found)
        assert same(asked.values(given[:3]), found[:3])
        assert same(given, rows)


def do_not_depend_on_who_else_asks(case: Grown, asked: Attributions, found: Array) -> None:
    """The same bits from another booster of the same text, and to several who ask at once."""
    if case.number % 3 == 0:
        again = Attributions(lightgbm.Booster(model_str=case.booster.model_to_string()))
        assert again.method == asked.method
        assert again.expected == asked.expected
        assert same(again.values(case.rows), found)
    heard: dict[int, Any] = {}

    def ask(at: int) -> None:
        heard[at] = asked.values(case.rows[at:], threads=1 + at % 2)

    in_threads([partial(ask, at) for at in range(4)])
    for at, told in heard.items():
        assert same(told, found[at:])


LAWS = (
    are_lightgbms,
    come_from_tables,
    add_up_to_the_margin,
    have_the_expected_margin_last,
    are_a_rows_own,
    do_not_depend_on_how_rows_lie_in_memory,
    do_not_depend_on_who_else_asks,
)


def broken(case: Grown) -> list[str]:
    """Return which laws the contributions of a case break."""
    try:
        asked = Attributions(case.booster)
        found = asked.values(case.rows)
    except Exception as problem:  # noqa: BLE001  # whatever it is, the case is to be named
        return [f"{case}: {problem!r}"]
    said = []
    for law in LAWS:
        try:
            law(case, asked, found)
        except AssertionError as problem:
            said.append(f"{law.__name__}, {case}:\n{problem}")
    return said


@pytest.mark.proof(part="contributions")
def test_the_laws_hold_for_boosters_of_every_configuration(
    proof_size: Callable[[int, int], int], record_property: Callable[[str, object], None]
) -> None:
    cases = proof_size(2 * len(MODES), 12 * len(MODES))
    said = [line for number in range(cases) for line in broken(grown(number))]
    record_property("models", cases)
    assert not said, f"{len(said)} broken:\n" + "\n\n".join(said)
