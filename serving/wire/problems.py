"""How the service says no: problem documents (RFC 9457), in one shape everywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from serving.wire.encoding import to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from features.errors import Fault

MEDIA_TYPE = "application/problem+json"
FOUND_LIMIT = 80
ERRORS_SHOWN = 20

_KINDS = {
    400: ("malformed", "The body cannot be read"),
    401: ("key-needed", "A key is needed"),
    403: ("not-allowed", "This is not allowed"),
    404: ("not-found", "Nothing is here"),
    405: ("method", "This method is not offered here"),
    413: ("too-large", "The body is too large"),
    415: ("media-type", "This media type is not understood"),
    422: ("invalid", "The request cannot be used"),
    429: ("too-many", "Too many requests"),
    500: ("internal", "Something went wrong here"),
    503: ("not-ready", "Nothing is serving"),
    504: ("too-slow", "The answer took too long"),
}

_NAMED = {
    "not-open": (409, "The lead is not open"),
    "not-theirs": (409, "The lead is not with this rep"),
    "lead-closed": (409, "The lead is closed"),
    "not-for-sales": (409, "The lead does not go to sales"),
    "taken": (409, "The lead cannot be claimed"),
    "no-room": (409, "The rep has no room"),
    "not-draft": (409, "The policy is no draft"),
    "not-finished": (409, "The job is not finished"),
    "no-result": (409, "The job has no result"),
    "kept-not-scored": (503, "Kept, but not scored"),
    "busy": (503, "The store is busy"),
    "store-away": (503, "The store does not answer"),
    "disk-full": (507, "The disk is full"),
}
"""Kinds that share their status with another: a problem names them itself."""

KINDS = {
    **{kind: (status, title) for status, (kind, title) in _KINDS.items()},
    **_NAMED,
}
"""Every kind of problem: its status and its title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a request was not answered: an HTTP status, one sentence, and each field at fault.

    `kind` is one of KINDS, or empty for the status's own. `more` are further members of the document.
    """

    status: int
    detail: str
    faults: tuple[Fault, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    more: Mapping[str, str] = field(default_factory=dict)


class ProblemError(Exception):
    """Raised where a request is refused; the outermost layer answers with the problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.status)


def refuse(status: int, detail: str, *faults: Fault, **headers: str) -> ProblemError:
    """Return the error to raise. `headers` are named with underscores: www_authenticate."""
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    return ProblemError(Problem(status=status, detail=detail, faults=faults, headers=spelled))


def named_problem(kind: str, detail: str, *, retry_after: str = "", **more: str) -> Problem:
    """Return a problem of one of KINDS, with further members."""
    headers = {"retry-after": retry_after} if retry_after else {}
    return Problem(status=KINDS[kind][0], detail=detail, headers=headers, kind=kind, more=more)


def invalid(faults: Iterable[Fault], *, within: str = "") -> Problem:
    """Return the problem of input with faults; `within` says which lead of a batch has them: 'leads[3].'."""
    placed = tuple(faults)
    if within:
        placed = tuple(type(fault)(within + fault.where, *_rest(fault)) for fault in placed)
    first = placed[0]
    more = f" And {len(placed) - 1} more." if len(placed) > 1 else ""
    detail = f"{first.where}: expected {first.expected}.{more}"
    return Problem(status=422, detail=detail, faults=placed)


def document(problem: Problem) -> dict[str, Any]:
    """Return the members of the problem document. The caller's own values are repeated, shortly."""
    return {
        "type": f"urn:leadlens:problem:{_kind_of(problem)}",
        "title": title_of(problem),
        "status": problem.status,
        "detail": problem.detail,
        "errors": [_error(fault) for fault in problem.faults[:ERRORS_SHOWN]],
        **problem.more,
    }


def title_of(problem: Problem) -> str:
    """Return what problems of this kind are called."""
    return KINDS.get(_kind_of(problem), (0, "The request was not answered"))[1]


def respond(problem: Problem) -> Response:
    """Return the HTTP answer that carries a problem."""
    return Response(to_json(document(problem)), problem.status, dict(problem.headers), MEDIA_TYPE)


def _kind_of(problem: Problem) -> str:
    return problem.kind or _KINDS.get(problem.status, ("other", ""))[0]


def _error(fault: Fault) -> dict[str, str]:
    return {
        "field": _short(fault.where),
        "expected": fault.expected,
        "found": _short(fault.found),
        "remedy": fault.remedy,
    }


def _short(text: str) -> str:
    return text if len(text) <= FOUND_LIMIT else text[: FOUND_LIMIT - 1] + "…"


def _rest(fault: Fault) -> tuple[str, str, str]:
    return fault.expected, fault.found, fault.remedy
