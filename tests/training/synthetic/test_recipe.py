from datetime import UTC, datetime, timedelta, timezone

import pytest

from features.errors import InputError
from training.synthetic import History


def test_every_field_that_cannot_be_used_is_named_at_once() -> None:
    berlin = timezone(timedelta(hours=1))
    with pytest.raises(InputError, match="leads: expected a whole number from 1") as refused:
        History(leads=0, seed=-1, days=0, horizon_days=0, start=datetime(2025, 1, 6, tzinfo=berlin))
    assert [fault.where for fault in refused.value.faults] == [
        "leads", "seed", "days", "horizon_days", "start",
    ]  # fmt: skip


@pytest.mark.parametrize("day", range(1, 8))
def test_census_dates_are_the_mondays_of_the_history(day: int) -> None:
    history = History(start=datetime(2025, 3, day, tzinfo=UTC), days=100)
    dates = [history.start + timedelta(days=days) for days in history.census_days()]
    everyday = [history.start + timedelta(days=days) for days in range(101)]
    assert dates == [date for date in everyday if date.weekday() == 0]


def test_streams_of_random_numbers_do_not_disturb_one_another() -> None:
    one = History().rng("events", 3).random(4)
    assert (one == History().rng("events", 3).random(4)).all()
    assert (one != History().rng("events", 4).random(4)).all()
    assert (one != History().rng("walk", 3).random(4)).all()
    assert (one != History(seed=8).rng("events", 3).random(4)).all()
