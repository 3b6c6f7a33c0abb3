"""Conditions that are asked together: one program answers all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cel

from decisions.conditions.condition import FAILURES, names_in
from decisions.conditions.literals import with_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_PATTERNS = 256
"""So many programs are kept, for different sets of what is lacking; then only null is written into others."""


class Held(NamedTuple):
    """Which conditions hold, by name; and which could not be answered, because something is not known.

    One that could not be answered does not hold.
    """

    true: frozenset[str]
    unknown: frozenset[str]


class Bundle:
    """Conditions by name, compiled as one list: the values are handed over once for all of them.

    To hand a value over takes longer than most conditions. So `constants` are written into the conditions;
    and what a lead lacks, which has the value that `unknown` gives for it, is written into a program of its
    own for leads that lack the same. `needs` are the names that are asked for, in order. Several threads may
    use it.

    A comparison with null, which stands for a number that is not known, cannot be answered, while
    `false && x` is false and `true || x` true whatever x is: such conditions are asked one by one.

    `remembered`: so many answers are remembered, where the same is asked for again and again.
    """

    def __init__(
        self,
        conditions: Mapping[str, str],
        constants: Mapping[str, Any] | None = None,
        unknown: Mapping[str, Any] | None = None,
        *,
        remembered: int = 0,
    ) -> None:
        self.names = tuple(conditions)
        self._texts = {name: with_values(text, constants or {}) for name, text in conditions.items()}
        self._needs_of = {name: names_in(text) for name, text in self._texts.items()}
        self.needs = tuple(sorted(frozenset[str]().union(*self._needs_of.values())))
        lacking = {name: value for name, value in (unknown or {}).items() if name in self.needs}
        self._lacking = tuple(lacking.items())
        self._unknown = lacking
        self._patterns: dict[tuple[str, ...], _Pattern] = {}
        self._most, self._answers = remembered, dict[tuple[Any, ...], Held]()

    def ask(self, values: Mapping[str, Any]) -> Held:
        """Return which conditions hold for values, which name all that is asked for. Raises KeyError else."""
        if not self._most:
            return self._asked(values)
        key = tuple([(values[name], type(values[name])) for name in self.needs])
        try:
            held = self._answers.get(key)
        except TypeError:  # a list among them
            return self._asked(values)
        if held is None:
            held = self._asked(values)
            if len(self._answers) < self._most:
                self._answers[key] = held
        return held

    def _asked(self, values: Mapping[str, Any]) -> Held:
        missing = tuple([name for name, value in self._lacking if values[name] == value])
        pattern = self._patterns.get(missing)
        if pattern is None:
            if len(self._patterns) >= MOST_PATTERNS:
                missing = tuple([name for name in missing if self._unknown[name] is None])
            pattern = self._patterns.get(missing) or self._pattern(missing)
        return pattern.ask(values)

    def _pattern(self, missing: tuple[str, ...]) -> _Pattern:
        known = {name: self._unknown[name] for name in missing}
        void = frozenset(name for name, value in known.items() if value is None)
        texts = {name: with_values(text, known) for name, text in self._texts.items()}
        sure = {name: text for name, text in texts.items() if void.isdisjoint(self._needs_of[name])}
        pattern = _Pattern(sure, {name: text for name, text in texts.items() if name not in sure})
        if len(self._patterns) < 2 * MOST_PATTERNS:
            self._patterns[missing] = pattern
        return pattern


class _Pattern:
    """The conditions for one set of what is lacking: sure ones as one program, the others one by one.

    What asks for nothing any more is answered once, when the pattern is made.
    """

    def __init__(self, sure: Mapping[str, str], unsure: Mapping[str, str]) -> None:
        programs = {name: cel.compile(text) for name, text in {**sure, **unsure}.items()}
        settled = [name for name, program in programs.items() if _is_settled(program)]
        self._settled = _one_by_one([(name, programs[name]) for name in settled], cel.Context({}), _NOTHING)
        asked = {name: text for name, text in sure.items() if name not in settled}
        self._names = tuple(asked)
        self._texts = tuple(asked.values())
        self._together = cel.compile(f"[{', '.join(f'({text})' for text in self._texts)}]")
        self._unsure = tuple((name, programs[name]) for name in unsure if name not in settled)
        needs = {*self._together.variables()}.union(*(program.variables() for _, program in self._unsure))
        self._needs = tuple(needs)

    def ask(self, values: Mapping[str, Any]) -> Held:
        """Return which conditions hold."""
        if not self._needs:
            return self._settled
        asked = cel.Context({name: values[name] for name in self._needs})
        try:
            said = self._together.execute(asked)
        except FAILURES:  # as a division by nought, or text where a number was meant
            alone = [(name, cel.compile(text)) for name, text in zip(self._names, self._texts, strict=True)]
            return _one_by_one([*alone, *self._unsure], asked, self._settled)
        holding = [name for name, holds in zip(self._names, said, strict=True) if holds is True]
        held = Held(self._settled.true.union(holding), self._settled.unknown)
        return _one_by_one(self._unsure, asked, held) if self._unsure else held


def _is_settled(program: cel.Program) -> bool:
    """Return whether a condition has its answer whatever it asks for, as `false && x` has."""
    if not program.variables():
        return True
    try:
        return isinstance(program.execute(cel.Context({})), bool)
    except FAILURES:
        return False


def _one_by_one(programs: Iterable[tuple[str, cel.Program]], asked: cel.Context, held: Held) -> Held:
    """Return which conditions hold, with those of which it is known already."""
    holding, unknown = set(held.true), set(held.unknown)
    for name, program in programs:
        try:
            if program.execute(asked) is True:
                holding.add(name)
        except FAILURES:
            unknown.add(name)
    return Held(frozenset(holding), frozenset(unknown))


_NOTHING = Held(frozenset(), frozenset())
