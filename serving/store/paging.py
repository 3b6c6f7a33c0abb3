"""Pages: how large they are, and where the next one begins.

A cursor is text that holds a position in an order, and fits the question alone that it was given for.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import TYPE_CHECKING, Any

from features.errors import Fault, InputError
from serving.wire.values import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_LIMIT, LARGEST_LIMIT = 50, 200

_LONGEST = 400
_LARGEST = 2**63 - 1
_CHECK_BYTES = 9

Key = int | str | None
"""One part of a position in an order."""


def check_limit(limit: int) -> None:
    """Raise InputError where a page of this size is not given."""
    if not 1 <= limit <= LARGEST_LIMIT:
        remedy = "Ask for fewer, and go on with the cursor."
        raise InputError(Fault("limit", f"1 to {LARGEST_LIMIT}", str(limit), remedy))


def write_cursor(asked: Sequence[Any], position: Sequence[Key]) -> str:
    """Return the cursor of what comes after `position` in the answer to a question.

    `asked` (of what JSON holds) is all that makes the question: order and filters, but not the page's size.
    """
    said = json.dumps(position, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_check(asked, said) + said).decode().rstrip("=")


def read_cursor(text: str, asked: Sequence[Any], *kinds: tuple[type, ...]) -> tuple[Key, ...]:
    """Return the position that a cursor of this question holds; its parts are of these `kinds`.

    Raises InputError where it is damaged, or the cursor of another question. Its check is no secret: whoever
    makes one of his own gets no more than a page that begins where he says.
    """
    try:
        held = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        held = b""
    check, said = held[:_CHECK_BYTES], held[_CHECK_BYTES:]
    is_whole = len(text) <= _LONGEST and check == _check(asked, said) and _plain(held) == text
    position = _position(said) if is_whole else None
    if position is None or not _has_kinds(position, kinds):
        raise no_cursor(text)
    return tuple(position)


def no_cursor(text: str) -> InputError:
    """Return the error to raise for what is no cursor of the question."""
    remedy = "Send it unchanged with the same order and filters, or begin again without it."
    return InputError(Fault("cursor", "the `next` of the page before", shown(text), remedy))


def _position(said: bytes) -> list[Key] | None:
    """Return what a cursor holds, or None where no database could compare with it."""
    try:
        position = json.loads(said)
    except ValueError:
        return None
    is_list = isinstance(position, list)
    return position if is_list and all(map(_is_comparable, position)) else None


def _has_kinds(position: Sequence[Key], kinds: Sequence[tuple[type, ...]]) -> bool:
    return len(position) == len(kinds) and all(
        isinstance(part, kind) for part, kind in zip(position, kinds, strict=True)
    )


def _is_comparable(part: Any) -> bool:
    if isinstance(part, str):
        return part.isascii() and part.isprintable()
    return part is None or (type(part) is int and abs(part) <= _LARGEST)


def _check(asked: Sequence[Any], said: bytes) -> bytes:
    question = json.dumps(asked, separators=(",", ":"), sort_keys=True).encode()
    return hashlib.sha256(question + b"\n" + said).digest()[:_CHECK_BYTES]


def _plain(held: bytes) -> str:
    return base64.urlsafe_b64encode(held).decode().rstrip("=")
