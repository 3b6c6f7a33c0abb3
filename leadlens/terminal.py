"""How commands speak: results on standard output, progress on standard error."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def say(line: str) -> None:
    """Print a line of a result."""
    sys.stdout.write(line + "\n")


@contextmanager
def working() -> Iterator[Callable[[str], None]]:
    """Show long work: a spinner with its present step on a terminal, plain lines elsewhere."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda step: console.print(f"… {step}", highlight=False, soft_wrap=True)
        return
    with console.status("reading") as status:
        yield status.update
