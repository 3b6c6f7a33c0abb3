"""The points scorecard at work: rules bound to features, and what they give to each lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from features.durations import DAY_US
from features.read_only import read_only
from models.scorecard.worths import RuleTables, by_feature, ragged, worths_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from features.feature import Family, Feature
    from features.spec import FeatureSpec
    from models.scorecard.points_card import PointsCard, Rule, SectionName, Value

OTHER = "other"
"""The name of the code after the last of a vocabulary."""

_SINCE = {"days_since", "days_in_step"}
"""The measures by which points decay."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A rule that can never match here, and why."""

    section: SectionName
    rule: Rule
    why: str

    def __str__(self) -> str:
        return f"{self.section}: {self.rule.said}: {self.why}"


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A rule on the feature at `position`.

    It matches a value of `among`, or, where that is None, one of the rule's `at_least` or more. `since`: the
    position of the days since the matching event, by which the points decay; None where they do not.
    """

    section: SectionName
    rule: Rule
    position: int
    among: tuple[float, ...] | None
    since: int | None

    def matches(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which values of the feature pass the test, bool (n,). One that is not known never does."""
        if self.rule.at_least is not None:
            return np.asarray(values >= self.rule.at_least)
        return np.isin(values, np.asarray(self.among))


class BoundCard:
    """A card as it reads the vectors of a spec. Pure; each row by itself, to the same bits.

    `rules` are those that can match, in an order that does not depend on the order in the file.
    """

    def __init__(self, card: PointsCard, spec: FeatureSpec) -> None:
        self.card = card
        self.spec = spec
        found = [_bound(section, rule, spec) for section, held in card.sections for rule in held.rules]
        self.rules = tuple(sorted((rule for rule in found if isinstance(rule, BoundRule)), key=_place))
        self.unmatched = tuple(rule for rule in found if isinstance(rule, Unmatched))
        self._tables = _tables(card, self.rules)

    def worths(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each rule gives to each row, float64 (n, rules), after decay and caps.

        `values` float64 (n, features). Decayed points are points x 2**-(days since / half-life). Where what
        the rules of a section give exceeds its cap, they share the cap in proportion.
        """
        return worths_of(values, self._tables)

    def contributions(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the points by feature, float64 (n, features), after decay and caps."""
        return self.by_feature(self.worths(values))

    def by_feature(self, worths: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what rules give (n, rules) as points by feature, float64 (n, features)."""
        return by_feature(worths, self._tables, len(self.spec.features))

    def points(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the points of each row, float64 (n,), not clipped: the exact sum of the contributions."""
        return np.asarray(self.worths(values).sum(axis=1))

    def most(self, family: Family) -> float:
        """Return the most points that features of a family can give, by caps and by what excludes itself."""
        total = 0.0
        for name, held in self.card.sections:
            own = [rule for rule in self.rules if rule.section == name and self._family(rule) == family]
            most = sum(_most_of([r for r in own if r.position == at]) for at in {r.position for r in own})
            total += most if held.cap is None else min(most, float(held.cap))
        return total

    def _family(self, rule: BoundRule) -> Family:
        return self.spec.features[rule.position].family


def _tables(card: PointsCard, rules: Sequence[BoundRule]) -> RuleTables:
    """Return bound rules as the kernel takes them."""
    nan, number = float("nan"), np.float64
    first_value, values = ragged([rule.among or () for rule in rules])
    capped = [
        ([at for at, rule in enumerate(rules) if rule.section == name], float(held.cap))
        for name, held in card.sections
        if held.cap is not None and any(rule.section == name for rule in rules)
    ]
    first_capped, members = ragged([own for own, _ in capped])
    days = [nan if r.rule.half_life is None else r.rule.half_life / DAY_US for r in rules]
    return RuleTables(
        *read_only(
            np.asarray([rule.position for rule in rules], np.int64),
            np.asarray([-1 if rule.since is None else rule.since for rule in rules], np.int64),
            np.asarray([float(rule.rule.points) for rule in rules], number),
            np.asarray(days, number),
            np.asarray([nan if r.rule.at_least is None else r.rule.at_least for r in rules], number),
            first_value,
            np.asarray(values, number),
            first_capped,
            np.asarray(members, np.int64),
            np.asarray([cap for _, cap in capped], number),
        )
    )


def _most_of(rules: list[BoundRule]) -> float:
    """Return the most that rules of one section on one feature can give to one value."""
    tested = [v for rule in rules for v in (rule.among or (rule.rule.at_least,)) if v is not None]
    values = np.asarray(tested, np.float64)
    worths = np.asarray([np.where(rule.matches(values), _at_best(rule), 0.0) for rule in rules])
    return max(0.0, float(worths.sum(axis=0).max(initial=0.0)))


def _at_best(rule: BoundRule) -> float:
    """Return the most that a rule gives where it matches: what decays takes nothing in the end."""
    points = float(rule.rule.points)
    return points if rule.since is None else max(0.0, points)


def _place(rule: BoundRule) -> tuple[int, str, str]:
    return rule.position, rule.section, rule.rule.model_dump_json()


def _bound(section: SectionName, rule: Rule, spec: FeatureSpec) -> BoundRule | Unmatched:
    position = next((i for i, feature in enumerate(spec.features) if feature.name == rule.feature), None)
    if position is None:
        return Unmatched(section, rule, "there is no such feature here")
    feature = spec.features[position]
    if section == "profile" and feature.family != "fit":
        return Unmatched(section, rule, f"the profile is about fit, and this feature about {feature.family}")
    among = None if rule.at_least is not None else codes_of(feature, rule.values)
    why = _why_not(feature, rule, among)
    since = None
    if rule.half_life is not None:
        since = next((i for i, f in enumerate(spec.features) if _tells_since(f, feature)), None)
        why = why or (None if since is not None else "no feature tells how long ago it was (half_life)")
    return Unmatched(section, rule, why) if why else BoundRule(section, rule, position, among, since)


def _why_not(feature: Feature, rule: Rule, among: tuple[float, ...] | None) -> str | None:
    """Return why a rule can never match a feature that is there, or None where it can."""
    if among is None:
        return "a category has no order: test it with equals or in" if feature.is_category else None
    if among:
        return None
    if feature.is_category:
        return f"no such value is known; known are {', '.join(feature.vocabulary[:5])}, …"
    return f"it is a {'yes or no' if _is_yes_or_no(feature) else 'number'}, not {rule.values[0]!r}"


def _tells_since(candidate: Feature, feature: Feature) -> bool:
    return (
        candidate.measure in _SINCE
        and candidate.about == feature.about
        and not (candidate.is_of_column or feature.is_of_column)
    )


def codes_of(feature: Feature, values: tuple[Value, ...]) -> tuple[float, ...]:
    """Return the numbers in the vector that stand for values, without those that the feature cannot have.

    Names of categories are compared without regard to case.
    """
    if feature.is_category:
        wanted = {str(value).strip().casefold() for value in values}
        named = [float(code) for code, name in enumerate(feature.vocabulary) if name.casefold() in wanted]
        return (*named, float(len(feature.vocabulary))) if OTHER in wanted else tuple(named)
    if _is_yes_or_no(feature):
        return tuple(sorted({float(value) for value in values if isinstance(value, bool) or value in {0, 1}}))
    return tuple(sorted(float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)))


def _is_yes_or_no(feature: Feature) -> bool:
    return feature.measure in {"boolean", "contains"}
