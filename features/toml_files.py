"""A TOML file that somebody wrote, read without trust in it."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from pathlib import Path


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file. Raises FileNotFoundError, and InputError where it is no TOML."""
    try:
        text = path.read_text(encoding="utf-8")
    except ValueError as problem:  # no UTF-8
        raise InputError(Fault(str(path), "TOML in UTF-8", str(problem))) from problem
    return parsed_toml(text, str(path))


def parsed_toml(text: str, said_of: str) -> dict[str, Any]:
    """Return the content of a text in TOML. Raises InputError where it is none."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InputError(Fault(said_of, "TOML in UTF-8", "brackets nested too deeply")) from None
    except ValueError as problem:  # no TOML, or a whole number of thousands of digits
        raise InputError(Fault(said_of, "TOML in UTF-8", str(problem))) from problem
