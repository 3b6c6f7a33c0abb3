"""The parameters of a query, read one by one."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from features.errors import Fault, InputError
from features.times import TimeRules
from serving.wire.problems import ProblemError, invalid
from serving.wire.values import Faults, shown, time_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Chosen = TypeVar("Chosen", bound=str)


@contextmanager
def in_query() -> Iterator[None]:
    """Say of faults that are found within that they stand in the query. Raises ProblemError (422)."""
    try:
        yield
    except InputError as problem:
        placed = [replace(fault, where=f"?{fault.where.removeprefix('?')}") for fault in problem.faults]
        raise ProblemError(invalid(placed)) from problem


class Query:
    """Reads parameters, and gathers what is wrong with them. Missing ones are None."""

    def __init__(self, sent: Mapping[str, str], zone: str = "UTC") -> None:
        self._sent = sent
        self._rules = TimeRules(zone=zone)
        self._faults = Faults()

    def checked(self) -> None:
        """Raise ProblemError (422) where anything was wrong."""
        if self._faults:
            raise ProblemError(invalid(self._faults))

    def text(self, name: str, *choices: str) -> str | None:
        """Return a text, one of the choices if there are any."""
        text = self._sent.get(name)
        if text is None or not choices or text in choices:
            return text
        self._faults.say(f"?{name}", f"one of {', '.join(choices)}", text, "Choose from these.")
        return None

    def choice(self, name: str, choices: tuple[Chosen, ...]) -> Chosen | None:
        """Return one of the choices."""
        text = self.text(name, *choices)
        return next((one for one in choices if one == text), None)

    def texts(self, name: str, *choices: str) -> tuple[str, ...]:
        """Return what stands between commas, each one of the choices."""
        text = self._sent.get(name)
        found = () if text is None else tuple(text.split(","))
        for one in found:
            if one not in choices:
                self._faults.say(f"?{name}", f"some of {', '.join(choices)}", one, "Choose from these.")
        return found

    def whole(self, name: str, low: int, high: int) -> int | None:
        """Return a whole number within limits, which are part of them."""
        text = self._sent.get(name)
        if text is None:
            return None
        if text.isascii() and text.isdecimal() and len(text) < 19 and low <= int(text) <= high:
            return int(text)
        fault = Fault(f"?{name}", f"a whole number from {low} to {high}", shown(text), "Choose from these.")
        self._faults.append(fault)
        return None

    def time(self, name: str, *, day_end: bool) -> int | None:
        """Return a time in microseconds UTC."""
        text = self._sent.get(name)
        return None if text is None else time_at(f"?{name}", text, self._rules, self._faults, day_end=day_end)
