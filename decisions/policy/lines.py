"""On which line of a policy a setting stands."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HEADER = re.compile(r"^\s*\[\[?\s*(.+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(
    r"^\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'))*)\s*="
)


def line_of(text: str, place: Sequence[str | int]) -> int | None:
    r"""Return the line, counted from 1, of the setting at a place, or of the nearest table around it.

    >>> line_of("a = 1\n[b]\nc = 2\n", ("b", "c")), line_of("a = 1\n[b]\n", ("b", "d"))
    (3, 2)
    """
    wanted = tuple(part for part in place if isinstance(part, str))
    best, depth = None, 0
    for line, path in _places(text):
        shared = path == wanted[: len(path)]
        if shared and len(path) > depth:
            best, depth = line, len(path)
    return best


def _places(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield each line that names a table or a setting, with its place."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _HEADER.match(line):
            table = _parts(found[1])
            yield number, table
        elif found := _KEY.match(line):
            yield number, (*table, *_parts(found[1]))


def _parts(dotted: str) -> tuple[str, ...]:
    try:
        content = tomllib.loads(f"{dotted} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    parts = []
    while isinstance(content, dict):
        [(name, content)] = content.items()
        parts.append(name)
    return tuple(parts)
