"""Answered requests become lines of the access log, many at once.

They are the lines that Python's logging would write with the formats of `serving.logs`, which takes several
times as long for each.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from serving.logs import ACCESS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from serving.telemetry.served import Served

_DIGITS = tuple(f"{number:03d}" for number in range(1_000))
"""Three digits of any number below a thousand: to look them up is faster than to format them."""


class _Line(msgspec.Struct, gc=False):
    """A line of a structured log."""

    time: str
    level: str
    logger: str
    message: str
    program: str
    method: str
    route: str
    status: int | None
    ms: float
    request_id: str
    key_id: str


def message_of(one: Served) -> str:
    """Return what the log says of a request: a route, never a path."""
    return (
        f"{one.method} {one.route} {one.status or '-'} {one.seconds * 1_000:.1f}ms "
        f"request={one.request_id} key={one.key_id}"
    )


def fields_of(one: Served) -> dict[str, Any]:
    """Return the fields of a request in a structured log."""
    return {
        "method": one.method,
        "route": one.route,
        "status": one.status,
        "ms": _milliseconds(one.seconds),
        "request_id": one.request_id,
        "key_id": one.key_id,
    }


def text_lines(many: Iterable[Served]) -> str:
    """Return a line for each request, as people read it."""
    return "".join([f"{_local(one.began + one.seconds)} INFO {ACCESS}: {message_of(one)}\n" for one in many])


def json_lines(program: str) -> Callable[[Iterable[Served]], str]:
    """Return what makes a JSON object, a line each, of the requests that a program answered."""
    encode = msgspec.json.Encoder().encode_lines

    def lines(many: Iterable[Served]) -> str:
        return encode([_line(one, program) for one in many]).decode()

    return lines


def _line(one: Served, program: str) -> _Line:
    return _Line(
        _utc(one.began + one.seconds), "INFO", ACCESS, message_of(one), program,
        one.method, one.route, one.status, _milliseconds(one.seconds), one.request_id, one.key_id,
    )  # fmt: skip


def _milliseconds(seconds: float) -> float:
    """Return seconds as milliseconds, to the microsecond: to a whole number, which is rounded soonest."""
    return round(seconds * 1_000_000) / 1_000


def _local(seconds: float) -> str:
    whole = int(seconds)
    return f"{_local_second(whole)},{_DIGITS[int((seconds - whole) * 1_000)]}"


def _utc(seconds: float) -> str:
    whole = int(seconds)
    thousands, ones = divmod(int((seconds - whole) * 1_000_000), 1_000)
    return f"{_utc_second(whole)}.{_DIGITS[thousands]}{_DIGITS[ones]}+00:00"


@lru_cache(8)
def _local_second(second: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))


@lru_cache(8)
def _utc_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
