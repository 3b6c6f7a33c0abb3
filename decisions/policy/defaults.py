"""The default policy, as it is written in default.toml."""

from __future__ import annotations

import copy
import tomllib
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from decisions.clocks.policy import default_text as clocks_text
from decisions.routing.policy import DEFAULT_ROUTING

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def default_text() -> str:
    """Return the text of the default policy: each section as the room that it is for keeps it."""
    own = (files("decisions.policy") / "default.toml").read_text("utf-8")
    return f"{own}\n{DEFAULT_ROUTING}\n{clocks_text()}"


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(default_text())


def default_content() -> dict[str, Any]:
    """Return what the default policy says, as a copy that may be changed."""
    return copy.deepcopy(_content())


def default_of(section: str) -> Callable[[], Any]:
    """Return what gives a section of the default policy."""
    return partial(_section, section)


def _section(name: str) -> Any:
    return copy.deepcopy(_content()[name])
