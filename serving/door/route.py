"""One address of the service, what it asks of a caller, and how a path finds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from serving.access.key import Scope

Access = Literal["open", "key", "session"]
Body = Literal["none", "score", "batch", "form", "json", "list", "upload"]

GET = ("GET", "HEAD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address. A name in braces stands for one segment of the path, whatever it holds.

    `access`: open to all; a key in the header with `scope`; or a browser's session, whose key has `scope`.
    `takes_rest`: the name at the end stands for all that follows, slashes too. `operation` names what
    answers, and the operation in the OpenAPI document. `query` are the parameters that are understood.
    `does_without_store`: while the store is away a key that is remembered opens it.
    """

    methods: tuple[str, ...]
    path: str
    access: Access
    scope: Scope | None = None
    body: Body = "none"
    takes_rest: bool = False
    operation: str = ""
    query: tuple[str, ...] = ()
    does_without_store: bool = False
    segments: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "segments", tuple(self.path.split("/")))

    @property
    def names(self) -> tuple[str, ...]:
        """The names in braces, in order."""
        return tuple(segment[1:-1] for segment in self.segments if segment[:1] == "{")

    def params(self, segments: tuple[str | None, ...]) -> dict[str, str] | None:
        """Return what the names stand for in a path, or None where the path is not this route's.

        >>> Route(methods=GET, path="/leads/{id}/x", access="open").params(("", "leads", "a/b", "x"))
        {'id': 'a/b'}
        """
        wanted = self.segments
        if self.takes_rest and len(segments) >= len(wanted) and None not in segments:
            rest = "/".join(segment or "" for segment in segments[len(wanted) - 1 :])
            segments = (*segments[: len(wanted) - 1], rest)
        if len(segments) != len(wanted):
            return None
        found: dict[str, str] = {}
        for name, segment in zip(wanted, segments, strict=True):
            if name[:1] == "{":
                if not segment:
                    return None
                found[name[1:-1]] = segment
            elif name != segment:
                return None
        return found


class Found(NamedTuple):
    """A route that a path belongs to, and what the names in its path stand for."""

    route: Route
    params: dict[str, str]


def segments_of(raw_path: bytes) -> tuple[str | None, ...]:
    """Split a path as it came over the wire, and decode each segment: an id may hold a slash, as %2F.

    A segment that is not UTF-8 is None, and is nobody's.

    >>> segments_of(b"/leads/a%2Fb")
    ('', 'leads', 'a/b')
    """
    return tuple(_decoded(segment) for segment in raw_path.split(b"/"))


def matching(raw_path: bytes, routes: Iterable[Route]) -> list[Found]:
    """Return the routes of an address: none, or one for each set of methods."""
    segments = segments_of(raw_path)
    found = ((route, route.params(segments)) for route in routes)
    return [Found(route, params) for route, params in found if params is not None]


def _decoded(segment: bytes) -> str | None:
    try:
        return (unquote_to_bytes(segment) if b"%" in segment else segment).decode("utf-8")
    except UnicodeDecodeError:
        return None
