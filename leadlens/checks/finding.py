"""What a check is given, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from features.errors import InputError
    from serving.settings import Settings

Level = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing, and what to do where it is not well. It holds no secret and no person."""

    check: str
    level: Level
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        level = self.level.upper() if self.level == "failed" else self.level
        return f"{level:<7}  {self.check}: {self.found}" + (f" {self.remedy}" if self.remedy else "")


def of_faults(check: str, problem: InputError) -> Iterator[Finding]:
    """Return what is wrong as findings: what was expected and found, and apart from it what to do."""
    for fault in problem.faults:
        yield Finding(check, "failed", str(replace(fault, remedy="")), fault.remedy or "Correct it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What is looked at. `now` in microseconds UTC; `settings_file` is where it is, or would be."""

    settings: Settings
    settings_file: Path
    environment: Mapping[str, str]
    now: int
    offline: bool

    @property
    def home(self) -> Path:
        """The folder of all that LeadLens keeps."""
        return self.settings.home


Check: TypeAlias = Callable[[Installation], Iterator[Finding]]
