"""How a challenger's scores lie to a champion's."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from serving.shadow.figures import FILE, QUANTILES, Tally, compared_in, keep_compared

SCORES = st.integers(0, 99)


@given(st.lists(st.tuples(SCORES, SCORES), min_size=1, max_size=60), SCORES)
def test_the_figures_are_those_of_the_list_of_differences(
    pairs: list[tuple[int, int]], threshold: int
) -> None:
    tally = Tally(3, 4, threshold, 1)
    for champion, challenger in pairs:
        tally.add(champion, challenger)
    tally.add(50, None)
    compared = tally.compared()
    differences = np.array([challenger - champion for champion, challenger in pairs])
    assert (compared.count, compared.unscored) == (len(pairs), 1)
    assert compared.mean_difference == differences.sum() / len(pairs)
    wanted = np.quantile(differences, QUANTILES, method="inverted_cdf")
    assert compared.difference_quantiles == tuple(wanted)
    crossing = sum((champion >= threshold) != (challenger >= threshold) for champion, challenger in pairs)
    assert compared.crossing_share == crossing / len(pairs)


def test_what_is_kept_is_read_again_and_what_is_torn_is_nothing(tmp_path: Path) -> None:
    tally = Tally(3, 4, 70, 1)
    for compared in (tally.compared(), (tally.add(60, 80), tally.compared())[1]):
        keep_compared(tmp_path, compared)
        assert compared_in(tmp_path) == compared
    for torn in ("", "[]", "{}", '{"count": 1'):
        (tmp_path / FILE).write_text(torn)
        assert compared_in(tmp_path) is None
    keep_compared(tmp_path / "nowhere", compared)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
