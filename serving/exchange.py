"""What the layers know of the request that passes through them, kept in the ASGI scope under one name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

    from serving.answers import Answerer
    from serving.keys import Key
    from serving.problems import Problem
    from serving.requests import AskedLead
    from serving.routes import Route

_NAME = "leadlens"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for scores, read and checked, with who answers it."""

    leads: list[AskedLead | Problem]
    answerer: Answerer
    reasons_shown: int | None


@dataclass(slots=True)
class Exchange:
    """One request and its answer: filled in from layer to layer, and written to the log at the end."""

    request_id: str
    route: Route | None = None
    key: Key | None = None
    asked: Asked | None = None
    status: int | None = None


def begin(scope: MutableMapping[str, Any], exchange: Exchange) -> None:
    """Put the exchange into the scope."""
    scope[_NAME] = exchange


def exchange_of(scope: MutableMapping[str, Any]) -> Exchange:
    """Return the exchange of a request. Raises KeyError behind no layers at all."""
    return cast("Exchange", scope[_NAME])
