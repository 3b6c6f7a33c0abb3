"""The calendar of the generated world: seasons, weekends, office hours, quarter ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

import numpy as np
import numpy.typing as npt

from training.synthetic.recipe import DAY_US, microseconds

_HOUR_US = DAY_US // 24
_BY_WEEKDAY = np.array([1.1, 1.2, 1.2, 1.1, 0.9, 0.3, 0.3])
_BY_HOUR = np.array([0.2] * 7 + [1.0, 2.0, 2.4, 2.4, 2.0, 1.4, 2.0, 2.2, 2.0, 1.6, 1.0] + [0.5] * 6)


@dataclass(frozen=True, slots=True)
class Season:
    """Factors on the daily hazards, each of shape (days,)."""

    demand: npt.NDArray[np.float64]
    """Of rising intent: high in spring and autumn, low in August and around the turn of the year."""
    closing: npt.NDArray[np.float64]
    """Of winning: low at weekends, high in the last fortnight of a quarter."""

    @classmethod
    def of(cls, start: datetime, days: int) -> Self:
        """Return the season of `days` days from `start`."""
        dates = [start + timedelta(days=day) for day in range(days)]
        month = np.array([date.month for date in dates])
        day = np.array([date.day for date in dates])
        weekend = np.array([date.weekday() >= 5 for date in dates])
        year_day = np.array([date.timetuple().tm_yday for date in dates])
        demand = 1.0 - 0.06 * np.cos(4 * np.pi * year_day / 365.25)
        demand = np.where(month == 8, 0.85, demand)
        demand = np.where((month == 12) & (day > 19), 0.75, demand) * np.where(weekend, 0.6, 1.15)
        quarter_end = (month % 3 == 0) & (day > 16)
        closing = np.where(quarter_end, 1.25, 0.96) * np.where(weekend, 0.1, 1.3)
        return cls(demand, closing)


@dataclass(frozen=True, slots=True)
class Clock:
    """Turns time of the calendar into time of activity, and back.

    Activity runs fast in office hours of working days and slowly at night; over whole weeks a day of the
    calendar is a day of activity. A Poisson process that is even in activity is then uneven, in the way of
    offices, in the calendar.
    """

    hours_us: npt.NDArray[np.int64]
    """The full hours, microseconds since 1970, shape (hours + 1,)."""
    activity_days: npt.NDArray[np.float64]
    """Activity up to each full hour, in days, strictly increasing, same shape."""

    @classmethod
    def of(cls, start: datetime, days: int, *, growth: float = 0.0) -> Self:
        """Return the clock of `days` days from `start`; its pace grows linearly by `growth` over them."""
        hours = np.arange(24 * days + 1)
        weekday = (start.weekday() + hours[:-1] // 24) % 7
        pace = _BY_WEEKDAY[weekday] / _BY_WEEKDAY.mean() * _BY_HOUR[hours[:-1] % 24] / _BY_HOUR.mean() / 24
        pace *= 1 + growth * hours[:-1] / hours[-1]
        return cls(microseconds(start) + hours * _HOUR_US, np.concatenate([[0.0], np.cumsum(pace)]))

    def activity(self, time_us: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the days of activity from the start to each time."""
        return np.interp(time_us, self.hours_us, self.activity_days)

    def times(self, activity_days: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Return the times, in whole milliseconds, at which so many days of activity have passed."""
        offset = np.interp(activity_days, self.activity_days, self.hours_us - self.hours_us[0])
        return np.asarray(self.hours_us[0] + offset.astype(np.int64) // 1000 * 1000)
