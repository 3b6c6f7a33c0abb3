"""How the kernels of this room are compiled: once on a machine, and anew when anything in the room changes.

numba keeps machine code under the name of its function, and compiles anew where the function's own file has
changed. It does not see what else went into that code: functions and constants of other files. So the name
is given a digest of all files of the room: other files, another name, and nothing old is ever read.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

DIGITS = 12
"""Of so many hexadecimal digits of a SHA-256 no two versions of the room are the same."""


def digest_of(folder: Path) -> str:
    """Return a digest of the names and contents of all Python files of a folder."""
    found = hashlib.sha256()
    for file in sorted(folder.glob("*.py")):
        content = file.read_bytes()
        found.update(f"{file.name} {len(content)}\n".encode() + content)
    return found.hexdigest()[:DIGITS]


ROOM = digest_of(Path(__file__).parent)
"""The digest of this room: of what kernels compute, and of how tables are laid out."""


def kernel(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return what compiles a function without the lock of the interpreter, and keeps the machine code.

    `options` are those of `numba.njit`. A kernel may call kernels of this room and use its constants, and
    nothing of another one: its digest tells of nothing else.
    """

    def compiled(function: Callable[..., Any]) -> Any:
        function.__qualname__ = f"{function.__qualname__}_{ROOM}"
        return numba.njit(cache=True, nogil=True, **options)(function)

    return compiled
