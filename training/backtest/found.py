"""What a backtest found, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from training.evidence.evidence import Flattery  # noqa: TC001  # pydantic reads the annotations
from training.measures import Figure  # noqa: TC001  # pydantic reads the annotations

if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Rows that were foretold in four weeks; `first` is its first day, ISO 8601."""

    first: str
    rows: int
    leads: int
    converted: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A cadence, or the base rate of the time: measures by name, over all rows and of each period.

    `trained`: how many models it used. A measure that says nothing of the rows is absent.
    """

    name: str
    said: str
    trained: int
    measures: dict[str, Figure]
    by_period: tuple[dict[str, Figure], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is gained by `one` instead of `other`: log loss of the other less that of the one, paired.

    Nats a row, over the same leads: above 0 the one is better. `later`: in the later half of the periods.
    """

    one: str
    other: str
    whole: Figure
    later: Figure
    by_period: tuple[Figure, ...]

    @property
    def said(self) -> str:
        """Which is better over all, in words."""
        if self.whole.low > 0:
            return f"{self.one} is better"
        return f"{self.other} is better" if self.whole.high < 0 else "not told apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What each cadence would have given. All intervals are 95 %, from the same draws of leads.

    `first` and `last`: the days of the foretold rows, ISO 8601. `fits`: how many models were trained.
    `flattery`: of a random split by lead of the same rows, beside `contenders[0]`. The last of `contenders`
    is the base rate of the time.
    """

    horizon: str
    first: str
    last: str
    rows: int
    leads: int
    conversions: int
    fits: int
    periods: tuple[Period, ...]
    contenders: tuple[Contender, ...]
    differences: tuple[Difference, ...]
    flattery: Flattery
    notes: tuple[str, ...]

    def difference(self, one: str, other: str) -> Difference:
        """Return what `one` gains over `other`. Raises StopIteration where the two were not compared."""
        return next(found for found in self.differences if (found.one, found.other) == (one, other))

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values that `backtest_from` reads back."""
        content: dict[str, Any] = _BACKTEST.dump_python(self, mode="json")
        return content


_BACKTEST = TypeAdapter(Backtest)


def backtest_from(content: dict[str, Any]) -> Backtest:
    """Read it back. Raises ValueError where it is of another version's form."""
    return _BACKTEST.validate_python(content)
