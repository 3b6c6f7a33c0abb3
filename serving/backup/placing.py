"""Putting what was built aside in the place of a home: whole, and so that it can be taken back."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True, kw_only=True)
class Place:
    """Where a home goes. `new` is the folder to build it in; `before` will hold what was there, if anything.

    A home that is a folder like others is renamed. One that cannot be, because something is mounted there,
    because a process like this one stands in it, or because the folder around it may not be written, keeps
    its place, and what is in it is moved.
    """

    home: Path
    new: Path
    before: Path | None
    is_kept: bool
    _moved: list[tuple[Path, Path]] = field(default_factory=list)

    def put(self) -> None:
        """Move what was there aside and what was built in, each step noted; done already, it does nothing.

        Raises InputError where the home cannot be moved; then all is as it was.
        """
        if self._moved:
            return
        try:
            for step in list(self._steps()):
                step[0].rename(step[1])
                self._moved.append(step)
        except OSError as problem:
            self.take_back()
            remedy = "Name another home, or make room for it there."
            raise InputError(
                Fault(str(self.home), "a folder that can be moved", str(problem), remedy)
            ) from problem

    def take_back(self) -> None:
        """Undo what `put` has done."""
        while self._moved:
            source, target = self._moved.pop()
            target.rename(source)
        if self.is_kept and self.before is not None and self.before.exists():
            self.before.rmdir()

    def _steps(self) -> Iterator[tuple[Path, Path]]:
        if not self.is_kept:
            if self.before is not None:
                yield self.home, self.before
            yield self.new, self.home
            return
        own = {self.new.parent, self.before}
        if self.before is not None:
            self.before.mkdir(mode=0o700, exist_ok=True)
            yield from ((path, self.before / path.name) for path in self.home.iterdir() if path not in own)
        yield from ((path, self.home / path.name) for path in self.new.iterdir())


@contextmanager
def place_of_home(home: Path, *, is_taken: bool) -> Iterator[Place]:
    """Find out how a home can be put there, links followed, and make room to build it beside or inside.

    Raises InputError where there can be none. What is left in that room is removed at the end.
    """
    home = home.resolve()
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        is_kept = home.is_dir() and _cannot_be_renamed(home)
        around = home if is_kept else home.parent
        room = around / f".{home.name}.restored-{secrets.token_hex(4)}"
        (room / "home").mkdir(mode=0o700, parents=True)
    except OSError as problem:
        remedy = "Name a home that this user may write."
        raise InputError(
            Fault(str(home), "a place for a home", problem.strerror or str(problem), remedy)
        ) from problem
    before = around / f"{home.name}.before-{secrets.token_hex(4)}" if is_taken else None
    try:
        yield Place(home=home, new=room / "home", before=before, is_kept=is_kept)
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _cannot_be_renamed(home: Path) -> bool:
    return (
        os.path.ismount(home)
        or Path.cwd().resolve().is_relative_to(home)
        or not os.access(home.parent, os.W_OK | os.X_OK)
    )
