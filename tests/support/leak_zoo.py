"""A zoo of leaks and of honest columns: generated leads of which it is known which column knows the answer.

Nothing here is of a person or a company: every value is drawn from a seeded generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from features.leakage import Asked, audit_columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from features.leakage import Judged

Expected = Literal["leak", "caught", "honest", "innocent"]
"""leak: must be `leak`. caught: `leak` or `suspect`. honest: not `leak`. innocent: `clear`."""


@dataclass(frozen=True)
class Beast:
    """A kind of column: its name in the table, what is expected, and how its cells are drawn."""

    name: str
    expected: Expected
    draw: Callable[[np.random.Generator, NDArray[np.float64]], Any]


def some(rng: np.random.Generator, mask: NDArray[np.bool_], share: float) -> NDArray[np.bool_]:
    """A share of those in the mask."""
    return mask & (rng.random(len(mask)) < share)


def only(mask: NDArray[np.bool_], values: Any) -> list[Any]:
    """Values where the mask holds, else nothing."""
    return [value if held else None for value, held in zip(values, mask, strict=True)]


def flipped(share: float) -> Callable[[np.random.Generator, NDArray[np.float64]], Any]:
    return lambda rng, y: np.where(rng.random(len(y)) < share, 1 - y, y).astype(int).astype(str)


def pick(rng: np.random.Generator, words: list[str], size: int, p: Any = None) -> NDArray[Any]:
    return rng.choice(np.asarray(words, object), size, p=p)


def days(rng: np.random.Generator, size: int) -> list[str]:
    start = np.datetime64("2025-01-01")
    return [str(start + int(day)) for day in rng.integers(0, 400, size)]


def number_with(shift: float) -> Callable[[np.random.Generator, NDArray[np.float64]], Any]:
    """A normal number whose mean differs by `shift` standard deviations: AUC = Phi(shift / sqrt 2)."""
    return lambda rng, y: [f"{value:.3f}" for value in rng.normal(size=len(y)) + shift * y]


def status(rng: np.random.Generator, y: NDArray[np.float64]) -> Any:
    won = pick(rng, ["handed over", "kick-off", "invoiced", "go-live"], len(y))
    lost = pick(rng, ["no budget", "no answer", "chose other", "wrong fit", "spam", "gone"], len(y))
    either = pick(rng, ["waiting", "called"], len(y))
    return np.where(rng.random(len(y)) < 0.15, either, np.where(y == 1, won, lost))


def calls(rng: np.random.Generator, y: NDArray[np.float64]) -> Any:
    spoken = (y == 1) | (rng.random(len(y)) < 0.2)
    seconds = np.where(spoken, rng.lognormal(5 + 0.8 * y, 0.8), 0)
    return [str(int(value)) for value in seconds]


def serial(rng: np.random.Generator, y: NDArray[np.float64]) -> Any:
    return [str(100_000 + 7 * n) for n in range(len(y))]


def uuids(rng: np.random.Generator, y: NDArray[np.float64]) -> Any:
    return [rng.bytes(8).hex() for _ in y]


def coded(rng: np.random.Generator, y: NDArray[np.float64]) -> Any:
    return [f"{'CUST' if won else 'LEAD'}-{rng.integers(10**6)}" for won in y]


def rare_category(rng: np.random.Generator, y: NDArray[np.float64]) -> Any:
    """3 % of the winners' size: recommended leads, nine of ten of which convert."""
    base = y.mean()
    share = 0.03
    of_won, of_lost = 0.9 * share / base, 0.1 * share / (1 - base)
    referred = rng.random(len(y)) < np.where(y == 1, min(of_won, 0.5), of_lost)
    return np.where(referred, "recommended", pick(rng, ["search", "fair", "ads", "mail"], len(y)))


def occupation(rng: np.random.Generator, y: NDArray[np.float64]) -> Any:
    return only(rng.random(len(y)) < np.where(y == 1, 0.88, 0.62), pick(rng, ["a", "b", "c"], len(y)))


def not_served(rng: np.random.Generator, y: NDArray[np.float64]) -> Any:
    """A tenth of the losers come from a country that nobody delivers to."""
    return np.where(some(rng, y == 0, 0.1), "XX", pick(rng, ["DE", "FR", "IT"], len(y)))


def counter(shift: float) -> Callable[[np.random.Generator, NDArray[np.float64]], Any]:
    return lambda rng, y: rng.poisson(np.exp(0.3 + shift * y)).astype(str)


NOISE = ["red", "green", "blue", "grey"]
BEASTS = (
    Beast("plan_b", "leak", lambda _, y: y.astype(int)),
    Beast("kind", "leak", lambda _, y: np.where(y == 1, "Customer", "Prospect")),
    Beast("colour", "leak", lambda _, y: np.where(y == 1, "zx", "ab")),
    Beast("is_b", "leak", flipped(0.01)),
    Beast("flag_3", "leak", flipped(0.03)),
    Beast("flag_5", "leak", flipped(0.045)),
    Beast("signed_on", "leak", lambda rng, y: only(some(rng, y == 1, 0.9), days(rng, len(y)))),
    Beast("some_day", "leak", lambda rng, y: only(some(rng, y == 1, 0.8), days(rng, len(y)))),
    Beast(
        "field_17", "leak", lambda rng, y: only(some(rng, y == 1, 0.9), rng.lognormal(8, 1, len(y)).round())
    ),
    Beast(
        "deal_value",
        "leak",
        lambda rng, y: np.where(some(rng, y == 1, 0.95), rng.integers(1, 10**5, len(y)), 0),
    ),
    Beast(
        "lost_reason", "leak", lambda rng, y: only(some(rng, y == 0, 0.6), pick(rng, list("pqrstu"), len(y)))
    ),
    Beast(
        "why_not", "caught", lambda rng, y: only(some(rng, y == 0, 0.6), pick(rng, list("pqrstu"), len(y)))
    ),
    Beast("call_duration", "leak", calls),
    Beast("seconds_9", "caught", calls),
    Beast("step", "leak", status),
    Beast("final_score", "leak", number_with(2.0)),
    Beast("reading", "caught", number_with(1.6)),
    Beast("internal_number", "leak", number_with(2.6)),
    Beast("days_to_close", "caught", lambda rng, y: rng.poisson(np.where(y == 1, 20, 45)).astype(str)),
    Beast("account_ref", "leak", lambda rng, y: only(y == 1, serial(rng, y))),
    Beast("code", "leak", coded),
    Beast("strong_driver", "honest", number_with(1.25)),
    Beast("good_driver", "innocent", number_with(0.9)),
    Beast("page_views", "innocent", counter(0.5)),
    Beast("how_it_came", "honest", rare_category),
    Beast(
        "middle_name_known",
        "innocent",
        lambda rng, y: only(rng.random(len(y)) < 0.3, pick(rng, NOISE, len(y))),
    ),
    Beast("occupation", "innocent", occupation),
    Beast("city", "innocent", lambda rng, y: rng.zipf(1.3, len(y)).clip(max=3000).astype(str)),
    Beast("serial", "innocent", serial),
    Beast("uuid", "innocent", uuids),
    Beast("noise", "innocent", lambda rng, y: rng.normal(size=len(y)).round(3)),
    Beast("shade", "innocent", lambda rng, y: pick(rng, NOISE, len(y))),
    Beast("arrival", "innocent", lambda rng, y: days(rng, len(y))),
    Beast("land", "honest", not_served),
    Beast("newsletter", "innocent", lambda rng, y: np.where(rng.random(len(y)) < 0.3 + 0.2 * y, "yes", "no")),
)


def labels_of_zoo(rng: np.random.Generator, leads: int, base: float) -> NDArray[np.float64]:
    return (rng.random(leads) < base).astype(np.float64)


def zoo(seed: int, leads: int, base: float) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Return a column of each beast, and the labels."""
    rng = np.random.default_rng(seed)
    labels = labels_of_zoo(rng, leads, base)
    return pd.DataFrame({beast.name: list(beast.draw(rng, labels)) for beast in BEASTS}), labels


def judged(cells: Any, labels: NDArray[np.float64], **more: Any) -> dict[str, Judged]:
    """Return the verdicts by column; ids are numbers, unless `lead_ids` says otherwise."""
    ids = more.pop("lead_ids", None) or [f"L-{n}" for n in range(len(labels))]
    asked = Asked(cells={name: cells[name] for name in cells}, labels=labels, lead_ids=ids, **more)
    return {column.name: column for column in audit_columns(asked)[0]}


def is_right(expected: Expected, verdict: str) -> bool:
    """Return whether a verdict is what a beast calls for."""
    allowed = {
        "leak": {"leak"},
        "caught": {"leak", "suspect"},
        "honest": {"suspect", "clear"},
        "innocent": {"clear"},
    }
    return verdict in allowed[expected]
