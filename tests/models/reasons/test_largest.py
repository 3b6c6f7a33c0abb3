import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import Company

from features.feature import Feature
from features.vectors import vectorise
from models.reasons.groups import Group, groups_of, sums_by_group
from models.reasons.largest import BLOCK, NOBODY, Largest, largest_of, largest_reasons
from models.reasons.merit import MissingAsMerit

AMOUNTS = st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 0.1, 0.2, -0.3, 1e-300, 1e16, -1e16])
VALUES = st.sampled_from([0.0, 1.0, math.nan, math.nan])


def some_groups(sizes: list[int]) -> tuple[Group, ...]:
    """Return groups of so many features, that lie among one another."""
    owners = np.random.default_rng(len(sizes)).permutation(np.repeat(np.arange(len(sizes)), sizes))
    return tuple(
        Group(
            is_of_column=True,
            about=f"g{at}",
            family="fit",
            positions=tuple(np.flatnonzero(owners == at).tolist()),
            features=(Feature(f"g{at}", "number", "fit", f"g{at}"),),
        )
        for at in range(len(sizes))
    )


def expected(contributions: Any, vectors: Any, groups: tuple[Group, ...]) -> list[tuple[int, float]]:
    """Return what is to be told of one row: a sorted list of all of its groups, said plainly."""
    sums = sums_by_group(contributions.reshape(1, -1), groups)[0].tolist()
    known = [not all(math.isnan(vectors[at]) for at in group.positions) for group in groups]
    told = [at for at in range(len(groups)) if known[at] and sums[at] != 0.0]
    return [(at, sums[at]) for at in sorted(told, key=lambda at: (-abs(sums[at]), at))]


def same(one: Largest, other: Largest) -> bool:
    return (one.group == other.group).all() and one.log_odds.tobytes() == other.log_odds.tobytes()


@given(st.data(), st.lists(st.integers(1, 3), min_size=1, max_size=7), st.integers(1, 4))
def test_the_largest_come_first_and_equal_ones_in_the_order_of_the_groups(
    data: Any, sizes: list[int], rows: int
) -> None:
    groups, features = some_groups(sizes), sum(sizes)
    contributions = np.asarray(
        data.draw(st.lists(AMOUNTS, min_size=rows * features, max_size=rows * features))
    )
    vectors = np.asarray(data.draw(st.lists(VALUES, min_size=rows * features, max_size=rows * features)))
    contributions, vectors = contributions.reshape(rows, features), vectors.reshape(rows, features)
    for most in (0, 1, 2, 5, None):
        found = largest_of(contributions, vectors, groups, most)
        width = len(groups) if most is None else min(most, len(groups))
        assert found.group.shape == found.log_odds.shape == (rows, width)
        assert (found.group.dtype, found.log_odds.dtype) == (np.int32, np.float64)
        for row in range(rows):
            told = expected(contributions[row], vectors[row], groups)[:width]
            # As text, in which bits differ that == calls equal.
            assert repr(found.of_row(row)) == repr(told)
            assert (found.group[row, len(told) :] == NOBODY).all()
            assert (found.log_odds[row, len(told) :] == 0.0).all()


def test_a_row_has_the_same_largest_alone_and_among_many_on_several_threads() -> None:
    rng = np.random.default_rng(3)
    groups = some_groups([3, 1, 4, 1, 5, 2])
    rows = 2 * BLOCK + 7
    contributions = rng.normal(size=(rows, 16)).round(1)
    vectors = np.where(rng.random((rows, 16)) < 0.6, np.nan, 1.0)
    together = largest_of(contributions, vectors, groups, 3)
    assert same(largest_of(contributions, vectors, groups, 3, threads=3), together)
    assert same(largest_of(np.asfortranarray(contributions), vectors[:, :], groups, 3), together)
    for row in (0, BLOCK - 1, BLOCK, rows - 1):
        alone = largest_of(contributions[row : row + 1], vectors[row : row + 1], groups, 3)
        assert (
            alone.of_row(0) == together.of_row(row) == expected(contributions[row], vectors[row], groups)[:3]
        )
    assert set(together.group[:, 0].tolist()) == {NOBODY, *range(6)}


@pytest.mark.parametrize("threads", [1, 2])
def test_reasons_made_block_by_block_are_those_that_the_scorer_tells(company: Company, threads: int) -> None:
    scorer = company.scorer
    few = vectorise(scorer.spec, company.batch(300)).values
    groups = groups_of(scorer.spec)
    vectors = np.resize(few, (BLOCK + 50, few.shape[1]))
    merit = MissingAsMerit(scorer.spec.features, scorer.population.usual)
    found = largest_reasons(scorer.attributions, vectors, groups, 5, merit=merit, threads=threads)
    contributions = scorer.attributions.values(vectors)[:, :-1]
    again = largest_of(contributions, merit.taken_out(vectors, contributions), groups, 5)
    assert same(found, again)
    for row, score in enumerate(scorer.score(company.batch(300))):
        told = [(reason.features, reason.log_odds) for reason in score.reasons[:-1]]
        names = [
            (tuple(f.name for f in groups[at].features), amount) for at, amount in found.of_row(row + 300)
        ]
        assert names == told
    assert (found.group[:, 0] >= 0).any()


def test_of_no_rows_there_are_no_reasons(company: Company) -> None:
    groups = groups_of(company.scorer.spec)
    nothing = np.empty((0, len(company.scorer.spec.features)))
    assert largest_reasons(company.scorer.attributions, nothing, groups, 5).group.shape == (0, 5)
