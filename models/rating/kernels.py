"""How the kernels of this room are compiled: as those of `models.contributions`, which says why by digest."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numba

from features import decay
from models.contributions.kernels import DIGITS, ROOM, digest_of
from models.reasons import largest, not_known, telling

if TYPE_CHECKING:
    from collections.abc import Callable

_ELSEWHERE = (decay, largest, not_known, telling)
"""Modules of other rooms whose kernels and constants are called for here."""


def _digest() -> str:
    found = hashlib.sha256(f"{digest_of(Path(__file__).parent)} {ROOM}".encode())
    for module in _ELSEWHERE:
        found.update(Path(str(module.__file__)).read_bytes())
    return found.hexdigest()[:DIGITS]


_SOURCES = _digest()


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function without the lock of the interpreter, and keep the machine code.

    It may call kernels of this room, of contributions and of the modules above, and use their constants: the
    digest tells of nothing else. A division by zero gives what IEEE 754 says, as numpy's does.
    """
    function.__qualname__ = f"{function.__qualname__}_{_SOURCES}"
    return numba.njit(cache=True, nogil=True, error_model="numpy")(function)
