"""The file of one process's figures: written in place many times an hour, and readable at any moment.

It has two halves of one size, each with a number, a length and a checksum before its content. A writer fills
the half that is older, so the newer one is whole whenever somebody looks, or the writer is killed. Room is
taken when the file is made and when the figures outgrow it: a disk that is full afterwards loses nothing. A
mapped file would end the process there (decision 040).
"""

from __future__ import annotations

import os
import struct
import zlib
from contextlib import suppress

_HEAD = struct.Struct("<QII")
FIRST_HALF_BYTES = 32 * 1024


class KeptTally:
    """Writes figures into the file behind a descriptor, which is open for reading and writing."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._number = max(number for number, _ in _halves(descriptor))
        self._half_bytes = os.fstat(descriptor).st_size // 2

    def write(self, content: bytes) -> None:
        """Put figures in the place of those before. Raises OSError where there is no room for more."""
        if _HEAD.size + len(content) > self._half_bytes:
            self._grow(_HEAD.size + len(content))
        number = self._number + 1
        head = _HEAD.pack(number, len(content), _checksum(number, content))
        os.pwrite(self._descriptor, head + content, (number % 2) * self._half_bytes)
        self._number = number

    def _grow(self, needed: int) -> None:
        """Take room for more. What was written before is lost for a moment, and stands in what comes now."""
        half = max(FIRST_HALF_BYTES, 2 * needed)
        with suppress(AttributeError):  # not everywhere is there a way to take room beforehand
            os.posix_fallocate(self._descriptor, 0, 2 * half)
        os.ftruncate(self._descriptor, 2 * half)
        self._half_bytes = half


def newest(descriptor: int) -> bytes:
    """Return the newest figures that a file holds whole; empty where it holds none."""
    return max(_halves(descriptor))[1]


def _halves(descriptor: int) -> list[tuple[int, bytes]]:
    half = os.fstat(descriptor).st_size // 2
    return [_half(os.pread(descriptor, half, at)) for at in (0, half)]


def _half(content: bytes) -> tuple[int, bytes]:
    if len(content) < _HEAD.size:
        return 0, b""
    number, length, checksum = _HEAD.unpack_from(content)
    figures = content[_HEAD.size : _HEAD.size + length]
    is_whole = number and len(figures) == length and _checksum(number, figures) == checksum
    return (number, figures) if is_whole else (0, b"")


def _checksum(number: int, figures: bytes) -> int:
    """Return the checksum of a half: of its number too, or a half that is all zeros would be a whole one."""
    return zlib.crc32(figures, number & 0xFFFF_FFFF)
