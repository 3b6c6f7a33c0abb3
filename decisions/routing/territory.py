"""Territories: which leads a pattern of country, state and postcode takes in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from features.columns.places import code_of
from features.errors import Fault, InputError

_PATTERN = re.compile(r"([A-Za-z]{2})(?:-([A-Za-z0-9]{1,3}))?(?::([A-Za-z0-9*?\- ]{1,12}))?")
_REMEDY = "Write DE, US-CA, or DE:80*: a country of two letters, a state, a postcode with * and ?."


@dataclass(frozen=True, slots=True)
class Territory:
    """A part of the world: a country by two letters, perhaps a state, perhaps postcodes with * and ?."""

    country: str
    state: str | None = None
    postcode: str | None = None

    def holds(self, country: str | None, state: str | None, postcode: str | None) -> bool:
        """Return whether a place lies in it. What is not known of a place lies nowhere.

        >>> territory("DE:80*").holds("Germany", None, "80 331"), territory("US-CA").holds("US", "NY", None)
        (True, False)
        """
        if country is None or code_of(country) != self.country:
            return False
        if self.state is not None and (state is None or _state(state, self.country) != self.state):
            return False
        return self.postcode is None or (
            postcode is not None and fnmatchcase(_packed(postcode), self.postcode)
        )


@lru_cache(maxsize=4096)
def territory(pattern: str) -> Territory:
    """Read a pattern such as `DE`, `US-CA`, `DE:80*`. Raises InputError where it is none."""
    found = _PATTERN.fullmatch(pattern.strip())
    if found is None:
        raise InputError(Fault("territories", "a pattern of places", repr(pattern[:80]), _REMEDY))
    country, state, postcode = found.groups()
    return Territory(
        country.upper(), state.upper() if state else None, _packed(postcode) if postcode is not None else None
    )


def _state(state: str, country: str) -> str:
    """Return a state's own letters: `US-CA` and `ca` are both `CA`."""
    return state.strip().upper().removeprefix(f"{country}-")


def _packed(postcode: str) -> str:
    return re.sub(r"[\s-]", "", postcode).upper()
