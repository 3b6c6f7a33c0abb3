"""Monotone constraints: what may only raise a margin, or only lower it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.spec import FeatureSpec

Direction = Literal["up", "down"]
_SIGNS = {"up": 1, "down": -1}


def constraint_from(text: str) -> tuple[str, Direction]:
    """Read 'employees=up'. Raises InputError where the part after the last '=' is no direction.

    >>> constraint_from("Total Visits=up")
    ('Total Visits', 'up')
    """
    name, _, way = text.rpartition("=")
    for direction in get_args(Direction):
        if name.strip() and way.strip() == direction:
            return name.strip(), direction
    remedy = "Write for example: --monotone 'employees=up'"
    raise InputError(Fault("--monotone", "a column or feature, = and up or down", f"'{text}'", remedy))


def directions_of(spec: FeatureSpec, monotone: Sequence[tuple[str, Direction]]) -> tuple[int, ...]:
    """Return -1, 0 or 1 for each feature of the spec; () where nothing is constrained.

    A name is a feature's, or a column's, and then of all features that are read from it and have an order.
    Raises InputError where nothing bears the name, or nothing of it has an order.
    """
    if not monotone:
        return ()
    signs = [0] * len(spec.features)
    faults = []
    for name, direction in monotone:
        named = _named(spec, name)
        ordered = _ordered(spec, named)
        for position in ordered:
            signs[position] = _SIGNS[direction]
        if not ordered:
            found = "a category, which has no order" if named else "nothing of that name"
            remedy = f"Features are named for example {', '.join(spec.names[:5])}."
            faults.append(Fault(f"--monotone {name}", "a column or feature of the model", found, remedy))
    if faults:
        raise InputError(*faults)
    return tuple(signs)


def constraints_within(
    spec: FeatureSpec, monotone: Sequence[tuple[str, Direction]]
) -> tuple[tuple[str, Direction], ...]:
    """Return the constraints that a spec of fewer features can keep; the others constrain what it lacks."""
    return tuple((name, way) for name, way in monotone if _ordered(spec, _named(spec, name)))


def _named(spec: FeatureSpec, name: str) -> list[int]:
    return [
        position
        for position, feature in enumerate(spec.features)
        if feature.name == name or (feature.is_of_column and feature.about == name)
    ]


def _ordered(spec: FeatureSpec, positions: list[int]) -> list[int]:
    return [position for position in positions if not spec.features[position].is_category]
