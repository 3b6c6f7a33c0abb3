"""How the parts of an installation are, as each of its processes says it: the one board that all read.

Each process keeps a file of its own in the home, so that whoever is asked, over HTTP or at the command line,
can tell of all. A process that cannot write (a full disk) still tells of itself.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

Part = Literal["champion", "registry", "store", "keys", "disk", "worker", "shadow"]
Level = Literal["ok", "degraded", "failed"]
LEVELS: tuple[Level, ...] = get_args(Level)

FOLDER = "conditions"
FORGOTTEN_US = 60_000_000
"""What a process said longer ago counts no more: it has ended, or would have said so again."""

AGAIN_US = 10_000_000
"""After so long a process says the same again, so that it is not forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How one part is, as one process sees it. Times are microseconds UTC.

    `said` is a sentence with what is wrong and what to do; it holds no personal data and no secret. `since`
    is when the part came to this level.
    """

    part: Part
    level: Level
    said: str
    since: int
    program: str


class Board:
    """What this process says of its parts, and what all said. `program` names it: 'server 1', 'worker'.

    Several threads may use it. Nothing here raises where the home cannot be written or a file be read.
    """

    def __init__(self, home: Path, program: str, clock: Callable[[], int]) -> None:
        self._folder = home / FOLDER
        self._program = program
        self._clock = clock
        self._mine: dict[Part, Condition] = {}
        self._written_at = 0
        self._lock = threading.Lock()

    def tell(self, part: Part, level: Level, said: str = "") -> None:
        """Say how a part is. What was said already is written again only after AGAIN_US."""
        now = self._clock()
        with self._lock:
            before = self._mine.get(part)
            since = before.since if before is not None and before.level == level else now
            told = Condition(part=part, level=level, said=said, since=since, program=self._program)
            self._mine[part] = told
            if told != before or now - self._written_at >= AGAIN_US:
                self._write(now)

    def all(self) -> list[Condition]:
        """Return what every process says of its parts, the worst first; of this one what it knows itself."""
        now = self._clock()
        others = [told for path in self._files() for told in _read(path, now)]
        with self._lock:
            mine = list(self._mine.values())
        told = [one for one in others if one.program != self._program] + mine
        return sorted(told, key=lambda one: (-LEVELS.index(one.level), one.part, one.program))

    def _files(self) -> list[Path]:
        try:
            return sorted(self._folder.glob("*.json"))
        except OSError:
            return []

    def _write(self, now: int) -> None:
        path = self._folder / f"{self._program.replace(' ', '-')}.json"
        fresh = path.with_suffix(f".{os.getpid()}.new")
        content = {"at": now, "conditions": [asdict(told) for told in self._mine.values()]}
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh.write_text(json.dumps(content), encoding="utf-8")
            fresh.replace(path)
        except OSError:
            return  # it is said over HTTP all the same, and written with the next news
        self._written_at = now


def worst_of(conditions: Iterable[Condition]) -> Level:
    """Return the worst level of conditions, 'ok' where there are none."""
    return max((one.level for one in conditions), key=LEVELS.index, default="ok")


def conditions_in(home: Path, now: int) -> list[Condition]:
    """Return what the processes of a home said of late, the worst first."""
    return Board(home, "", lambda: now).all()


def _read(path: Path, now: int) -> list[Condition]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if now - int(content["at"]) > FORGOTTEN_US:
            return []
        return [Condition(**told) for told in content["conditions"] if told["level"] in LEVELS]
    except (OSError, ValueError, KeyError, TypeError):
        return []
