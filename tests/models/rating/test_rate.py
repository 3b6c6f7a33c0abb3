"""The kernel that rates against the formulas as numpy says them, to the bit."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.feature import Feature
from features.words import ENGLISH
from models.calibration import Calibration
from models.curve import Curve
from models.rated import CONFIDENCES, Rated
from models.rating.curves import NO_SCORE, curve_at
from models.rating.rater import Rater
from models.rating.tables import Constants, tables_of
from models.reasons.groups import Group
from models.reasons.largest import BLOCK, NOBODY, largest_of
from models.reasons.merit import MissingAsMerit
from models.reasons.not_known import NAMED, NO_GROUP, NotKnown
from models.reasons.rest import remainder
from models.reasons.telling import effect_of

AMOUNTS = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.1, 0.2, -0.3, 0.5, -0.05, -0.1, 1e-300, 5e-324, 1e16]),
    st.floats(-3, 3),
)
VALUES = st.sampled_from([0.0, 0.3, 0.7, 1.0, math.nan, math.nan, math.inf, -math.inf])
KNOTS = st.one_of(st.floats(-4, 4), st.sampled_from([-1.0, 0.0, 0.1, 0.5, 5e-324]))
WHOLE = Feature("share", "number", "fit", "share", "completeness")


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    x = np.asarray(sorted(draw(st.sets(KNOTS, min_size=1, max_size=9))))
    rising = sorted(
        draw(
            st.lists(
                st.one_of(st.floats(0, 1), st.sampled_from([0.5, 0.75])),
                min_size=len(x) + 2,
                max_size=len(x) + 2,
            )
        )
    )
    return Curve(x, np.asarray(rising[1:-1]), rising[0], rising[-1])


@given(curves(), st.lists(st.one_of(AMOUNTS, st.sampled_from([math.nan, math.inf, -math.inf])), max_size=9))
def test_a_curve_has_the_same_bits_in_the_kernel(curve: Curve, more: list[float]) -> None:
    tables = tables_of(
        curves=[curve] * 6, groups=[], names=[], families=[[], []], columns=[], least=np.zeros(0)
    )
    beside = [math.nextafter(x, side) for x in curve.x.tolist() for side in (-math.inf, math.inf)]
    for point in [*curve.x.tolist(), *beside, *more]:
        assert repr(float(curve_at(tables, 3, point))) == repr(float(curve.at([point])[0]))


@dataclass(frozen=True)
class Parts:
    """What a made scorer is made of."""

    groups: tuple[Group, ...]
    curves: tuple[Curve | None, ...]
    families: tuple[Any, Any]
    columns: list[Any]
    expected: float
    merit: MissingAsMerit

    @property
    def missing(self) -> NotKnown:
        return NotKnown(self.groups, ENGLISH)

    @property
    def at_ends(self) -> list[float]:
        ends = [self.expected, self.expected - 0.1, self.expected + 0.1]
        ranks = self.curves[0]
        assert ranks is not None
        return (100.0 * ranks.at(ends)).tolist()

    def rater(self) -> Rater:
        at_expected, low, high = self.at_ends
        tables = tables_of(
            curves=self.curves,
            groups=[group.positions for group in self.groups],
            names=self.missing.names,
            families=self.families,
            columns=self.columns,
            least=self.merit.least,
        )
        constants = Constants(self.expected, at_expected, (high - low) / 0.2, min(99, int(at_expected)), 2)
        return Rater(tables, constants, 0.5)


@st.composite
def made(draw: st.DrawFn) -> Parts:
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=6))
    features = sum(sizes)
    owners = np.asarray(draw(st.permutations(np.repeat(np.arange(len(sizes)), sizes).tolist())))
    # Some names are told twice, so that of two groups one is named.
    names = draw(st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=len(sizes), max_size=len(sizes)))
    groups = tuple(
        Group(
            is_of_column=draw(st.booleans()),
            about=name,
            family="fit",
            positions=tuple(np.flatnonzero(owners == at).tolist()),
            features=(Feature(name, "number", "fit", name),),
        )
        for at, name in enumerate(names)
    )
    share = draw(st.integers(0, features - 1))
    told = [WHOLE if at == share else Feature(f"f{at}", "number", "fit", f"f{at}") for at in range(features)]
    usual = np.asarray([draw(st.sampled_from([math.nan, 0.4, 0.9]))] * features)
    where = st.integers(0, 2**features - 1).map(lambda mask: [at for at in range(features) if mask >> at & 1])
    return Parts(
        groups=groups,
        curves=(*(draw(curves()) for _ in range(5)), draw(st.none() | curves())),
        families=(draw(where), draw(where)),
        columns=draw(st.lists(where.filter(bool), max_size=4)),
        expected=draw(st.floats(-2, 2)),
        merit=MissingAsMerit(told, usual),
    )


def by_numpy(parts: Parts, values: Any, contributions: Any, shown: int | None) -> dict[str, Any]:
    """Return what is to be rated, by the formulas of the definition."""
    ranks, point, low, high, fit, engagement = parts.curves
    assert ranks is not None
    assert point is not None
    assert low is not None
    assert high is not None
    assert fit is not None
    margin = np.full(len(values), parts.expected)
    for feature in range(values.shape[1]):
        margin += contributions[:, feature]
    at_expected, at_low, at_high = parts.at_ends
    distance = margin - parts.expected
    near = np.abs(distance) < 0.1
    far = (100.0 * ranks.at(margin) - at_expected) / np.where(near, 1.0, distance)
    slope = np.where(near, (at_high - at_low) / 0.2, far)
    score = rating(ranks.at(margin))
    probability, lower, upper = Calibration(point, low, high).at(margin)
    known = parts.merit.taken_out(values, contributions)
    largest = largest_of(contributions, known, parts.groups, shown)
    effects = [
        [effect_of(amount, float(slope[row])) for _, amount in largest.of_row(row)]
        for row in range(len(values))
    ]
    baseline = min(99, int(at_expected))
    amounts = [[amount for _, amount in largest.of_row(row)] for row in range(len(values))]
    named = [parts.missing.of(values[row], contributions[row]) for row in range(len(values))]
    enough = [
        sum(not np.isnan(row[list(own)]).all() for own in parts.columns) * 2 >= len(parts.columns)
        for row in values
    ]
    return {
        "margin": margin,
        "score": score,
        "probability": probability,
        "low": lower,
        "high": upper,
        "fit_score": rating(fit.at(summed(contributions, parts.families[0]))),
        "engagement_score": None
        if engagement is None
        else rating(engagement.at(summed(contributions, parts.families[1]))),
        "confidence": np.where(enough, CONFIDENCES.index("high"), 0).astype(np.int8),
        "slope": slope,
        "group": largest.group,
        "log_odds": largest.log_odds,
        "effects": effects,
        "rest_log_odds": np.asarray(
            [remainder(a, float(m) - parts.expected) for a, m in zip(amounts, margin, strict=True)]
        ),
        "rest_effect": np.asarray(
            [remainder(e, float(s - baseline)) for e, s in zip(effects, score, strict=True)]
        ),
        "not_known": np.asarray([one + [NO_GROUP] * (NAMED - len(one)) for one in named], np.int32),
    }


def rating(rank: Any) -> Any:
    return np.minimum(99, np.floor(100.0 * rank)).astype(np.int64)


def summed(contributions: Any, positions: Any) -> Any:
    total = np.zeros(len(contributions))
    for position in positions:
        total += contributions[:, position]
    return total


def bits(column: Any) -> Any:
    return None if column is None else (column.dtype, column.shape, column.tobytes())


def columns_of(rated: Rated) -> dict[str, Any]:
    held = [int((groups != NOBODY).sum()) for groups in rated.largest.group]
    return {
        "margin": rated.margin,
        "score": rated.score,
        "probability": rated.probability,
        "low": rated.low,
        "high": rated.high,
        "fit_score": rated.fit_score,
        "engagement_score": rated.engagement_score,
        "confidence": rated.confidence,
        "slope": rated.slope,
        "group": rated.largest.group,
        "log_odds": rated.largest.log_odds,
        "effects": [row[:many].tolist() for row, many in zip(rated.effect, held, strict=True)],
        "rest_log_odds": rated.rest_log_odds,
        "rest_effect": rated.rest_effect,
        "not_known": rated.not_known,
    }


@given(st.data(), made(), st.integers(0, 4), st.sampled_from([0, 1, 2, 5, None]))
def test_what_is_rated_has_the_bits_of_the_formulas(
    data: Any, parts: Parts, rows: int, shown: int | None
) -> None:
    features = len(parts.merit.least)
    size = rows * features
    values = np.asarray(data.draw(st.lists(VALUES, min_size=size, max_size=size)), np.float64)
    amounts = np.asarray(data.draw(st.lists(AMOUNTS, min_size=size, max_size=size)), np.float64)
    values, amounts = values.reshape(rows, features), amounts.reshape(rows, features)
    found = columns_of(parts.rater().rated(values, np.column_stack([amounts, np.ones(rows)]), shown))
    wanted = by_numpy(parts, values, amounts, shown)
    assert repr(found.pop("effects")) == repr(wanted.pop("effects"))
    if not rows:
        wanted["not_known"] = wanted["not_known"].reshape(0, NAMED)
    for name, column in wanted.items():
        assert bits(found[name]) == bits(column), name


@pytest.fixture(scope="module")
def some_parts() -> Parts:
    groups = tuple(
        Group(
            is_of_column=True,
            about=f"g{at}",
            family="fit",
            positions=(2 * at, 2 * at + 1),
            features=(Feature(f"g{at}", "number", "fit", f"g{at}"),),
        )
        for at in range(5)
    )
    grid = np.linspace(-3, 3, 101)
    curve = Curve(grid, np.linspace(0.01, 0.99, 101), 0.0, 1.0)
    told = [Feature(f"f{at}", "number", "fit", f"f{at}") for at in range(10)]
    return Parts(groups, (curve,) * 6, ([0, 1, 2], [3, 4]), [[0], [1, 2]], -0.4, MissingAsMerit(told, None))


def test_a_row_is_rated_alike_alone_and_among_many_on_several_threads(some_parts: Parts) -> None:
    rng, rows = np.random.default_rng(3), 2 * BLOCK + 7
    amounts = rng.normal(size=(rows, 10)).round(1)
    values = np.where(rng.random((rows, 10)) < 0.6, np.nan, 1.0)
    rater = some_parts.rater()
    together = columns_of(rater.rated(values, amounts, 3))
    apart = columns_of(rater.rated(np.asfortranarray(values), amounts, 3, threads=3))
    assert repr(together.pop("effects")) == repr(apart.pop("effects"))
    assert {name: bits(column) for name, column in together.items()} == {
        name: bits(column) for name, column in apart.items()
    }
    for row in (0, BLOCK - 1, BLOCK, rows - 1):
        alone = columns_of(rater.rated(values[row : row + 1], amounts[row : row + 1], 3))
        for name, column in together.items():
            assert alone[name].tobytes() == column[row : row + 1].tobytes(), name


def test_of_what_lowers_a_margin_alike_the_first_by_name_are_named(some_parts: Parts) -> None:
    names = ["d", "b", "c", "a", "b"]
    groups = tuple(
        replace(group, about=name, features=(Feature(name, "number", "fit", name),))
        for group, name in zip(some_parts.groups, names, strict=True)
    )
    parts, amounts = replace(some_parts, groups=groups), np.full((1, 10), -0.1)
    found = parts.rater().rated(np.full((1, 10), np.nan), amounts, 3)
    assert found.not_known.tolist() == [[3, 1, 2]]
    assert parts.missing.of(np.full(10, np.nan), amounts[0]) == [3, 1, 2]


def test_a_margin_that_is_no_number_is_rated_as_numpy_rates_it(some_parts: Parts) -> None:
    amounts = np.full((1, 10), np.nan)
    found = some_parts.rater().rated(np.ones((1, 10)), amounts, 3)
    assert found.score.tolist() == [NO_SCORE]
    assert np.isnan(found.probability).all()


def test_a_band_holds_its_point_and_an_effect_of_nothing_has_no_sign(some_parts: Parts) -> None:
    above, below = constant(0.9), constant(0.1)
    ranks, point, _, _, fit, engagement = some_parts.curves
    amounts = np.zeros((1, 10))
    amounts[0, 0] = -1e-300
    crossed = replace(some_parts, curves=(ranks, point, above, below, fit, engagement))
    found = crossed.rater().rated(np.ones((1, 10)), amounts, 3)
    assert found.probability is not None
    assert (found.low, found.high) == (found.probability, found.probability)
    assert [repr(effect) for effect in found.effect[0].tolist()] == ["0.0", "0.0", "0.0"]


def constant(value: float) -> Curve:
    return Curve(np.asarray([0.0]), np.asarray([value]), value, value)
