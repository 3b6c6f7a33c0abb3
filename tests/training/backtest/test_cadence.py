import pytest

from features.errors import InputError
from training.backtest.cadence import Cadence, cadence_of, cadences_of


@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("weekly", 1),
        (" Monthly ", 4),
        ("never", None),
        ("none", None),
        ("90 days", 13),
        ("14d", 2),
        ("1 hour", 1),
    ],
)
def test_a_cadence_is_read_in_whole_weeks(text: str, weeks: int | None) -> None:
    assert cadence_of(text).weeks == weeks


@pytest.mark.parametrize("text", ["", "sometimes", "0 days", "-3 days", "weekly;never"])
def test_what_is_no_cadence_is_refused_in_words(text: str) -> None:
    with pytest.raises(InputError, match="--every: expected weekly, monthly, never or a length of time"):
        cadence_of(text)


def test_two_of_the_same_are_refused() -> None:
    with pytest.raises(InputError, match="cadences that differ"):
        cadences_of("monthly,28 days")


def test_the_moments_of_a_seldom_cadence_are_moments_of_an_often_one() -> None:
    """One set of fits serves all only because of this."""
    found = cadences_of("weekly,monthly,never")
    moments = {one.name: {week for week in range(60) if one.retrains_in(week)} for one in found}
    assert moments["never"] == {0} < moments["monthly"] < moments["weekly"] == set(range(60))
    assert Cadence("90 days", 13).retrains_in(26)
    assert not Cadence("90 days", 13).retrains_in(27)
