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


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show how many of something are done: a bar on a terminal, plain lines elsewhere."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda done, of: console.print(f"… {done:,} of {of:,} {what}", highlight=False, soft_wrap=True)
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(what)
        yield lambda done, of: bar.update(task, completed=done, total=of)
