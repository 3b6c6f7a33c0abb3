"""What the layers know of the request that passes through them, kept in the ASGI scope under one name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from pathlib import Path
    from typing import Any, BinaryIO

    from serving.access.key import Key
    from serving.door.route import Route
    from serving.scoring.answers import Answerer
    from serving.scoring.asked_lead import AskedLead
    from serving.wire.problems import Problem

_NAME = "leadlens"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for scores, read and checked, with who answers it."""

    leads: list[AskedLead | Problem]
    answerer: Answerer
    reasons_shown: int | None
    explains: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What a request under /v1 brought: checked as far as its kind goes, not yet understood.

    `query` are the parameters by name. `value` is the JSON, `body_sha256` its digest; `upload` a file that
    was sent instead, of `media_type`, which is held open as `held` until it is answered. `arrived_at` is in
    microseconds UTC.
    """

    query: dict[str, str]
    arrived_at: int
    media_type: str = ""
    value: Any = None
    body_sha256: str = ""
    upload: Path | None = None
    held: BinaryIO | None = None


@dataclass(slots=True)
class Exchange:
    """One request and its answer: filled in from layer to layer, and written to the log at the end.

    `score` and `version` are of the one lead that was scored, and of the model that scored it. `more_time`
    gives the answer as long again as it may take from its beginning: for files, as they move.
    """

    request_id: str
    route: Route | None = None
    params: dict[str, str] = field(default_factory=dict)
    key: Key | None = None
    asked: Asked | None = None
    taken: Taken | None = None
    status: int | None = None
    score: int | None = None
    version: int | None = None
    more_time: Callable[[], None] = lambda: None


def begin(scope: MutableMapping[str, Any], exchange: Exchange) -> None:
    """Put the exchange into the scope."""
    scope[_NAME] = exchange


def exchange_of(scope: MutableMapping[str, Any]) -> Exchange:
    """Return the exchange of a request. Raises KeyError behind no layers at all."""
    return cast("Exchange", scope[_NAME])
