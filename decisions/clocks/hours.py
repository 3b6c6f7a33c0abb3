"""When somebody works, as a company writes it down."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from decisions.clocks.public_holidays import public_holidays
from decisions.clocks.week import ALWAYS, WrittenWeek
from decisions.clocks.working_time import WorkingTime
from features.mapping import Zone
from features.times import TimeError, TimeRules, parse_time


def _known_code(code: str) -> str:
    public_holidays(code)
    return code


def _day_or_moment(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value
    text = str(value).strip()
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"expected a day or a time such as 2026-08-01 or 2026-08-01T12:00, found {value!r}"
        ) from None


DayOrMoment = Annotated[datetime | date, BeforeValidator(_day_or_moment)]


class TimeOff(BaseModel):
    """A time in which somebody is not there. Of two days both are free; a time without offset is local."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    begins: DayOrMoment = Field(alias="from")
    ends: DayOrMoment = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        begins, ends = self.span("UTC")
        if ends <= begins:
            raise ValueError(f"expected 'to' at or after 'from', found from {self.begins} to {self.ends}")
        return self

    def span(self, zone: str) -> tuple[int, int]:
        """Return it in microseconds UTC, the end not included. Raises ValueError outside 1900 to 2200."""
        rules = TimeRules(zone=zone)
        try:
            begins = parse_time(self.begins, rules, day_end=False)
            ends = parse_time(self.ends, rules, day_end=True)
        except TimeError as problem:
            raise ValueError(f"expected {problem}") from problem
        return begins, ends if isinstance(self.ends, datetime) else ends + 1


class Hours(BaseModel):
    """The hours of a rep or of a team, as a table of TOML or as JSON.

    `holidays`: a country ('DE') or a part of it ('DE-BY'), whose public holidays are free; `closed`: days
    that are free too. `zone`: where the hours are local.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    zone: Zone = "UTC"
    hours: WrittenWeek = ALWAYS
    holidays: Annotated[str, AfterValidator(_known_code)] | None = None
    closed: tuple[date, ...] = ()
    off: tuple[TimeOff, ...] = ()

    def working_time(self, also_off: tuple[tuple[int, int], ...] = ()) -> WorkingTime:
        """Return it for counting. `also_off`: more time off, (from, to) in microseconds UTC."""
        free = frozenset(self.closed) | (public_holidays(self.holidays) if self.holidays else frozenset())
        off = (*(one.span(self.zone) for one in self.off), *also_off)
        return WorkingTime(self.zone, self.hours, free, off)
